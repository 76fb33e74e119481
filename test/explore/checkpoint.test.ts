/**
 * A search that was killed goes on from what was kept of it, and comes to the report of one that was not. RELOCK_SEED=<seed> begins elsewhere,
 * RELOCK_SEEDS=<n> kills n times (docs/TRUST.md).
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { byClock, CheckpointFile, type Disk } from '../../explore/several/checkpoint-files.ts'
import { LockFile } from '../../explore/several/lock-file.ts'
import { fromCommands } from '../../explore/commands/commands.ts'
import { checkpointIn } from '../../explore/door.ts'
import { explore, searching } from '../../explore/index.ts'
import { always, alwaysStep } from '../../explore/claims/properties.ts'
import { dice, type Dice } from '../../streams/dice.ts'
import { smallCases } from '../scenarios/each.ts'
import { toys } from '../toys/all.ts'
import { searchBy } from './random-searches.ts'
import { Killed, searchedUntil, textOf, undisturbed, type Asked, type Moment } from './killed.ts'

const kills = Number(process.env['RELOCK_SEEDS'] ?? 50)
const first = Number(process.env['RELOCK_SEED'] ?? 1)

const home = mkdtempSync(join(tmpdir(), 'relock-checkpoint-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())
let folders = 0
const fresh = (): string => join(home, `${folders++}`, 'search.checkpoint')

const momentBy = (chance: Dice): Moment => {
  const every = 1 + chance(chance(2) === 0 ? 5 : 60)
  return chance(3) === 0 ? { every, call: 1 + chance(200) } : { every, asked: 1 + chance(chance(2) === 0 ? 30 : 600) }
}

/** Killed as often as it is, and gone on with. */
const inPieces = (asked: Asked, path: string, chance: Dice): { readonly text: string; readonly killed: number } => {
  for (let killed = 0; ; killed++) {
    try {
      const report = searchedUntil(asked, path, killed < 4 ? momentBy(chance) : { every: 97 })
      return { text: textOf(report), killed }
    } catch (cause) {
      if (!(cause instanceof Killed)) throw cause
    }
  }
}

test(`${kills} kills change nothing of what is reported`, () => {
  const faults: string[] = []
  let killed = 0
  for (let seed = first; killed < kills; seed++) {
    const chance = dice(seed)
    const asked = searchBy(seed, chance)
    const path = fresh()
    const found = inPieces(asked, path, chance)
    killed += found.killed
    if (found.text !== textOf(undisturbed(asked)))
      faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1: ${asked.system.name}`)
    // It is over: whoever asks again is told the same at once.
    const again = searchedUntil(asked, path, { every: 1, asked: 2 })
    if (textOf(again) !== found.text)
      faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1: ${asked.system.name}, asked again`)
  }
  expect(faults).toEqual([])
})

test('what was seen of an order is kept with a search: it is said again when all of it was seen before', () => {
  interface Count {
    readonly by: readonly string[]
  }
  const adds = (who: string) => ({
    add: { when: ({ by }: Count) => !by.includes(who), do: ({ by }: Count) => ({ by: [...by, who] }) },
  })
  const system = fromCommands<{ c: Count }>({
    name: 'two who count in an order',
    components: {
      c: { start: { by: [] }, processes: { a: adds('a'), b: adds('b') }, mayEnd: ({ by }) => by.length === 2 },
    },
  })
  const asked: Asked = { system, properties: [], options: { order: [['a → c add', 'b → c add']], reduction: false } }
  const path = fresh()
  const found = searchedUntil(asked, path, { every: 1 })
  expect(found.order).toEqual([{ first: 'a → c add', second: 'b → c add', came: true, cut: false }])
  expect(searchedUntil(asked, path, { every: 1 }).order).toEqual(found.order)
})

/** Philosophers who are interchangeable, but for what `eats` says. */
const table = (more: object = {}, name = 'a table') => {
  const processes = ['p0', 'p1', 'p2', 'p3']
  const put = <T>(list: readonly T[], at: number, value: T) => list.map((each, index) => (index === at ? value : each))
  interface Door {
    readonly at: readonly number[]
    readonly line: readonly number[]
  }
  return fromCommands<{ door: Door }>({
    name,
    components: {
      door: {
        start: { at: processes.map(() => 0), line: [] },
        processes: Object.fromEntries(
          processes.map((each, p) => [
            each,
            {
              come: {
                when: ({ at }) => at[p] === 0,
                do: ({ at, line }) => ({ at: put(at, p, 1), line: [...line, p] }),
              },
              enter: {
                when: ({ line }) => line[0] === p,
                do: ({ at, line }) => ({ at: put(at, p, 2), line: line.slice(1) }),
              },
              leave: { when: ({ at }) => at[p] === 2, do: ({ at }) => ({ at: put(at, p, 0) }) },
              ...more,
            },
          ]),
        ),
        symmetric: { processes, lists: ['at'], numbers: ['line.*'] },
      },
    },
  })
}

const tellsApart = always(
  'p1 is never the last to leave',
  ({ door: { at } }) => at[1] !== 2 || at[0] === 2 || at[3] !== 0,
)

const linesUp = alwaysStep('nobody is the third to wait', (_: any, { door: { line } }: any) => line.length < 3)

test.each([
  ['counted together', []],
  ['counted apart from the middle of the search on', [tellsApart]],
  ['counted apart for a claim about steps', [linesUp]],
])('states that are %s stay so in who goes on', (_, properties) => {
  for (let seed = 1; seed <= 6; seed++) {
    const chance = dice(seed)
    const asked = { system: table(), properties, options: {} }
    expect(inPieces(asked, fresh(), chance).text, `seed ${seed}`).toBe(textOf(undisturbed(asked)))
  }
})

const { system: dining, properties: diningProperties } = toys.find(({ reduced }) => reduced === 510)!
const eating = { system: dining, properties: diningProperties, options: {} }

/** A checkpoint in the middle of that search. */
const middle = (asked: Asked = eating): string => {
  const path = fresh()
  expect(() => searchedUntil(asked, path, { every: 50, asked: 200 })).toThrow(Killed)
  return path
}

test('it goes on from where it was, not from the start', () => {
  const path = middle()
  const seen: number[] = []
  const isDue = (expanded: number): boolean => seen.push(expanded) < 0
  const search = searching(eating.system, eating.properties, {
    checkpoint: new CheckpointFile(path, { isDue, took() {} }),
  })
  while (!search.next().done);
  // After fifty states it has begun again, with less reduction: three times fifty were looked into in all, and some twice.
  expect(seen[0]).toBe(134)
  expect(seen.at(-1)).toBe(509)
})

test('it goes on, too, where the search had begun again in the middle of a question', () => {
  const { scenario, choices } = smallCases.find((each) => each.title.startsWith('three-party-deadlock,'))!
  const asked = { system: scenario.system(choices), properties: scenario.properties(choices), options: {} }
  const path = fresh()
  expect(() => searchedUntil(asked, path, { every: 59, asked: 60 })).toThrow(Killed)
  expect(textOf(searchedUntil(asked, path, { every: 1000 }))).toBe(textOf(undisturbed(asked)))
})

test('a bound may be raised: the search goes on to what a search with that bound says', () => {
  const path = fresh()
  const within = (states: number) => ({ ...eating, options: { within: { states } } })
  expect(textOf(searchedUntil(within(100), path, { every: 1000 }))).toBe(textOf(undisturbed(within(100))))
  expect(textOf(searchedUntil(within(300), path, { every: 1000 }))).toBe(textOf(undisturbed(within(300))))
  expect(textOf(searchedUntil(eating, path, { every: 1000 }))).toBe(textOf(undisturbed(eating)))
})

test('time that was spent counts: a bound of milliseconds is one for all of it, and the report tells all of it', async () => {
  const folder = dirname(fresh())
  let given = 1_000_000
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => given++)
  const whole = await explore(eating.system, eating.properties, { checkpoint: checkpointIn(folder, { every: 0 }) })
  given = 5
  const again = await explore(eating.system, eating.properties, { checkpoint: checkpointIn(folder) })
  clock.mockRestore()
  expect(whole.seconds).toBeGreaterThan(0.01)
  expect(again.seconds).toBeGreaterThan(0.01)
})

test.each([
  ['another system', { ...eating, system: toys[0]!.system }, 'system'],
  ['other claims', { ...eating, properties: [] }, 'claims'],
  [
    'claims of another text',
    { ...eating, properties: eating.properties.map((each) => ({ ...each, holds: () => true })) },
    'text of the claims',
  ],
  ['another choice', { ...eating, options: { reduction: false } }, 'reduction'],
  ['another depth', { ...eating, options: { within: { depth: 9 } } }, 'depth'],
  ['another rule for what nobody handles', { ...eating, options: { ignored: 'fail' as const } }, 'ignored'],
  ['another end', { ...eating, options: { stopAtFirst: true } }, 'stop at first'],
  ['another way to count', { ...eating, options: { symmetry: false } }, 'symmetry'],
])('nobody goes on with %s: it is said what differs', (_, asked, what) => {
  const path = middle()
  const before = readFileSync(path)
  expect(() => searchedUntil(asked, path, { every: 10 })).toThrow(
    expect.objectContaining({
      problem: 'other-checkpoint',
      evidence: expect.arrayContaining([[what, expect.any(String)]]),
    }),
  )
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('nobody goes on with functions that do something else now, though nothing else tells', () => {
  const asked = { system: table(), properties: [], options: {} }
  const path = fresh()
  expect(() => searchedUntil(asked, path, { every: 2, asked: 8 })).toThrow(Killed)
  const changed = { ...asked, system: table({ leave: { when: () => true, do: () => ({}) } }) }
  expect(changed.system.fingerprint).toBe(asked.system.fingerprint)
  expect(() => searchedUntil(changed, path, { every: 2 })).toThrow(
    expect.objectContaining({ problem: 'other-checkpoint', evidence: [['differs', expect.stringContaining('door')]] }),
  )
})

test('nobody goes on where a step leads elsewhere among the very same states', () => {
  const round = (by: number): Asked => {
    const up = { do: ({ n }: { readonly n: number }) => ({ n: (n + 1) % 3 }) }
    const jump = { do: ({ n }: { readonly n: number }) => ({ n: (n + by) % 3 }) }
    const clock = { start: { n: 0 }, processes: { p: { up, jump } } }
    return { system: fromCommands({ name: 'a clock', components: { clock } }), properties: [], options: {} }
  }
  const path = fresh()
  searchedUntil(round(0), path, { every: 1 })
  expect(() => searchedUntil(round(2), path, { every: 1 })).toThrow('clock does something else on jump from p')
  searchedUntil(round(0), path, { every: 1 })
})

test('nobody goes on with another version of relock', () => {
  const path = middle()
  writeFileSync(
    path,
    readFileSync(path, 'latin1').replace(/^relock checkpoint .*/, 'relock checkpoint 0.0.7'),
    'latin1',
  )
  expect(() => searchedUntil(eating, path, { every: 10 })).toThrow(
    expect.objectContaining({ evidence: [['relock', expect.stringMatching(/^was 0\.0\.7, and is \d/)]] }),
  )
})

test('what is damaged or cut off anywhere is refused with its place, and stays as it is', () => {
  const path = middle()
  const whole = readFileSync(path)
  const chance = dice(first)
  for (let at = 0; at < whole.length; at += 1 + chance(Math.ceil(whole.length / 60))) {
    const flipped = Buffer.from(whole)
    flipped[at]! ^= 1 << chance(8)
    for (const damaged of [flipped, whole.subarray(0, at)]) {
      writeFileSync(path, damaged)
      expect(() => searchedUntil(eating, path, { every: 10 }), `byte ${at}`).toThrow(
        expect.objectContaining({
          problem: expect.stringMatching(/^(bad|other)-checkpoint$/),
          evidence: expect.anything(),
        }),
      )
      expect(readFileSync(path).equals(damaged)).toBe(true)
    }
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.from('x')]))
  expect(() => searchedUntil(eating, path, { every: 10 })).toThrow('is damaged')
})

/** Long enough to say how far it is. */
const { system: lock, properties: lockProperties } = toys.find(({ reduced }) => reduced === 1500)!
const reading = { system: lock, properties: lockProperties, options: { symmetry: false } }

test('a full disk is said, what was kept before is left, and the search goes on', async () => {
  const path = middle(reading)
  const before = readFileSync(path)
  const full: Disk = {
    ...fs,
    writeSync: (() => {
      throw new Error('ENOSPC: no space left on device, write')
    }) as never,
  }
  const pace = { isDue: () => true, took() {} }
  const checkpoint = new CheckpointFile(path, pace, full)
  const told: (string | undefined)[] = []
  const search = searching(reading.system, reading.properties, { ...reading.options, checkpoint })
  let step = search.next()
  for (; !step.done; step = search.next()) told.push(step.value.trouble)
  expect(textOf(step.value)).toBe(textOf(undisturbed(reading)))
  expect(checkpoint.trouble).toContain('ENOSPC')
  expect(told.at(-1)).toContain('ENOSPC')
  expect(readFileSync(path).equals(before)).toBe(true)
  expect(readdirSync(dirname(path))).toEqual(['search.checkpoint'])
})

test('what cannot be kept at all is said, too', () => {
  const path = fresh()
  const checkpoint = new CheckpointFile(path, byClock())
  checkpoint.write(() => ({ about: { of: () => {} }, states: {}, depths: [] }) as never)
  expect(checkpoint.trouble).toContain('could not be cloned')
})

test('who was killed while he wrote leaves a half, and the next one takes it away', () => {
  const path = middle()
  writeFileSync(`${path}.new-1`, 'half')
  searchedUntil(eating, path, { every: 100 })
  expect(readdirSync(dirname(path))).toEqual(['search.checkpoint'])
})

test('there is one so often, or less often, so that they take a share of the time', () => {
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const pace = byClock({ every: 30, share: 0.05 })
  const dueAt = (): number => {
    for (; ; now += 100) for (let asked = 0; asked < 300; asked++) if (pace.isDue(0)) return now
  }
  expect(dueAt()).toBe(30_000)
  // A second is a twentieth of twenty, and they come no sooner than every thirty.
  pace.took(1000)
  expect(dueAt()).toBe(60_000)
  pace.took(10_000)
  expect(dueAt()).toBe(250_000)
  clock.mockRestore()
})

test('other searches, and whoever wants each end told, are refused before anything is searched', async () => {
  const checkpoint = checkpointIn(dirname(fresh()))
  await expect(explore(eating.system, [], { checkpoint, search: 'depth' })).rejects.toThrow('breadth')
  await expect(explore(eating.system, [], { checkpoint, onFinal: () => {} })).rejects.toThrow('onFinal')
})

describe('a lock', () => {
  const locked = (holder: string): (() => void) => {
    const path = `${fresh()}.lock`
    mkdirSync(dirname(path))
    writeFileSync(path, holder)
    const lock = new LockFile(path)
    return () => {
      lock.take()
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid })
      lock.release()
      expect(readdirSync(dirname(path))).toEqual([])
    }
  }
  const holder = (more: object): string => JSON.stringify({ pid: process.ppid, host: hostname(), began: '', ...more })
  const inUse = expect.objectContaining({ problem: 'checkpoint-in-use' })

  test('of a process that is there, and of one on another host, whatever its number is, is kept to', () => {
    expect(locked(holder({}))).toThrow(inUse)
    expect(locked(holder({ host: 'elsewhere', pid: 2 ** 30 }))).toThrow(inUse)
  })

  test('of one that is gone, of one whose number another has by now, of this one, and what says nothing is taken over', () => {
    // No system counts processes so far.
    const gone = [holder({ pid: 2 ** 30 }), holder({ pid: process.pid }), '{"pid":', '']
    const another = process.platform === 'linux' ? [holder({ began: 'long before it' })] : []
    for (const each of [...gone, ...another]) expect(locked(each), each).not.toThrow()
  })

  test('is not needed where nothing can be written, and not taken away by whoever did not get it', () => {
    const file = `${fresh()}.lock`
    mkdirSync(dirname(file))
    writeFileSync(file, holder({}))
    const refused = new LockFile(file)
    expect(() => refused.take()).toThrow(inUse)
    refused.release()
    expect(readFileSync(file, 'utf8')).toBe(holder({}))
    const nowhere = new LockFile(join(file, 'in a file', 'search.checkpoint.lock'))
    nowhere.take()
    nowhere.release()
  })
})
