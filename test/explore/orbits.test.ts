/** Threads that are described alike: states that differ only in who of them is who count once, and nothing else is any different for it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unmapWorld, sizeOf } from '../../bench/worlds.ts'
import { toSystem } from '../../actors/running/system.ts'
import { alikeIn, exchanging } from '../../explore/symmetry/alike.ts'
import { Cells } from '../../explore/states/cells.ts'
import { Judge } from '../../explore/claims/judge.ts'
import { explore } from '../../explore/index.ts'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import { Reduction } from '../../explore/reduction/reduction.ts'
import { Restart } from '../../explore/breadth/restart.ts'
import { Search } from '../../explore/breadth/search.ts'
import type { Component, Message, Property, System } from '../../explore/system.ts'
import { Tables } from '../../explore/states/tables.ts'
import { begin } from '../toys/component.ts'
import { descriptions, generate, type Description } from '../toys/generated.ts'
import { mutex, register } from '../toys/objects.ts'
import { namesIn } from '../toys/order.ts'
import { orbitsOf, ordersOf, renaming } from '../toys/orbits.ts'
import { lock, thread, unlock, write, type Op, type Thread } from '../toys/thread.ts'
import { outcomeOf } from './compare.ts'
import { searchedAsByBruteForce } from './orbits-searched.ts'
import { overChance } from '../chance.ts'

/** Who is described alike. */
const threadsAlike = (system: System<any>): readonly (readonly string[])[] => alikeIn(system).map(({ names }) => names)

/** Nothing comes along. */
const alone = (name: string): readonly string[] => [name]

/** All threads do the same, or all but one. */
const alike: fc.Arbitrary<Description> = fc
  .record({ description: descriptions, odd: fc.constantFrom(false, false, true), third: fc.boolean() })
  .map(({ description: { scripts, ...others }, odd, third }) => {
    const script = scripts[0]!.slice(0, third || odd ? 1 : 2)
    const more = odd ? [scripts[1]!.slice(0, 1)] : third ? [script] : []
    return { ...others, scripts: [script, script, ...more] }
  })

test('over random systems as many states as there are orbits, and the same verdicts, findings, ends and runs', async () => {
  const met = { on: 0, saved: 0, bugs: 0 }
  await overChance(
    fc.asyncProperty(alike, async (description) => {
      const { system, properties } = generate(description)
      if (threadsAlike(system).length === 0 || !orbitsOf(system, [], 800)) return
      const { full, report } = await searchedAsByBruteForce(system, properties)
      if (report.symmetry !== 'on') return
      met.on++
      const names = report.alike![0]!
      const counted = orbitsOf(system, [names.map(alone)], 800)!
      expect([full.states, report.states]).toEqual([counted.states, counted.orbits])
      met.saved += full.states - report.states
      met.bugs += report.findings.length
    }),
    {
      runs: 60,
      enough: () => {
        // Otherwise little was put to the test.
        expect(met.on).toBeGreaterThan(0)
        expect(met.saved).toBeGreaterThan(20)
        expect(met.bugs).toBeGreaterThan(0)
      },
    },
  )
})

/** Two threads do the same; of a third, what it does and hears is to come in an order. */
const besideOthers = fc.record({
  description: descriptions,
  section: fc.nat(),
  from: fc.nat(),
  to: fc.nat(),
  way: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
})

const isOfThird = (name: string): boolean => name.includes('t2') && !/t[01]/.test(name)

test('an order among others leaves those alike whom it does not name: as many states as there are orbits in it', async () => {
  const met = { on: 0, saved: 0, cut: 0 }
  await overChance(
    fc.asyncProperty(besideOthers, async ({ description: { scripts, ...others }, from, to, way }) => {
      const [script, other] = scripts.map((each) => each.slice(0, 1))
      const { system, properties } = generate({ ...others, scripts: [script!, script!, other!] })
      if (!threadsAlike(system).flat().includes('t1')) return
      const names = [...new Set(namesIn(system, way).filter(isOfThird))]
      const [first, then] = [names[from % names.length], names[to % names.length]]
      if (first === undefined || then === undefined || first === then) return
      const order = [[first, then]] as const
      const counted = orbitsOf(system, [[['t0'], ['t1']]], 2000, order)
      if (!counted) return
      const full = await explore(system, properties, { order, symmetry: false, reduction: false })
      const report = await explore(system, properties, { order, reduction: false })
      const reduced = await explore(system, properties, { order })
      expect(outcomeOf(report)).toEqual(outcomeOf(full))
      expect(outcomeOf(reduced)).toEqual(outcomeOf(full))
      expect([report.order, reduced.order]).toEqual([full.order, full.order])
      expect(full.states).toBe(counted.states)
      if (report.symmetry !== 'on' || report.alike![0]!.join() !== 't0,t1' || report.alike!.length > 1) return
      expect(report.states).toBe(counted.orbits)
      met.on++
      met.saved += counted.states - counted.orbits
      met.cut += Number(report.order![0]!.cut)
    }),
    {
      runs: 60,
      enough: () => {
        expect(met.on).toBeGreaterThan(5)
        expect(met.saved).toBeGreaterThan(20)
        expect(met.cut).toBeGreaterThan(0)
      },
    },
  )
})

test('who is named in an order is told apart from the others, and who is not is still alike', async () => {
  const system = toSystem(unmapWorld('restart', sizeOf('3.1.1.1')))
  const inOrder = (...names: readonly string[]) => explore(system, [], { order: [names] })
  await expect(inOrder('vmm0 → vmm0/unmap CALL', 'worker0 → worker0/pin CALL')).resolves.toMatchObject({
    symmetry: 'on',
    alike: [['vmm1', 'vmm2']],
    apart: ['an order tells who is who'],
  })
  await expect(inOrder('vmm0 → vmm0/unmap CALL', 'vmm1 → vmm1/unmap CALL')).resolves.toMatchObject({
    symmetry: { off: 'an order tells who is who' },
  })
  const others = await inOrder('worker0 → worker0/pin CALL', 'worker0/pin → worker0 RETURN')
  expect(others).toMatchObject({ symmetry: 'on', alike: [['vmm0', 'vmm1', 'vmm2']], exhaustive: true })
  expect(others.apart).toBeUndefined()
})

/** Of the states that a search stores: each is the end of a run, and so is what it is by other names. */
const orbitsStored = (system: System<any>, names: readonly string[]): readonly [states: number, orbits: number] => {
  const { tables, search } = searched(system)
  const lanes = tables.lanes.map(({ from, to }) => `${from} → ${to}`)
  const members = names.map(alone)
  const called = ordersOf(members).map((order) => lanes.map((lane) => lanes.indexOf(renaming(members, order)(lane))))
  const orbits = new Set<string>()
  for (let state = 0; state < search.store.count; state++) {
    const run = search.runTo(state)
    const images = called.map((to) => {
      const at = tables.initial()
      for (const lane of run) tables.apply(at, to[lane]!, tables.entryOf(at, to[lane]!)!)
      return at.subarray(0, tables.slots).join()
    })
    orbits.add(images.toSorted()[0]!)
  }
  return [search.store.count, orbits.size]
}

/** A search with the reduction and without symmetry, as explore() makes it. */
function searched(system: System<any>): { readonly tables: Tables; readonly search: Search } {
  const cells = new Cells(new Tables(system))
  const visible = new Set<number>()
  const reduction = new Reduction(cells.tables, visible)
  for (;;) {
    try {
      reduction.begin()
      const search = new Search(cells, new Judge(cells.tables, [], visible), {}, reduction)
      for (const _ of search.run(0)) continue
      return { tables: cells.tables, search }
    } catch (cause) {
      if (!(cause instanceof Restart)) throw cause
    }
  }
}

test.each([
  ['1.1.1.1', 9, 9],
  ['2.1.1.1', 28, 18],
  ['3.1.1.1', 92, 31],
  ['4.1.1.1', 320, 49],
  ['2.2.1.1', 295, 168],
  ['3.2.1.1', 1820, 446],
] as const)('%s, unmapped by tasks that are alike: %i states are %i orbits', async (size, states, orbits) => {
  const system = toSystem(unmapWorld('restart', sizeOf(size)))
  const [names] = threadsAlike(system)
  expect(orbitsStored(system, names ?? [])).toEqual([states, orbits])
  const report = await explore(system)
  expect(report.states).toBe(orbits)
  expect(report.alike).toEqual(names && [names])
  const full = await explore(system, [], { symmetry: false })
  expect([full.states, full.symmetry, full.depth]).toEqual([states, undefined, report.depth])
})

test('five tasks that are alike: 1168 states are 73 orbits', async () => {
  await expect(explore(toSystem(unmapWorld('restart', sizeOf('5.1.1.1'))))).resolves.toMatchObject({
    states: 73,
    symmetry: 'on',
    alike: [['vmm0', 'vmm1', 'vmm2', 'vmm3', 'vmm4']],
  })
})

test('of every step of 2.1.1.1, states and orbits are those of brute force', async () => {
  const system = toSystem(unmapWorld('restart', sizeOf('2.1.1.1')))
  const counted = orbitsOf(system, [[['vmm0'], ['vmm1']]], 10_000)
  expect(counted).toEqual({ states: 8124, orbits: 4146 })
  await expect(explore(system, [], { reduction: false })).resolves.toMatchObject({ states: 4146, symmetry: 'on' })
})

const section: readonly Op[] = [lock('m'), write('r', 1), unlock('m')]

/** Threads by the name of what they do. */
const threadsDoing = (scripts: Readonly<Record<string, readonly Op[]>>): System<{ readonly [id: string]: Thread }> => ({
  name: 'threads',
  fingerprint: 'o1',
  components: [
    ...Object.entries(scripts).map(([id, ops]) => thread(id, ops)),
    mutex('m'),
    register('r', 0, { guardedBy: 'm' }),
  ],
  start: Object.keys(scripts).map((id) => begin(id)),
  view: (read) =>
    Object.defineProperties(
      {},
      Object.fromEntries(Object.keys(scripts).map((id) => [id, { get: () => read(id) }])),
    ) as never,
})

const symmetryWith = async (system: System<any>, properties: readonly Property[] = []) => {
  const { symmetry, alike: classes } = await explore(system, properties, { reduction: false })
  return classes ?? symmetry
}

test('who does something else is no alike, and there may be several kinds', async () => {
  const other = [lock('m'), unlock('m')]
  await expect(symmetryWith(threadsDoing({ a: section, b: section, c: other }))).resolves.toEqual([['a', 'b']])
  await expect(symmetryWith(threadsDoing({ a: section, b: other, c: section, d: other }))).resolves.toEqual([
    ['a', 'c'],
    ['b', 'd'],
  ])
  // What they are described by does not tell: they do something else.
  const others = threadsDoing({ a: section, b: other })
  expect(threadsAlike(others)).toEqual([['a', 'b']])
  await expect(symmetryWith(others)).resolves.toBeUndefined()
})

test('what tells them apart puts it off, and the report says what it is', async () => {
  const system = threadsDoing({ a: section, b: section })
  const isDone = ({ state }: Thread) => state === 'done'
  const both = sometimes('both are done', ({ a, b }) => isDone(a) && isDone(b))
  await expect(symmetryWith(system, [both])).resolves.toEqual([['a', 'b']])
  const first = always('a is done before b', ({ a, b }) => isDone(a) || !isDone(b))
  // Of the others nothing is said.
  const four = threadsDoing({ a: section, b: section, c: section, d: section })
  const apart = ['a and b', 'a and c', 'a and d'].map((who) => `"a is done" tells ${who} apart`)
  const done = sometimes('a is done', ({ a }) => isDone(a))
  await expect(explore(four, [done], { reduction: false })).resolves.toMatchObject({ alike: [['b', 'c', 'd']], apart })
  await expect(symmetryWith(system, [both, first])).resolves.toEqual({
    off: '"a is done before b" tells a and b apart',
  })
  const ends = eventually('both end', ({ a, b }) => isDone(a) && isDone(b))
  await expect(symmetryWith(system, [ends])).resolves.toEqual({ off: '"both end" is about whole runs' })
})

test('what an object does with names is looked at, not what it shows', async () => {
  const system = threadsDoing({ a: section, b: section })
  // It is described alike for both, and lets only one in.
  const picky = { ...mutex('m'), accepts: (_: unknown, { from }: Message) => from !== 'b' }
  const components = system.components.map((each) => (each.id === 'm' ? picky : each))
  await expect(symmetryWith({ ...system, components })).resolves.toEqual({ off: 'm tells a and b apart' })
})

test('what becomes the same for one and not for the other tells them apart, also where nobody notices', async () => {
  /** How often each has asked, as far as it is counted. */
  const counting = (most: Readonly<Record<string, number>>): Component => ({
    ...register('count', 0),
    initial: { a: 0, b: 0 },
    show: (local) => ({ state: 'only', data: local }),
    key: ({ a, b }) => `${a} ${b}`,
    receive: (local, { from }) => ({
      local: { ...local, [from]: Math.min(local[from] + 1, most[from]!) },
      sends: [{ to: from, message: { type: 'DONE', from: 'count' } }],
      ...{ findings: [], notes: [], ignored: false },
    }),
  })
  const ask: Op = { to: 'count', type: 'ASK' }
  const asking = (most: Readonly<Record<string, number>>): System<any> => {
    const asks = threadsDoing({ a: [ask, ask], b: [ask, ask] })
    return { ...asks, components: [...asks.components, counting(most)] }
  }
  await expect(symmetryWith(asking({ a: 2, b: 2 }))).resolves.toEqual([['a', 'b']])
  await expect(symmetryWith(asking({ a: 1, b: 2 }))).resolves.toEqual({ off: 'count tells a and b apart' })
})

test('what one of them ignores, all that are alike may', async () => {
  /** Who comes first is told more than it asked for. */
  const talksAtFirst: Component = {
    ...register('talks', 0),
    initial: { told: 0 },
    show: (local) => ({ state: 'only', data: local }),
    key: ({ told }) => `${told}`,
    receive: ({ told }, { from }) => ({
      local: { told: 1 },
      sends: (told === 0 ? ['DONE', 'NEWS'] : ['DONE']).map((type) => ({ to: from, message: { type, from: 'talks' } })),
      ...{ findings: [], notes: [], ignored: false },
    }),
  }
  const asks = threadsDoing({ a: [{ to: 'talks', type: 'ASK' }], b: [{ to: 'talks', type: 'ASK' }] })
  const hearsAll = (each: Component): Component => ({
    ...each,
    accepts: (local, message) => message.type === 'NEWS' || (each.accepts?.(local, message) ?? true),
    receive: (local, message) =>
      message.type === 'NEWS'
        ? { local, sends: [], findings: [], notes: [], ignored: true }
        : each.receive(local, message),
  })
  const components = [...asks.components.map((each) => (each.thread ? hearsAll(each) : each)), talksAtFirst]
  const [one, full] = await Promise.all(
    [true, false].map((symmetry) => explore({ ...asks, components }, [], { symmetry, reduction: false })),
  )
  expect([one!.symmetry, full!.symmetry]).toEqual(['on', undefined])
  const told = (report: typeof one) => report!.ignored.map((each) => Object.values(each).join(' ')).toSorted()
  expect(new Set(full!.ignored.map(({ component }) => component))).toEqual(new Set(['a', 'b']))
  expect(told(one)).toEqual(told(full))
})

test('a name that is part of another word is another name', () => {
  const system = threadsDoing({ task1: section, task10: section, task2: section })
  expect(threadsAlike(system)).toEqual([['task1', 'task10', 'task2']])
  const swap = exchanging([['task1', 'task2']])
  expect(['task1/unmap', 'task10/unmap', 'a task2.'].map(swap)).toEqual(['task2/unmap', 'task10/unmap', 'a task1.'])
})

test('names that stand in a list in another order are alike if nothing is done with the order', async () => {
  const system = threadsDoing({ a: section, b: section })
  const listing = (served: (names: readonly string[]) => string): Component => ({
    ...register('list', 0),
    initial: { names: ['a', 'b'] },
    show: (local) => ({ state: 'only', data: local }),
    key: (local) => JSON.stringify(local),
    receive: (local, { from }) => ({
      local,
      sends: [{ to: from, message: { type: 'DONE', from: 'list', for: served(local.names) } }],
      ...{ findings: [], notes: [], ignored: false },
    }),
  })
  const asking = (served: (names: readonly string[]) => string): System<any> => {
    const keeps: Op['keeps'] = ({ for: first }) => ({ first })
    const ask: Op = { to: 'list', type: 'ASK', keeps }
    const turn = (own: string): Op => ({ to: 'r', type: 'READ', goes: (_, { first }) => (first === own ? 2 : 3) })
    const asks = threadsDoing({ a: [ask, turn('a'), lock('m')], b: [ask, turn('b'), lock('m')] })
    return { ...system, ...asks, components: [...asks.components, listing(served)] }
  }
  await expect(symmetryWith(asking((names) => names.toSorted().join()))).resolves.toEqual([['a', 'b']])
  // Whoever is first goes another way.
  await expect(symmetryWith(asking(([first]) => first!))).resolves.toBeUndefined()
})
