/** Runs that are kept: whole or not at all, each under a name of its own, and never at the other end of a link. */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAddress, printAddress } from '../../report/address.ts'
import { UserError } from '../../report/errors.ts'
import { readTraceJson, stepNames } from '../../report/formats/json.ts'
import { folderOf, savedRun, saveRun, type Disk, type FoundRun } from '../../report/save.ts'
import { useAfterFree } from './fixture.ts'

const trace = useAfterFree()
const schedule = trace.steps.map(({ choice }) => choice)
const addressOf = (scenario: string, taken: readonly number[] = schedule, choices = { unmap: 'per-mapping' }): string =>
  printAddress({ scenario, choices, fingerprint: '9f3c51d07ab2', schedule: taken })

const address = addressOf('stale-dma')
const found: FoundRun = { address, trace, text: 'what was found\n', shortest: true, complete: true }

let desk = ''
let folder = ''
beforeEach(() => {
  desk = fs.mkdtempSync(join(tmpdir(), 'relock-save-'))
  folder = join(desk, '.relock')
})
afterEach(() => fs.rmSync(desk, { recursive: true }))

const home = (of = address): string => join(folder, folderOf(of))
const text = (of = address): string => fs.readFileSync(join(home(of), 'run.txt'), 'utf8')

/** What anybody can see: every named folder holds a whole text and a whole run, and nothing else is there. */
const expectWhole = (texts: readonly string[]): void => {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => !name.startsWith('.new-')) : []
  for (const name of names) {
    expect(fs.readdirSync(join(folder, name)).toSorted()).toEqual(['run.trace.json', 'run.txt'])
    const path = join(folder, name, 'run.trace.json')
    expect(folderOf(readTraceJson(fs.readFileSync(path, 'utf8'), path).address)).toBe(name)
    expect(texts).toContain(fs.readFileSync(join(folder, name, 'run.txt'), 'utf8'))
  }
}

const calls = [
  'closeSync',
  'fsyncSync',
  'mkdirSync',
  'mkdtempSync',
  'openSync',
  'readdirSync',
  'renameSync',
  'rmSync',
  'writeFileSync',
] as const

/** A disk of which one call fails, having done half of what it should; and, if the power fails with it, all that come later. */
const failing = (at: number, code: string, power: boolean): { disk: Disk; readonly made: number } => {
  let made = 0
  const disk: Record<string, unknown> = { ...fs }
  for (const name of calls) {
    const real = fs[name] as (...args: unknown[]) => unknown
    disk[name] = (...args: unknown[]): unknown => {
      made++
      // To delete needs no room.
      const fails = power ? made >= at : made === at && name !== 'rmSync'
      if (!fails) return real(...args)
      if (made === at && name === 'writeFileSync') real(args[0], String(args[1]).slice(0, 100))
      throw Object.assign(new Error(code), { code })
    }
  }
  return {
    disk: disk as Disk,
    get made() {
      return made
    },
  }
}

describe('a run is kept', () => {
  test('in a folder of its own, and can be read again', () => {
    expect(saveRun(found, folder)).toEqual({
      said: join(home(), 'run.{txt,trace.json}'),
      run: join(home(), 'run.trace.json'),
    })
    expect(fs.readdirSync(folder)).toEqual([folderOf(address)])
    expect(folderOf(address)).toMatch(/^stale-dma-[0-9a-f]{12}$/)
    expectWhole([found.text])
    expect(savedRun(parseAddress(address), folder)?.run).toMatchObject({ address, schedule, names: stepNames(trace) })
  })

  test('and is synced before it gets its name, and the name after', () => {
    const told: string[] = []
    const disk: Disk = {
      ...fs,
      fsyncSync: (file) => (told.push('sync'), fs.fsyncSync(file)),
      renameSync: (from, to) => (told.push('rename'), fs.renameSync(from, to)),
    }
    saveRun(found, folder, disk)
    expect(told).toEqual(['sync', 'sync', 'sync', 'rename', 'sync'])
  })

  test('under one name for each run of each world', () => {
    const addresses = [
      addressOf('./a/b.ts'),
      addressOf('./a-b.ts'),
      addressOf('./a-b.mts'),
      addressOf('./a-b.ts', [...schedule.slice(0, -1), 7]),
      addressOf('./a-b.ts', schedule, { unmap: 'restart' }),
      addressOf('/a/path/that/is/very/long/'.repeat(20)),
      addressOf('…'),
    ]
    for (const each of addresses) saveRun({ ...found, address: each, text: each }, folder)
    for (const each of addresses) expect(text(each)).toBe(each)
    expect(fs.readdirSync(folder)).toHaveLength(addresses.length)
    expectWhole(addresses)
  })

  test('and a longer one that a sample finds leaves it as it is', () => {
    saveRun(found, folder)
    saveRun({ ...found, address: addressOf('stale-dma', [...schedule, 0, 0]), shortest: false, text: 'longer' }, folder)
    expect(text()).toBe(found.text)
  })

  test('as the shortest although a sample finds it, too', () => {
    saveRun(found, folder)
    const again = saveRun({ ...found, shortest: false, text: 'sampled' }, folder)
    expect(again).toEqual({
      said: `nothing new: ${home()} has this run already, proved to be the shortest`,
      run: join(home(), 'run.trace.json'),
    })
    expect(text()).toBe(found.text)
  })

  test('as it is although a search that was bounded finds it again, and proves again that it is the shortest', () => {
    saveRun(found, folder)
    expect(saveRun({ ...found, complete: false, text: 'bounded' }, folder).said).toMatch(/^nothing new: /)
    expect(text()).toBe(found.text)
  })

  test('and never overwritten by a worse one, whatever is found in whatever order', () => {
    const other = addressOf('late-pin')
    const runs = fc.record({ address: fc.constantFrom(address, other), shortest: fc.boolean(), complete: fc.boolean() })
    /** What a save may replace: something that says no more than it does. */
    const worth = (run: { readonly shortest: boolean; readonly complete: boolean }): number =>
      run.shortest ? (run.complete ? 2 : 1) : 0
    fc.assert(
      fc.property(fc.array(runs, { minLength: 1, maxLength: 8 }), (all) => {
        fs.rmSync(folder, { recursive: true, force: true })
        for (const [nth, run] of all.entries()) saveRun({ ...found, ...run, text: `${nth}` }, folder)
        for (const of of new Set(all.map((run) => run.address))) {
          const kept = Number(text(of))
          const rivals = all.flatMap((run, nth) => (run.address === of ? [{ nth, run }] : []))
          expect(all[kept]!.address).toBe(of)
          expect(worth(all[kept]!)).toBe(Math.max(...rivals.map(({ run }) => worth(run))))
          expect(savedRun(parseAddress(of), folder)?.run.shortest).toBe(all[kept]!.shortest)
        }
      }),
    )
  })

  test('anew when it is proved to be the shortest, or found again', () => {
    saveRun({ ...found, shortest: false, text: 'sampled' }, folder)
    saveRun({ ...found, shortest: false, text: 'sampled again' }, folder)
    expect(text()).toBe('sampled again')
    saveRun(found, folder)
    expect(text()).toBe(found.text)
    expect(savedRun(parseAddress(address), folder)?.run.shortest).toBe(true)
    expectWhole([found.text])
  })
})

const earlier = { ...found, shortest: false, complete: false, text: 'earlier\n' }

describe.each([
  ['for the first time', []],
  ['where it was kept before', [earlier]],
])('a run is kept %s', (_, before) => {
  const texts = [found.text, ...before.map((each) => each.text)]
  const all = (): number => {
    const counting = failing(0, '', false)
    saveRun(found, folder, counting.disk)
    return counting.made
  }

  test('whole or not at all, whichever call is the last one before the power fails', () => {
    for (const each of before) saveRun(each, folder)
    const most = all()
    expect(most).toBeGreaterThan(15)
    for (let at = 1; at <= most; at++) {
      fs.rmSync(folder, { recursive: true, force: true })
      for (const each of before) saveRun(each, folder)
      saveRun(found, folder, failing(at, 'EIO', true).disk)
      expectWhole(texts)
      // What was there is there.
      if (before.length > 0) expect(savedRun(parseAddress(address), folder)?.run.address).toBe(address)
    }
  })

  test('whole or not at all, whichever call meets a full disk, and the report says so', () => {
    for (const each of before) saveRun(each, folder)
    const most = all()
    for (let at = 1; at <= most; at++) {
      fs.rmSync(folder, { recursive: true, force: true })
      for (const each of before) saveRun(each, folder)
      const { said } = saveRun(found, folder, failing(at, 'ENOSPC', false).disk)
      expectWhole(texts)
      expect(fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.startsWith('.new-')) : []).toEqual([])
      if (said.startsWith('nothing'))
        expect(said).toBe(`nothing: the disk is full (ENOSPC); what ${folder} held is as it was`)
    }
  })
})

describe('nothing is kept', () => {
  test('where the folder cannot be written, and that is said', () => {
    fs.writeFileSync(folder, 'a file of mine')
    expect(saveRun(found, folder).said).toBe(`nothing: ${folder} cannot be written (EEXIST)`)
    expect(fs.readFileSync(folder, 'utf8')).toBe('a file of mine')
  })

  test('through a link: neither the folder nor what lies in it is followed', () => {
    const precious = join(desk, 'precious')
    fs.mkdirSync(precious)
    fs.writeFileSync(join(precious, 'run.txt'), 'precious')
    const untouched = (): void => {
      expect(fs.readdirSync(precious)).toEqual(['run.txt'])
      expect(fs.readFileSync(join(precious, 'run.txt'), 'utf8')).toBe('precious')
    }

    fs.symlinkSync(precious, folder)
    expect(saveRun(found, folder).said).toBe(`nothing: ${folder} is a symbolic link, and it is not followed`)
    untouched()

    fs.unlinkSync(folder)
    fs.mkdirSync(folder)
    fs.symlinkSync(precious, home())
    expect(saveRun(found, folder).said).toMatch(/^nothing: .* cannot be written \(ENOTDIR\)$/)
    untouched()

    fs.unlinkSync(home())
    fs.mkdirSync(home())
    for (const file of ['run.txt', 'run.trace.json']) fs.symlinkSync(join(precious, 'run.txt'), join(home(), file))
    saveRun(found, folder)
    untouched()
    expectWhole([found.text])
  })
})

test('what somebody who was killed has left behind is cleared away, and what somebody is writing is not', () => {
  fs.mkdirSync(join(folder, '.new-old'), { recursive: true })
  fs.writeFileSync(join(folder, '.new-old', 'run.txt'), 'hal')
  fs.utimesSync(join(folder, '.new-old'), 0, 0)
  fs.mkdirSync(join(folder, '.new-now'))
  saveRun(found, folder)
  expect(fs.readdirSync(folder).toSorted()).toEqual(['.new-now', folderOf(address)].toSorted())
})

test('a run that was not kept is not there, and one that was spoilt is told by its name', () => {
  expect(savedRun(parseAddress(address), folder)).toBeUndefined()
  saveRun(found, folder)
  fs.truncateSync(join(home(), 'run.trace.json'), 1000)
  expect(() => savedRun(parseAddress(address), folder)).toThrow(UserError)
  expect(() => savedRun(parseAddress(address), folder)).toThrow('run.trace.json is not a trace saved by relock')
})
