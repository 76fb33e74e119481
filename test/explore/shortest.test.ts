/** A run is called the shortest only where every shorter one was looked at. */
import { expect, test } from 'vitest'
import { explore, searching } from '../../explore/index.ts'
import { Cells } from '../../explore/states/cells.ts'
import { Judge } from '../../explore/claims/judge.ts'
import { Search } from '../../explore/breadth/search.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import { Tables } from '../../explore/states/tables.ts'
import { closed } from '../toys/closed.ts'
import { component } from '../toys/component.ts'
import { mutex, register } from '../toys/objects.ts'
import { lock, thread, unlock, write, type Op } from '../toys/thread.ts'
import { toys } from '../toys/all.ts'

const times = (count: number, op: Op): readonly Op[] => Array.from({ length: count }, () => op)

/** One rings a bell, and each ring is a finding; others are busy with what is theirs, and make the full search wide. */
const bellRinger = (): System<null> => {
  const bell = component<number>({
    id: 'bell',
    initial: 0,
    on: {
      RING: (rung, { from }) => ({
        local: rung + 1,
        sends: [{ to: from, type: 'RUNG' }],
        findings: [{ kind: 'warn', title: `ring ${rung + 1}`, fatal: false }],
      }),
    },
  })
  const busy = ['t1', 't2', 't3'].flatMap((id) => [
    thread(id, times(6, { to: `${id} alone`, type: 'ASK' })),
    component<number>({
      id: `${id} alone`,
      initial: 0,
      on: { ASK: (asked, { from }) => ({ local: asked + 1, sends: [{ to: from, type: 'DONE' }] }) },
    }),
  ])
  return closed('bell ringer', 'b1', [thread('t0', times(8, { to: 'bell', type: 'RING' })), bell, ...busy])
}

/** The report of a search that is stopped after so many looks at the clock. */
function stoppedAfter(looks: number): Report {
  const you = new AbortController()
  const search = searching(bellRinger(), [], { signal: you.signal })
  for (let look = 1; ; look++) {
    const { done, value } = search.next()
    if (done) return value
    if (look === looks) you.abort()
  }
}

test('the search for shorter runs is believed as far as it has got', async () => {
  const { frontier } = await explore(bellRinger(), [], {
    reduction: false,
    symmetry: false,
    within: { states: 8000 },
  })
  /** How many steps the state of this number is from the start. */
  const levelOf = (state: number): number => {
    let begins = 0
    return frontier.findIndex((size) => (begins += size) > state)
  }
  const claimed: number[] = []
  for (let looks = 1; claimed.length < 8; looks++) {
    const { exhaustive, findings } = stoppedAfter(looks)
    if (!exhaustive) continue
    // The reduced search was through. The other one looks at the clock every 512 states.
    const looked = levelOf(512 * claimed.length)
    expect(findings.map(({ depth, shortest }) => [depth, shortest])).toEqual(
      findings.map(({ depth }) => [depth, depth <= looked + 1]),
    )
    claimed.push(findings.filter(({ shortest }) => shortest).length)
  }
  // Otherwise it was never put to the test.
  expect(new Set(claimed).size).toBeGreaterThan(2)
  expect(Math.min(...claimed)).toBeLessThan(8)
})

test('a full search knows to which depth it has seen everything', () => {
  const system = closed('one after the other', 'o1', [
    thread('t0', times(20, { to: 'bell', type: 'RING' })),
    component<null>({
      id: 'bell',
      initial: null,
      on: { RING: (_, { from }) => ({ sends: [{ to: from, type: 'RUNG' }] }) },
    }),
  ])
  for (const states of [2, 5, 20]) {
    const cells = new Cells(new Tables(system))
    const search = new Search(cells, new Judge(cells.tables, [], new Set()), { within: { states } }, undefined)
    for (const _ of search.run(0)) expect(search.stopped).toBeUndefined()
    // A state a step, and the last of them was not expanded.
    expect([search.store.count, search.completeTo]).toEqual([states, states - 1])
  }
})

test('a finding is told where it was met first', async () => {
  const bell = component<null>({
    id: 'bell',
    initial: null,
    on: {
      RING: (_, { from }) => ({
        sends: [{ to: from, type: 'RUNG' }],
        findings: [{ kind: 'warn', title: 'it rings', fatal: false }],
      }),
    },
  })
  const system = closed('ringers', 'r1', [
    ...['t0', 't1'].map((id) => thread(id, times(3, { to: 'bell', type: 'RING' }))),
    bell,
  ])
  const { findings } = await explore(system, [], { reduction: false })
  expect(findings.map(({ title, depth, shortest }) => [title, depth, shortest])).toEqual([['it rings', 2, true]])
})

test('what the reduced search has found is told by the very run that a full search finds first', async () => {
  let told = 0
  for (const { system, properties } of toys.filter(({ states }) => states <= 120)) {
    const schedules = async (reduction: boolean) => {
      const { findings } = await explore(system, properties, { reduction })
      return new Map(findings.flatMap(({ title, shortest, schedule }) => (shortest ? [[title, schedule]] : [])))
    }
    const [reduced, full] = [await schedules(true), await schedules(false)]
    expect([...reduced].filter(([title]) => full.has(title))).toEqual([...full].filter(([title]) => reduced.has(title)))
    told += reduced.size
  }
  expect(told).toBeGreaterThan(10)
})

test('a search that has stopped tells inversions, though what it has not seen breaks a claim', async () => {
  // Only one of the two comes through the gate: no run shows both orders, and the search for one goes on to the end.
  const orders = [
    thread('t0', [lock('gate'), lock('a'), lock('b'), write('data', 0)]),
    thread('t1', [lock('gate'), lock('b'), lock('a'), write('data', 1)]),
  ]
  const careless = thread('t2', [...[1, 2, 3].flatMap(() => [lock('a'), unlock('a')]), write('data', 2)])
  const objects = [...['gate', 'a', 'b'].map(mutex), register('data', 0, { guardedBy: 'a' })]
  const system = closed('orders', 'o2', [...orders, careless, ...objects])
  expect((await explore(system)).reduction).toEqual({ off: 't2 reached data (WRITE) without a' })
  let inversions = 0
  for (let states = 10; states < 100; states += 10) {
    const { reduction, findings } = await explore(system, [], { within: { states } })
    if (reduction === 'on') inversions += findings.filter(({ kind }) => kind === 'lock-order').length
  }
  expect(inversions).toBeGreaterThan(0)
})

test('nothing that the reduced search has found is called the shortest where nobody has looked for shorter', async () => {
  let told = 0
  for (const { system, properties } of toys.filter(({ states }) => states <= 120)) {
    const { reduction, findings } = await explore(system, properties, { shortest: false })
    if (reduction !== 'on') continue
    expect(findings.filter(({ shortest }) => shortest)).toEqual([])
    told += findings.length
  }
  expect(told).toBeGreaterThan(10)
})
