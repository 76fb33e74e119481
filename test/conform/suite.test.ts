/** Many cases: what is counted, what is put together, and what is left when it is stopped. */
import { lastValueFrom, toArray } from 'rxjs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  conforming,
  readCases,
  type Case,
  type ConformOptions,
  type ConformReport,
  type Race,
} from '../../conform/index.ts'
import type { Engines } from '../../conform/suite.ts'
import { tickWhenSeen } from '../clock.ts'
import { tellingOps } from '../../conform/telling.ts'
import { echo, errno, type Twist } from './engines.ts'

afterEach(() => vi.restoreAllMocks())

const open = { op: 'open_container', as: 'c0' }
const map = { op: 'map_dma', fd: 'c0', iova: '0x0', size: '0x1000', vaddr: 'b0', flags: 3 }
const unmap = { op: 'unmap_dma', fd: 'c0', iova: '0x0', size: '0x1000' }
const done = { ret: 0 }

const three = (name: string): Case => ({
  name,
  ops: [open, map, unmap],
  results: [done, done, { ret: 0, size: '0x1000' }],
})

const reportOf = async (
  cases: readonly (Case | Race)[],
  how: Twist | Engines = () => undefined,
  options: ConformOptions = {},
): Promise<ConformReport> => {
  const engines = typeof how === 'function' ? echo(how) : how
  const last = await lastValueFrom(conforming(readCases(cases), options, engines))
  return last.type === 'report' ? last.report : expect.unreachable()
}

/** Map fails where it should not, and unmap finds nothing. */
const noMaps: Twist = ({ op }) =>
  op.op === 'map_dma' ? errno('ENOMEM') : op.op === 'unmap_dma' ? { size: '0x0' } : undefined

describe('counts', () => {
  test('all of it, when all agrees', async () => {
    expect(await reportOf([three('a'), three('b')])).toMatchObject({
      verdict: 'agrees',
      cases: { all: 2, agreed: 2, disagreed: 0, notCompared: 0 },
      ops: { all: 6, agreed: 6, disagreed: 0, notCompared: 0 },
      fields: { all: 8, agreed: 8, disagreed: 0, notCompared: 0 },
      disagreements: [],
    })
  })

  test('an operation agrees when all its fields do', async () => {
    const report = await reportOf([three('a')], noMaps)
    expect(report).toMatchObject({
      verdict: 'disagrees',
      cases: { all: 1, disagreed: 1 },
      ops: { all: 3, agreed: 1, disagreed: 2 },
      // ret and err of the map, size of the unmap; its ret agrees.
      fields: { all: 5, agreed: 2, disagreed: 3 },
    })
    expect(report.byOp['unmap_dma']).toEqual({
      ops: { all: 1, agreed: 0, disagreed: 1, notCompared: 0 },
      fields: { all: 2, agreed: 1, disagreed: 1, notCompared: 0 },
    })
  })

  test('the sum of the operations is the whole', async () => {
    const { byOp, ops, fields } = await reportOf([three('a'), three('b')], noMaps)
    const sum = (of: 'ops' | 'fields') => Object.values(byOp).reduce((all, each) => all + each[of].all, 0)
    expect([sum('ops'), sum('fields')]).toEqual([ops.all, fields.all])
  })

  test('fields that are left out are counted with their reasons', async () => {
    const report = await reportOf([three('a')], ({ op }) => (op.op === 'unmap_dma' ? { unknown: ['size'] } : undefined))
    expect(report).toMatchObject({ verdict: 'agrees', fields: { agreed: 3, notCompared: 1 } })
    expect(report.notCompared).toEqual([
      { op: 'unmap_dma', field: 'size', reason: 'content that the case does not determine', times: 1 },
    ])
  })

  test('what is left out most comes first, operations by name', async () => {
    const ops = [unmap, open, map, map]
    const report = await reportOf([{ name: 'a', ops, results: [done, null, null, null] }])
    expect(report.notCompared.map(({ op, times }) => `${op} ${times}`)).toEqual(['map_dma 2', 'open_container 1'])
    expect(Object.keys(report.byOp)).toEqual(['map_dma', 'open_container', 'unmap_dma'])
  })

  test('a case of which nothing could be compared neither agrees nor disagrees', async () => {
    const report = await reportOf([three('a')], () => ({ unknown: ['ret', 'size'] }))
    expect(report).toMatchObject({ verdict: 'undecided', cases: { all: 1, agreed: 0, disagreed: 0, notCompared: 1 } })
  })

  test('nothing expected is nothing compared, but it is counted', async () => {
    const report = await reportOf([{ ...three('a'), results: [done, null, null] }], noMaps)
    expect(report).toMatchObject({ verdict: 'agrees', ops: { all: 3, agreed: 1, notCompared: 2 } })
    expect(report.notCompared.map(({ op, times }) => `${op} ${times}`)).toEqual(['map_dma 1', 'unmap_dma 1'])
    expect(report.answered).toMatchObject([{ of: { name: 'a' }, expected: [done, null, null] }])
  })
})

describe('disagreements', () => {
  test('know their place, what both said, and what else disagrees in their case', async () => {
    const { disagreements } = await reportOf([three('a')], noMaps)
    expect(disagreements).toMatchObject([
      {
        of: { name: 'a', profile: '6.1' },
        index: 1,
        ops: 3,
        op: map,
        recorded: { ret: 0 },
        said: { ret: -1, err: 'ENOMEM' },
        before: 0,
        after: 1,
      },
      { index: 2, differences: [{ field: 'size', recorded: '0x1000', said: '0x0' }], before: 1, after: 0 },
    ])
  })

  test('of one kind are put together; the shortest run stands for them', async () => {
    const longer: Case = { name: 'longer', ops: [open, open, map], results: [done, done, done] }
    const { groups } = await reportOf([longer, three('a'), three('b')], noMaps)
    expect(groups.map(({ op, how, first, later, cases }) => ({ op, how, first, later, cases }))).toEqual([
      { op: 'map_dma', how: 'success, not ENOMEM', first: 3, later: 0, cases: 3 },
      { op: 'unmap_dma', how: 'size', first: 0, later: 2, cases: 2 },
    ])
    expect(groups[0]!.shortest).toMatchObject({ of: { name: 'a' }, index: 1 })
  })

  test('of two operations are two kinds, though they fail alike', async () => {
    const twist: Twist = ({ op }) => (op.op === 'open_container' ? undefined : errno('ENOMEM'))
    const { groups } = await reportOf([three('a')], twist)
    expect(groups.map(({ op, how }) => `${op} ${how}`)).toEqual([
      'map_dma success, not ENOMEM',
      'unmap_dma success, not ENOMEM',
    ])
  })

  test('are told by what came back, and what did not', async () => {
    const waits: Case = { name: 'waits', ops: [open], results: [{ ret: 0, pending: true }] }
    const { groups } = await reportOf([waits], () => ({ pending: undefined }))
    expect(groups.map(({ how }) => how)).toEqual(['pending, not success'])
  })

  test('that may be consequences do not stand for their kind while there is another', async () => {
    const early: Case = { name: 'early', ops: [map, unmap], results: [done, { ret: 0, size: '0x1000' }] }
    const twist: Twist = ({ one, op }) =>
      op.op === 'unmap_dma'
        ? { size: '0x0' }
        : op.op === 'map_dma' && one.name === 'early'
          ? errno('EINVAL')
          : undefined
    const { groups } = await reportOf([early, three('late')], twist)
    expect(groups.find(({ op }) => op === 'unmap_dma')).toMatchObject({ shortest: { of: { name: 'late' } } })
  })

  test('show the objects of the shortest of each kind, and of all when asked', async () => {
    const seen = async (all: boolean): Promise<number> => {
      const { disagreements } = await reportOf([three('a'), three('b')], noMaps, { all })
      return disagreements.filter(({ objects }) => objects !== undefined).length
    }
    expect([await seen(false), await seen(true)]).toEqual([2, 4])
  })
})

test('the objects of a disagreement are shown as they are when it comes', async () => {
  const { replay, race } = echo(noMaps)
  const shown: number[] = []
  const engines: Engines = {
    race,
    replay: (one, profile) => ({ ...replay(one, profile), objectsAt: (index) => (shown.push(index), []) }),
  }
  await reportOf([three('a')], engines)
  expect(shown).toEqual([1, 2])
})

describe('what is asked for', () => {
  test('only some operations', async () => {
    const report = await reportOf([three('a')], noMaps, { only: ['open_container', 'unmap_dma'] })
    expect(report).toMatchObject({ ops: { all: 2, agreed: 1, disagreed: 1 } })
    expect(Object.keys(report.byOp)).toEqual(['open_container', 'unmap_dma'])
  })

  test('only some operations, also where nothing can be replayed', async () => {
    const engines: Engines = {
      ...echo(),
      replay: () => {
        throw new Error('nobody has that name')
      },
    }
    expect((await reportOf([three('a')], engines, { only: ['map_dma'] })).ops).toMatchObject({ all: 1, disagreed: 1 })
  })

  test.each([
    ['map.a', ['map.a']],
    ['map', ['map.a', 'map.ab', 'unmap.b']],
    ['m*.b', ['unmap.b']],
    ['.', ['map.a', 'map.ab', 'unmap.b']],
    ['none', []],
    ['map*map', []],
    ['b*map', []],
  ])('only cases like %s', async (cases, names) => {
    const asked: string[] = []
    const engines = echo(({ one }) => void asked.push(one.name))
    await reportOf(['map.a', 'map.ab', 'unmap.b'].map(three), engines, { cases })
    expect([...new Set(asked)]).toEqual(names)
  })

  test('as another kernel; else as the case says, else 6.1', async () => {
    const profiles = async (options: ConformOptions): Promise<readonly string[]> => {
      const asked: string[] = []
      const { replay, race } = echo()
      await reportOf(
        [three('a'), { ...three('b'), profile: '4.10' }],
        {
          race,
          replay: (one, profile) => (asked.push(profile), replay(one, profile)),
        },
        options,
      )
      return asked
    }
    expect(await profiles({})).toEqual(['6.1', '4.10'])
    expect(await profiles({ profile: '5.15' })).toEqual(['5.15', '5.15'])
  })
})

describe('verdicts', () => {
  const question: Case = { name: 'q', ops: [open, map] }

  test('a case without results is a question, and an answer no agreement', async () => {
    const report = await reportOf([question], noMaps)
    expect(report).toMatchObject({ verdict: 'undecided', cases: { all: 1, notCompared: 1 } })
    expect(report.answered).toEqual([
      { of: { name: 'q', profile: '6.1' }, ops: question.ops, results: [done, { ret: -1, err: 'ENOMEM' }] },
    ])
  })

  test('a question beside cases that agree does not change theirs', async () => {
    expect((await reportOf([three('a'), question])).verdict).toBe('agrees')
  })

  test('what relock cannot replay is a failure of that case, and its operations count', async () => {
    const { replay, race } = echo()
    const engines: Engines = {
      race,
      replay: (one, profile) => {
        if (one.name === 'bad') throw new Error('nobody has that name')
        return replay(one, profile)
      },
    }
    expect(await reportOf([three('a'), three('bad'), three('b')], engines)).toMatchObject({
      verdict: 'failed',
      cases: { all: 3, agreed: 2, disagreed: 1 },
      ops: { all: 9, agreed: 6, disagreed: 3 },
      fields: { all: 12, agreed: 8, disagreed: 4 },
      failures: [{ of: { name: 'bad' }, error: { message: 'nobody has that name' } }],
    })
  })

  test('stopped, it reports what is known', async () => {
    const stop = new AbortController()
    const twist: Twist = ({ one }) => void (one.name === 'b' && stop.abort())
    const report = await reportOf(['a', 'b', 'c', 'd'].map(three), twist, { signal: stop.signal })
    expect(report).toMatchObject({ verdict: 'undecided', cases: { all: 2 }, stopped: { by: 'you', waiting: 2 } })
  })
})

describe('races', () => {
  const raced: Race = {
    name: 'race.two',
    reps: 60,
    ops: [
      { op: 'thread', as: 't1' },
      { ...map, proc: 't1', async: 0, barrier: 1 },
      { ...unmap, async: 0, barrier: 1 },
      { op: 'await', proc: 't1' },
      { op: 'await', proc: 'p0' },
    ],
    outcomes: [
      {
        count: 43,
        results: [done, { pending: true }, { pending: true }, { of: 1, ret: 0 }, { of: 2, ret: 0, size: '0x0' }],
      },
      {
        count: 17,
        results: [done, { pending: true }, { pending: true }, { of: 1, ret: 0 }, { of: 2, ret: 0, size: '0x1000' }],
      },
    ],
  }

  test('agree when each outcome that was seen is possible', async () => {
    const { verdict, cases, races } = await reportOf([{ ...raced, outcomes: raced.outcomes.slice(0, 1) }])
    expect({ verdict, cases, possible: races[0]!.possible.length }).toMatchObject({
      verdict: 'agrees',
      cases: { all: 1, agreed: 1 },
      possible: 2,
    })
  })

  test('disagree when one of them is not; what tells them apart is found', async () => {
    const { verdict, races } = await reportOf([raced])
    expect(verdict).toBe('disagrees')
    expect(races).toMatchObject([{ impossible: [{ count: 17 }], telling: [3, 4] }])
  })

  test('stopped in the middle of one, it was not looked at', async () => {
    const { replay, race } = echo()
    const stop = new AbortController()
    const engines: Engines = {
      replay,
      race: async (...args) => {
        stop.abort()
        return { ...(await race(...args)), exhaustive: false }
      },
    }
    const report = await reportOf([three('a'), raced], engines, { signal: stop.signal })
    expect(report).toMatchObject({
      verdict: 'undecided',
      cases: { all: 1, agreed: 1 },
      races: [],
      stopped: { waiting: 1 },
    })
  })

  test('looked at to the end just when it was stopped, it counts', async () => {
    const { replay, race } = echo()
    const stop = new AbortController()
    const engines: Engines = { replay, race: (...args) => (stop.abort(), race(...args)) }
    const report = await reportOf([raced, three('a')], engines, { signal: stop.signal })
    expect(report).toMatchObject({ verdict: 'disagrees', cases: { all: 1 }, stopped: { waiting: 1 } })
  })

  test('are told by what the threads came back with, where there is but one outcome', () => {
    expect(tellingOps(raced, [raced.outcomes[0]!.results])).toEqual([3, 4])
  })

  test('are undecided beside cases that agree', async () => {
    const { replay, race } = echo()
    const bounded: Engines = { replay, race: async (...args) => ({ ...(await race(...args)), exhaustive: false }) }
    expect((await reportOf([three('a'), raced], bounded)).verdict).toBe('undecided')
  })

  test('are undecided when the search was not complete', async () => {
    const { replay, race } = echo()
    const bounded: Engines = { replay, race: async (...args) => ({ ...(await race(...args)), exhaustive: false }) }
    expect(await reportOf([raced], bounded)).toMatchObject({ verdict: 'undecided', cases: { notCompared: 1 } })
  })
})

test('progress on the way, a report at the end', async () => {
  tickWhenSeen(20)
  const cases = Array.from({ length: 12 }, (_, i) => three(`case${i}`))
  const told = await lastValueFrom(
    conforming(
      readCases(cases),
      {},
      echo(() => undefined),
    ).pipe(toArray()),
  )
  const progress = told.flatMap((each) => (each.type === 'progress' ? [each.progress] : []))
  expect(progress.length).toBeGreaterThan(2)
  expect(progress.at(-1)).toMatchObject({ ofCases: 12, disagreed: 0 })
  expect(progress.map(({ cases: done }) => done)).toEqual(
    progress.map(({ cases: done }) => done).toSorted((a, b) => a - b),
  )
  expect(told.at(-1)!.type).toBe('report')
})
