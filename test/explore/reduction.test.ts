import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { toys } from '../toys/all.ts'
import type { System } from '../../explore/system.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { begin, component } from '../toys/component.ts'
import * as counters from '../toys/counters.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { falseThread } from '../toys/faulty.ts'
import { peterson, petersonProperties } from '../toys/peterson.ts'
import { relay } from '../toys/relay.ts'
import { spinner } from '../toys/spinner.ts'
import { thread, type Thread } from '../toys/thread.ts'
import { expected, expectHonest, exploreToFinals, outcomeOf } from './compare.ts'

describe('reduction changes no verdict, no finding and no final state', () => {
  test.each(toys)('$system.name: $reduced of $states states', async ({ system, properties, reduced, bruteForced }) => {
    const { report, finals } = await exploreToFinals(system, properties, { reduction: true, symmetry: false })
    const brute = bruteForced()
    expect(report.exhaustive).toBe(true)
    expect(report.states).toBe(reduced)
    expect(outcomeOf(report)).toEqual(expected(brute))
    expect(finals).toEqual([...brute.finals].toSorted())
    expectHonest(system, properties, report, brute)
  })
})

test('reduction is on unless switched off', async () => {
  expect((await explore(counters.guardedCounter(), counters.counterProperties)).reduction).toBe('on')
})

test('threads that keep to their locks are searched with far fewer states', async () => {
  const full = await explore(counters.guardedCounter(), [], { reduction: false })
  const reduced = await explore(counters.guardedCounter(), [], { reduction: true })
  expect(reduced.reduction).toBe('on')
  expect(reduced.states).toBeLessThan(full.states / 2)
})

test('answers to a thread are taken alone', async () => {
  const full = await explore(peterson(), petersonProperties, { reduction: false })
  const reduced = await explore(peterson(), petersonProperties, { reduction: true })
  expect(reduced.states).toBeLessThan(full.states)
})

test('four philosophers with reduction store fewer states and still starve', async () => {
  const system = diningPhilosophers(4)
  const full = await explore(system, diningProperties(4), { reduction: false })
  const reduced = await explore(system, diningProperties(4), { reduction: true })
  expect(outcomeOf(reduced)).toEqual(outcomeOf(full))
  expect(reduced.states).toBeLessThan(full.states)
})

describe('a false claim switches the reduction off and says why', () => {
  test('an object that is touched without the lock it names', async () => {
    const report = await explore(counters.unwatchedCounter({ guardedBy: 'lock' }), [])
    expect(report.reduction).toEqual({ off: expect.stringMatching(/count.*lock/) })
    expect(report.exhaustive).toBe(true)
    expect(report.findings.map(({ title }) => title)).toContain('ended with t0=0 t1=0')
    expect(report.states).toBe(bruteForce(counters.unwatchedCounter()).states)
  })

  test('a thread with two messages in flight', async () => {
    const report = await explore(falseThread(), [])
    expect(report.reduction).toEqual({ off: expect.stringContaining('two') })
    expect(report.findings).toHaveLength(4)
  })
})

describe('a reduction that takes every delivery alone is caught', () => {
  test('by outcomes that nobody reaches any more', async () => {
    const honest = await explore(counters.unwatchedCounter(), [])
    const mutant = await explore(counters.unwatchedCounter(), [], { reduction: () => true })
    expect(honest.findings).toHaveLength(3)
    expect(mutant.findings).toHaveLength(1)
  })

  test('by philosophers of whom nobody ever eats', async () => {
    const honest = await explore(diningPhilosophers(3), diningProperties(3))
    const mutant = await explore(diningPhilosophers(3), diningProperties(3), { reduction: () => true })
    expect(honest.properties[1]!.verdict).toBe('seen')
    expect(mutant.properties[1]!.verdict).toBe('unseen')
  })

  test('by the comparison with brute force over all toys', async () => {
    const caught: string[] = []
    for (const { system, properties, bruteForced } of toys) {
      const mutant = await explore(system, properties, { reduction: () => true })
      const same = JSON.stringify(outcomeOf(mutant)) === JSON.stringify(expected(bruteForced()))
      if (!same) caught.push(system.name)
    }
    expect(caught).toEqual(expect.arrayContaining(['peterson', 'unwatched counter', 'dining philosophers 3']))
  })
})

test('a rule that takes nothing alone is the full search', async () => {
  const full = await explore(peterson(), petersonProperties, { reduction: false })
  const rule = await explore(peterson(), petersonProperties, { reduction: () => false })
  expect([rule.states, rule.steps]).toEqual([full.states, full.steps])
})

test('a rule is told who sends what to whom', async () => {
  const seen = new Set<string>()
  await explore(counters.guardedCounter(), [], {
    reduction: ({ component, message, thread, changes }) => {
      seen.add(`${thread ?? '-'} ${message.type} ${component.id} ${changes}`)
      return false
    },
  })
  expect(seen).toContain('t0 LOCK lock true')
  expect(seen).toContain('t1 READ count false')
})

test('what a view reads late, only when a property asks, is visible all the same', async () => {
  const system = counters.lostUpdate()
  // Getters: nothing is read until a property looks.
  const lazy = {
    ...system,
    view: (read: (id: string) => unknown) => ({
      get value() {
        return system.view(read).value
      },
      get done() {
        return system.view(read).done
      },
    }),
  }
  // The second thing is read only once the first is true.
  const properties = [
    always<{ value: number; done: boolean }>('no update is lost', ({ value, done }) => !done || value === 2),
  ]
  const report = await explore(lazy, properties)
  expect(report.properties[0]!.verdict).toBe('violated')
})

test('a component that a view reads only in later states is visible from the start', async () => {
  const system = counters.lostUpdate()
  const done = (read: (id: string) => unknown) => (read('t0') as Thread).state === 'done'
  const peeking = {
    ...system,
    view: (read: (id: string) => unknown) => done(read) && (read('t1') as Thread).state === 'new',
  }
  const properties = [sometimes<boolean>('one ends before the other begins', (view) => view)]
  const report = await explore(peeking, properties)
  expect(report.properties[0]!.verdict).toBe('seen')
  expectHonest(peeking, properties, report, bruteForce(peeking, properties))
})

test('a thread that spins on what nobody writes keeps nobody else from being explored', async () => {
  const { system, properties } = spinner()
  const brute = bruteForce(system, properties)
  const { report, finals } = await exploreToFinals(system, properties, {})
  expect(report.exhaustive).toBe(true)
  expect(outcomeOf(report)).toEqual(expected(brute))
  expect(finals).toEqual([...brute.finals])
  expectHonest(system, properties, report, brute)
})

test.each([true, false])(
  'two letters by way of one relay arrive in either order (reduction: %s)',
  async (reduction) => {
    const { findings } = await explore(relay(), [], { reduction })
    expect(findings.map(({ title }) => title).sort()).toEqual(['A first', 'B first'])
  },
)

test('an object that cannot answer what is never asked of it is searched all the same', async () => {
  const shelf = component<number>({
    id: 'shelf',
    initial: 0,
    on: {
      PUT: (local, { from }) => ({ local: local + 1, sends: [{ to: from, type: 'DONE' }] }),
      TAKE: (local, { from }) => {
        if (local === 0) throw new Error('nobody takes from an empty shelf')
        return { local: local - 1, sends: [{ to: from, type: 'DONE' }] }
      },
    },
  })
  const putAndTake = [
    { to: 'shelf', type: 'PUT' },
    { to: 'shelf', type: 'TAKE' },
  ]
  const system: System<null> = {
    name: 'shelf',
    fingerprint: 's1',
    components: [thread('t0', putAndTake), thread('t1', putAndTake), shelf],
    start: [begin('t0'), begin('t1')],
    view: () => null,
  }
  const [reduced, full] = await Promise.all([true, false].map((reduction) => explore(system, [], { reduction })))
  expect(reduced!.exhaustive).toBe(true)
  expect(outcomeOf(reduced!)).toEqual(outcomeOf(full!))
})
