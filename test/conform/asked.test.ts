/** Races that are asked: which outcomes there are, each with its shortest run; and what a race may end in is never agreed to in silence. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import { isRace, type AnyRace } from '../../conform/case.ts'
import { conform, type AskedRace } from '../../conform/index.ts'
import { raceScenario } from '../../conform/race-scenario.ts'
import { exploreRace, keyOfOutcome, tellRace } from '../../conform/race.ts'
import { readCases } from '../../conform/read.ts'
import { outcomeWords, tellingOps } from '../../conform/telling.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore, replay } from '../../explore/index.ts'
import { always } from '../../explore/claims/properties.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { brokenClaim } from '../../report/claims.ts'
import { commands, forget, relockIn, scratch } from '../cli/run.ts'
import { documented, misfits, shapeOf } from '../cli/shapes.ts'

const racing = { async: 0, barrier: 1 }
const open: readonly Op[] = [
  { op: 'open_container', as: 'c0' },
  { op: 'open_group', dev: 'edu0', as: 'g0' },
  { op: 'group_set_container', fd: 'g0', container: 'c0' },
  { op: 'set_iommu', fd: 'c0', type: 3 },
]

const twoUnmaps: AskedRace = {
  name: 'race.two_unmaps',
  ops: [
    ...open,
    { op: 'mmap', as: 'b0', len: 4096 },
    { op: 'map_dma', fd: 'c0', iova: 0, size: 4096, vaddr: 'b0', flags: 3 },
    { op: 'thread', as: 't1' },
    { op: 'unmap_dma', fd: 'c0', iova: 0, size: 4096, proc: 't1', ...racing },
    { op: 'unmap_dma', fd: 'c0', iova: 0, size: 4096, ...racing },
    { op: 'await', proc: 't1' },
    { op: 'await', proc: 'p0' },
  ],
}

/** Unbinding waits until the device is closed, which comes after the other thread is back. */
const unbindWaits: AskedRace = {
  name: 'race.unbind_waits',
  ops: [
    ...open,
    { op: 'get_device_fd', fd: 'g0', dev: 'edu0', as: 'd0' },
    { op: 'thread', as: 't1' },
    { op: 'unbind', dev: 'edu0', proc: 't1', ...racing },
    { op: 'group_get_status', fd: 'g0', ...racing },
    { op: 'await', proc: 'p0' },
    { op: 'close', fd: 'd0' },
    { op: 'await', proc: 't1' },
  ],
}

const mapUnset: AskedRace = {
  name: 'race.map_unset',
  ops: [
    ...open,
    { op: 'mmap', as: 'b0', len: 4096 },
    { op: 'thread', as: 't1' },
    { op: 'group_unset_container', fd: 'g0', proc: 't1', ...racing },
    { op: 'map_dma', fd: 'c0', iova: 0, size: 4096, vaddr: 'b0', flags: 3, ...racing },
    { op: 'await', proc: 't1' },
    { op: 'await', proc: 'p0' },
  ],
}

/** IOMMU_DESTROY while another call has looked its object up. */
const destroys = (name: string, other: Op): AskedRace => ({
  name,
  ops: [
    { op: 'open_iommufd', as: 'i0' },
    { op: 'ioas_alloc', fd: 'i0' },
    { op: 'open_cdev', dev: 'edu0', as: 'd0' },
    { op: 'bind_iommufd', fd: 'd0', iommufd: 'i0' },
    { op: 'mmap', as: 'b0', len: 4096 },
    { op: 'thread', as: 't1' },
    { ...other, ...racing },
    { op: 'destroy', fd: 'i0', id: 1, proc: 't1', ...racing },
  ],
})

const wordsOf = async (race: AnyRace): Promise<readonly (readonly string[])[]> => {
  const { possible } = await exploreRace(race, '6.1')
  const all = possible.map(({ results }) => results)
  return all.map((results) => outcomeWords(race, tellingOps(race, all), results))
}

describe('a race without outcomes is a question', () => {
  test('it is one when two threads have an operation with "barrier"', () =>
    expect(readCases(twoUnmaps).map(({ one }) => isRace(one))).toEqual([true]))

  test('its outcomes are those of all orders, each once, in a fixed order', async () => {
    const { states, exhaustive, possible, impossible, findings } = await exploreRace(twoUnmaps, '6.1')
    expect({ states, exhaustive, impossible, findings }).toEqual({
      states: 87,
      exhaustive: true,
      impossible: [],
      findings: [],
    })
    expect(possible.map(({ count }) => count)).toEqual([0, 0])
    expect(await wordsOf(twoUnmaps)).toEqual([
      ['t1 unmap_dma: ret=0 size=0x0', 'unmap_dma: ret=0 size=0x1000'],
      ['t1 unmap_dma: ret=0 size=0x1000', 'unmap_dma: ret=0 size=0x0'],
    ])
  })

  test('each has a run that ends in it', async () => {
    const told = tellRace(twoUnmaps, '6.1')
    const system = toSystem(told.world)
    const { possible } = await exploreRace(twoUnmaps, '6.1')
    for (const { schedule, results } of possible) {
      const key = keyOfOutcome(results)
      const isNot = always<LinuxView>('it does not end so', (w) => {
        const outcome = told.outcome(w)
        return outcome === undefined || keyOfOutcome(outcome) !== key
      })
      const broken = brokenClaim(system, [isNot], replay(system, schedule))
      expect(broken?.at).toBe(schedule.length)
    }
    expect(possible.map(({ schedule }) => schedule.length)).toEqual([58, 58])
  })

  test('nobody has to await what he asks about', async () => {
    const ops = twoUnmaps.ops.filter(({ op }) => op !== 'await')
    expect(await wordsOf({ name: 'race.short', ops })).toEqual([
      ['t1 unmap_dma: ret=0 size=0x0', 'unmap_dma: ret=0 size=0x1000'],
      ['t1 unmap_dma: ret=0 size=0x1000', 'unmap_dma: ret=0 size=0x0'],
    ])
  })

  test.each([
    [
      'a map: it is found or not, and who is in it makes DESTROY fail',
      { op: 'ioas_map', fd: 'i0', ioas: 1, iova: 0, size: 4096, vaddr: 'b0' },
      [
        ['ioas_map: ret=-1 err=ENOENT', 't1 destroy: ret=0'],
        ['ioas_map: ret=0', 't1 destroy: ret=-1 err=EBUSY'],
        ['ioas_map: ret=0', 't1 destroy: ret=0'],
      ],
      177,
    ],
    [
      'an attach: what it has found has a user from then on',
      { op: 'attach_pt', fd: 'd0', ioas: 1 },
      [
        ['attach_pt: ret=-1 err=ENOENT', 't1 destroy: ret=0'],
        ['attach_pt: ret=0 pt=3', 't1 destroy: ret=-1 err=EBUSY'],
      ],
      89,
    ],
  ] satisfies readonly (readonly [string, Op, readonly (readonly string[])[], number])[])(
    'DESTROY beside %s',
    async (_, other, outcomes, states) => {
      const race = destroys('race.destroy', other)
      const asked = await exploreRace(race, 'iommufd-type1v2')
      expect({ exhaustive: asked.exhaustive, findings: asked.findings, states: asked.states }).toEqual({
        exhaustive: true,
        findings: [],
        states,
      })
      const all = asked.possible.map(({ results }) => results)
      expect(all.map((results) => outcomeWords(race, tellingOps(race, all), results))).toEqual(outcomes)
      const system = toSystem(tellRace(race, 'iommufd-type1v2').world)
      for (const { schedule } of asked.possible) expect(replay(system, schedule).steps).toHaveLength(schedule.length)
    },
  )

  test('its claims as a scenario are its outcomes, in words', async () => {
    const scenario = raceScenario('my.jsonl#race.two_unmaps', twoUnmaps)
    const { default: choices } = scenario.choices
    const properties = scenario.properties(choices)
    expect(properties.map(({ name }) => name)).toEqual([
      'outcome 1: t1 unmap_dma: ret=0 size=0x0, unmap_dma: ret=0 size=0x1000',
      'outcome 2: t1 unmap_dma: ret=0 size=0x1000, unmap_dma: ret=0 size=0x0',
    ])
    const report = await explore(scenario.system(choices), properties)
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
  })

  test('an operation that was recorded one after the other has no "barrier"', () => {
    const results = twoUnmaps.ops.map(() => ({ ret: 0 }))
    expect(() => readCases({ ...twoUnmaps, results } as never)).toThrow('has "results", as a sequence has them')
  })
})

describe('who waits for what comes later', () => {
  test('goes on when it has come: unbinding waits for the close behind the await of the other', async () => {
    const { states, exhaustive, findings, possible } = await exploreRace(unbindWaits, '6.1')
    expect({ states, exhaustive, findings, outcomes: possible.length }).toEqual({
      states: 65,
      exhaustive: true,
      findings: [],
      outcomes: 1,
    })
    expect(possible[0]!.results.slice(-3)).toEqual([{ of: 7, ret: 0, flags: 3 }, { ret: 0 }, { of: 6, ret: 0 }])
  })

  test('never goes on when it is awaited first: that is a deadlock', async () => {
    const [to, close] = [unbindWaits.ops.slice(0, 8), unbindWaits.ops[9]!]
    const stuck = { name: 'race.stuck', ops: [...to, { op: 'await', proc: 't1' }, { op: 'await' }, close] }
    const { findings, possible } = await exploreRace(stuck, '6.1')
    expect(findings.map(({ title }) => title)).toEqual(['deadlock at edu0 and t1.done'])
    expect(possible).toEqual([])
  })

  test('a call behind the race by a thread that is not back is refused, as the kernel would not be asked it', () => {
    const ops = unbindWaits.ops.filter(({ op, proc }) => !(op === 'await' && proc === 'p0'))
    expect(() => readCases({ name: 'race.busy', ops })).toThrow('is made by p0, which is still racing')
  })

  test('a thread races once', () => {
    const ops = [...twoUnmaps.ops.slice(0, 9), twoUnmaps.ops[8]!, ...twoUnmaps.ops.slice(9)]
    expect(() => readCases({ name: 'race.twice', ops })).toThrow('races as p0, which races already')
  })
})

describe('what goes wrong is the verdict', () => {
  const recorded = async () => {
    const { possible } = await exploreRace(mapUnset, '6.1')
    const outcomes = possible.slice(0, 1).map(({ results }) => ({ count: 1, results }))
    return { ...mapUnset, reps: 1, outcomes } as AnyRace
  }

  test('a race whose outcome is possible, and that may end in use-after-free, is unsafe', async () => {
    const report = await conform(await recorded())
    expect([report.verdict, report.cases.agreed, report.races[0]!.findings.map(({ title }) => title)]).toEqual([
      'unsafe',
      1,
      ['use-after-free in vfio_dma_do_map'],
    ])
  })

  test('so is one that is asked', async () => {
    const { verdict, cases, races } = await conform(mapUnset)
    expect([verdict, cases.notCompared, races[0]!.possible.length]).toEqual(['unsafe', 1, 2])
  })

  test('one that is asked and ends well leaves nothing to compare', async () => {
    expect((await conform(twoUnmaps)).verdict).toBe('undecided')
  })
})

describe('the request for a device that is being unbound', () => {
  const ops: readonly Op[] = [
    ...open,
    { op: 'get_device_fd', fd: 'g0', dev: 'edu0', as: 'd0' },
    { op: 'eventfd', as: 'e0' },
    { op: 'thread', as: 't1' },
    { op: 'thread', as: 't2' },
    { op: 'unbind', dev: 'edu0', proc: 't1', barrier: 1 },
    { op: 'set_irqs', fd: 'd0', index: 4, flags: 36, start: 0, count: 1, eventfd: 'e0', proc: 't2', barrier: 1 },
    { op: 'await', proc: 't2' },
    { op: 'close', fd: 'd0' },
    { op: 'await', proc: 't1' },
  ]

  test('is made under igate, which SET_IRQS takes: never while the eventfd is exchanged', async () => {
    const told = tellRace({ name: 'race.irqs', ops }, '6.1')
    const system = toSystem(told.world)
    const report = await explore(system)
    expect([report.states, report.exhaustive, report.findings]).toEqual([112, true, []])
    expect(report.lockOrder.map(({ from, to }) => `${from} → ${to}`)).toContain('dev->mutex → vfio_pci.igate')
  })
})

describe.sequential('on the command line', () => {
  const folder = scratch()
  const relock = relockIn(folder)
  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    const sequence = { name: 'closed', ops: [{ op: 'open_container', as: 'c0' }] }
    writeFileSync(join(folder, 'my.jsonl'), [twoUnmaps, sequence].map((one) => `${JSON.stringify(one)}\n`).join(''))
    writeFileSync(join(folder, 'bad.jsonl'), `${JSON.stringify(mapUnset)}\n`)
    writeFileSync(join(folder, 'log.strace'), 'openat(AT_FDCWD, "/dev/vfio/vfio", O_RDWR) = 3\n')
  })
  afterAll(() => forget(folder))

  test('conform lists the outcomes, and each address replays', async () => {
    const { code, out } = await relock(['conform', 'my.jsonl', '--case', 'race.two_unmaps'])
    expect(code).toBe(3)
    expect(out).toContain('2 outcomes possible · 87 states')
    const runs = commands(out)
    expect(runs).toHaveLength(2)
    for (const run of runs) expect((await relock(run!)).code).toBe(0)
  })

  test('explore lists them as well', async () => {
    const { code, out } = await relock(['explore', 'my.jsonl#race.two_unmaps'])
    expect([code, out.match(/outcome \d/g)?.slice(0, 2)]).toEqual([0, ['outcome 1', 'outcome 2']])
  })

  test('what may end badly ends with 1, in explore and in conform', async () => {
    expect((await relock(['explore', 'bad.jsonl#race.map_unset'])).code).toBe(1)
    const { code, out } = await relock(['conform', 'bad.jsonl', '--json'])
    const document = JSON.parse(out) as { readonly verdict: string; readonly races: readonly object[] }
    expect([code, document.verdict]).toEqual([1, 'unsafe'])
    expect(misfits(document, shapeOf(documented('## `relock conform')))).toEqual([])
  })

  test('a case that is no race is said to be none', async () => {
    const { code, err } = await relock(['explore', 'my.jsonl#closed'])
    expect(code).toBe(2)
    expect(err).toContain('"closed" in my.jsonl is no race: its operations are made one after the other.')
    expect(err).toContain('npx relock conform my.jsonl --case closed')
  })

  test.each([
    ['explore', 'log.strace', 'log.strace is nothing that is read here.'],
    ['explore', './log.strace', './log.strace is nothing that is read here.'],
    ['lockdep', './log.strace', './log.strace is nothing that is read here.'],
    ['explore', 'my.jsonl', 'my.jsonl is a file of cases.'],
    ['conform', 'log.strace', 'log.strace:1: the line is not JSON.'],
  ])('%s %s: what is read is said', async (command, file, said) => {
    const { code, err } = await relock([command, file])
    expect([code, err.split('\n')[0]]).toEqual([2, said])
    expect(err).toMatch(/log of strace|Logs, as strace|file of cases/)
  })
})
