/** Lockdep as a consumer of traces: the same edges as the search has, with the calls that made them. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { lockdep, lockdepOf, type Acquisition, type Lockdep } from '../../explore/locks/lockdep.ts'
import type { Component, System } from '../../explore/system.ts'
import { start } from '../../actors/running/told.ts'
import { mutexCalled, rwsemCalled, triedRwsemCalled } from '../../actors/kernel/locks.ts'
import { triedMutexFacts } from '../../machines/kernel/locks/mutex.ts'
import { toSystem } from '../../actors/running/system.ts'
import { srcu, srcuFacts } from '../../machines/kernel/rcu/srcu.ts'
import { findScenario } from '../../scenarios/index.ts'
import { expectations } from '../scenarios/each.ts'
import { explored as complete } from '../scenarios/explored.ts'
import { toys } from '../toys/all.ts'
import { closed } from '../toys/closed.ts'
import { diningPhilosophers } from '../toys/dining-philosophers.ts'
import * as lockOrders from '../toys/lock-orders.ts'
import { mutex } from '../toys/objects.ts'
import { run } from '../toys/run.ts'
import { lock, thread, unlock, type Op } from '../toys/thread.ts'

const named = (edges: Lockdep['edges']): readonly string[] => edges.map(({ from, to }) => `${from} → ${to}`).toSorted()
const titles = ({ inversions }: Lockdep): readonly string[] => inversions.map(({ finding }) => finding.title)

const explored = async (system: System<any>, reduction = true): Promise<Lockdep> =>
  lockdepOf(await explore(system, [], { reduction }), (schedule) => replay(system, schedule))

describe('an order is told from a trace as brute force tells it', () => {
  test.each(toys)('$system.name', async ({ system, properties, bruteForced }) => {
    const report = await explore(system, properties)
    const seen = [...report.findings, ...report.lockOrder, ...report.properties]
    for (const { schedule } of seen) {
      if (schedule === undefined) continue
      const edges = run(system, schedule)
        .edges.flat()
        .map(([held, asked]) => `${held} → ${asked}`)
      expect(named(lockdep(replay(system, schedule)).edges)).toEqual([...new Set(edges)].toSorted())
    }
    const order = lockdepOf(report, (schedule) => replay(system, schedule))
    const brute = [...bruteForced().findings.keys()].filter((title) => title.startsWith('lock-order: '))
    expect(titles(order).map((title) => `lock-order: ${title}`)).toEqual(brute.toSorted())
  })
})

test.each(toys)('$system.name: every edge has a run that ends with it', async ({ system }) => {
  for (const reduction of [true, false]) {
    const { lockOrder } = await explore(system, [], { reduction })
    for (const { from, to, schedule } of lockOrder) {
      const edge = lockdep(replay(system, schedule)).edges.find((each) => each.from === from && each.to === to)
      expect(edge?.asked).toMatchObject({ lockClass: to, sent: schedule.length })
      expect(edge?.held.lockClass).toBe(from)
    }
  }
})

test('the reduction leaves out no edge', async () => {
  for (const { system } of toys)
    expect(named((await explored(system)).edges)).toEqual(named((await explored(system, false)).edges))
})

test('samples have an order of locks, too', async () => {
  const system = diningPhilosophers(3)
  const report = await explore(system, [], { search: { random: { seed: 1, runs: 20 } } })
  const order = lockdepOf(report, (schedule) => replay(system, schedule))
  expect(named(order.edges)).toEqual(['fork0 → fork1', 'fork1 → fork2', 'fork2 → fork0'])
  expect(titles(order)).toEqual(['lock order fork0 → fork1 → fork2 → fork0'])
})

describe('silent', () => {
  test('on an attempt: it adds no edge to the lock that is tried', async () => {
    expect(named((await explored(lockOrders.tried())).edges)).toEqual(['a → b'])
  })

  test('on many of a class that are tried one after the other, as a hot reset does with every vma_lock and memory_lock', async () => {
    const ids = ['dev0', 'dev1', 'dev2']
    const { components } = toSystem({
      name: 'devices',
      actors: [
        mutexCalled('dev_set', 'dev_set->lock'),
        ...ids.map((id) => ({ ...mutexCalled(`${id}.vma_lock`, 'vma_lock'), lock: triedMutexFacts })),
        ...ids.map((id) => triedRwsemCalled(`${id}.memory_lock`, 'memory_lock')),
      ],
      start: [],
      view: () => null,
    })
    const attempts: readonly Op[] = [
      lock('dev_set'),
      ...ids.map((id) => ({ to: `${id}.vma_lock`, type: 'TRYLOCK' })),
      ...ids.map((id) => ({ to: `${id}.memory_lock`, type: 'TRY_WRITE' })),
      { to: 'dev2.memory_lock', type: 'UP_WRITE' },
      { to: 'dev2.memory_lock', type: 'TRY_READ' },
    ]
    const silent = await explored(closed('hot reset', 'lo4', [thread('t0', attempts), ...components]))
    expect(silent).toMatchObject({ edges: [], inversions: [] })
    // What was tried for is held: whoever then waits for one more of the class is told.
    const waits = [...attempts, unlock('dev2.vma_lock'), lock('dev2.vma_lock')]
    const told = await explored(closed('impatient', 'lo5', [thread('t0', waits), ...components]))
    expect(named(told.edges)).toEqual(['dev_set->lock → vma_lock', 'memory_lock → vma_lock', 'vma_lock → vma_lock'])
  })

  test('on what is taken again after it was given back', async () => {
    const order = await explored(lockOrders.oneAfterTheOther())
    expect(order).toMatchObject({ edges: [], inversions: [] })
  })

  test('on two of a class that are ordered by a documented rule, which is told', async () => {
    const order = await explored(lockOrders.family(['parent', 'child']))
    expect(order).toMatchObject({ edges: [], inversions: [] })
    const trace = replay(lockOrders.family(['parent', 'child']), [0, 0, 0])
    expect(lockdep(trace).nested).toMatchObject([{ from: 'inode', to: 'inode', rule: 'the parent before the child' }])
  })

  test('on such a rule of an actor, and of a class in a documented order', async () => {
    const sems = ['mm0', 'mm1', 'mm2']
    const { components } = toSystem({
      name: 'fork of a fork',
      actors: sems.map((id, index) => ({
        ...rwsemCalled(id, 'mmap_lock'),
        nest: { rule: 'older before younger', after: sems.slice(0, index) },
      })),
      start: [],
      view: () => null,
    })
    const nested = (...ids: readonly string[]): readonly Op[] => [
      ...ids.map((to) => ({ to, type: 'DOWN_WRITE' })),
      ...ids.map((to) => ({ to, type: 'UP_WRITE' })),
    ]
    const told = async (...ids: readonly string[]) =>
      titles(await explored(closed('forks', 'lo3', [thread('t0', nested(...ids)), ...components])))
    expect(await told('mm0', 'mm1', 'mm2')).toEqual([])
    expect(await told('mm0', 'mm2')).toEqual([])
    expect(await told('mm1', 'mm0')).toEqual(['recursive locking of mmap_lock'])
    expect(await told('mm1', 'mm1')).toEqual(['recursive locking of mmap_lock'])
  })
})

describe('not silent', () => {
  test('on what was tried for and is held while another lock is waited for', async () => {
    const order = await explored(lockOrders.triedAndHeld())
    expect(titles(order)).toEqual(['lock order a → b → a'])
    const [{ edges } = { edges: [] }] = order.inversions
    expect(edges.find(({ from }) => from === 'b')!.held).toMatchObject({ type: 'TRYLOCK', exclusive: true })
  })

  test('on the rule broken', async () => {
    expect(titles(await explored(lockOrders.family(['child', 'parent'])))).toEqual(['recursive locking of inode'])
  })

  test('on one reader inside the other: a writer between them would stop both', async () => {
    expect(titles(await explored(lockOrders.readInRead()))).toEqual(['recursive locking of sem'])
  })
})

describe('srcu', () => {
  const chain = (): Component =>
    toSystem({
      name: 'chain',
      actors: [{ id: 'chain', machine: srcu, input: { id: 'chain' }, lockClass: 'chain', lock: srcuFacts }],
      start: [],
      view: () => null,
    }).components[0]!
  const read = (...inside: readonly Op[]): readonly Op[] => [
    { to: 'chain', type: 'READ_LOCK' },
    ...inside,
    { to: 'chain', type: 'READ_UNLOCK' },
  ]
  const synchronize: Op = { to: 'chain', type: 'SYNCHRONIZE' }

  test('synchronized under a lock that a reader waits for is an inversion', async () => {
    const system = closed('srcu', 'so1', [
      thread('reader', read(lock('x'), unlock('x'))),
      thread('writer', [lock('x'), synchronize, unlock('x')]),
      chain(),
      mutex('x'),
    ])
    const order = await explored(system)
    expect(titles(order)).toEqual(['lock order chain → x → chain'])
    expect(named(order.edges)).toEqual(['chain → x', 'x → chain'])
    expect((await explore(system)).findings.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['deadlock', 'lock-order']),
    )
  })

  test('is none when it is synchronized after the lock was given back', async () => {
    const system = closed('srcu', 'so2', [
      thread('reader', read(lock('x'), unlock('x'))),
      thread('writer', [lock('x'), unlock('x'), synchronize]),
      chain(),
      mutex('x'),
    ])
    expect(titles(await explored(system))).toEqual([])
  })

  test('is none for readers alone, however they nest', async () => {
    const system = closed('srcu', 'so3', [
      thread('t0', read(...read(), lock('x'), unlock('x'))),
      thread('t1', [lock('x'), ...read(), unlock('x')]),
      chain(),
      mutex('x'),
    ])
    expect(titles(await explored(system))).toEqual([])
  })
})

describe('one task alone shows the order of 6.0 both ways', () => {
  const scenario = findScenario('stale-dma')!
  const choices = { unmap: 'device-list', tasks: 1 } as const
  const system = scenario.system(choices)
  const stack = ({ stack: frames }: Acquisition): readonly string[] =>
    frames.map(({ call, since }) => `${call} ${since}`)

  test('with both stacks of acquisition, from the one run', async () => {
    const report = await explore(system)
    const { schedule } = report.findings.find(({ kind }) => kind === 'lock-order')!
    const { inversions } = lockdep(replay(system, schedule))
    expect(inversions).toHaveLength(1)
    const [{ closing, edges, finding }] = inversions as [(typeof inversions)[number]]
    expect(finding.title).toBe('lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock')
    expect(closing).toMatchObject({
      from: 'iommu->device_list_lock',
      to: 'iommu->lock',
      held: { lock: 'device_list.lock', thread: 'vmm0', type: 'LOCK', exclusive: true, heard: 12 },
      asked: { lock: 'iommu.lock', thread: 'vmm0', sent: 25, heard: undefined },
    })
    expect(stack(closing.asked)).toEqual([
      'vmm0/unpin 25',
      'vmm0/mdev0.dma_unmap 20',
      'vmm0/notify 9',
      'vmm0/unmap 2',
      'vmm0 1',
    ])
    const first = edges.find((edge) => edge !== closing)!
    expect(first).toMatchObject({
      held: { lock: 'iommu.lock', heard: 3 },
      asked: { lock: 'device_list.lock', heard: 12 },
    })
    expect(stack(first.asked)).toEqual(['vmm0/notify 9', 'vmm0/unmap 2', 'vmm0 1'])
    expect(closing.others.map(({ lock: id }) => id)).toEqual(['device_list.lock', 'mdev0.lock'])
  })

  test('and a live run tells it as well', () => {
    const { trace, schedule } = start(scenario.world(choices)).settle()
    expect(trace.steps.length).toBeGreaterThan(40)
    expect(titles(lockdep(trace))).toEqual([
      'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
    ])
    expect(lockdep(trace)).toEqual(lockdep(replay(system, schedule)))
  })
})

test('what is held when a run ends is told, with how', async () => {
  const { findings } = await explore(lockOrders.gated())
  const held = lockdep(replay(lockOrders.gated(), findings[0]!.schedule)).held
  expect(held.map(({ thread: who, lock: id, exclusive }) => [who, id, exclusive])).toContainEqual(['t1', 'gate', true])
})

/** Scenarios in which locks are taken in both orders; the others keep one. */
const wrong = expectations.filter(({ expected }) =>
  expected.findings.some((title) => /^lock order|^recursive/.test(title)),
)

test.each(wrong)('$title: each inversion has both stacks, from one run', async ({ scenario, choices, expected }) => {
  const system = scenario.system(choices)
  const order = lockdepOf(await complete(scenario, choices), (schedule) => replay(system, schedule))
  expect(titles(order).toSorted()).toEqual(expected.findings.filter((title) => /^lock order|^recursive/.test(title)))
  for (const { edges } of order.inversions) {
    expect(new Set(edges.map(({ schedule }) => schedule)).size).toBe(1)
    for (const { held, asked } of edges) for (const { stack } of [held, asked]) expect(stack.length).toBeGreaterThan(0)
  }
})
