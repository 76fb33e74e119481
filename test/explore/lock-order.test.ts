import { describe, expect, test } from 'vitest'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import type { System, Component } from '../../explore/system.ts'
import { diningPhilosophers } from '../toys/dining-philosophers.ts'
import { closed } from '../toys/closed.ts'
import * as lockOrders from '../toys/lock-orders.ts'
import { mutex } from '../toys/objects.ts'
import { lock, thread, unlock } from '../toys/thread.ts'

const inversionsOf = async (system: System<any>, options: ExploreOptions = {}) =>
  (await explore(system, [], options)).findings.filter(({ kind }) => kind === 'lock-order')

/** Steps of the run in which an inversion is told, by title. */
const toldIn = (system: System<any>, schedule: readonly number[]) =>
  replay(system, schedule).steps.flatMap(({ number, findings }) => findings.map(({ title }) => [title, number]))

describe.each([true, false])('reduction: %s', (reduction) => {
  test.each([
    { system: lockOrders.aloneBothWays(), titles: ['lock order a → b → a'] },
    { system: lockOrders.gated(), titles: ['lock order a → b → a'] },
    { system: lockOrders.eitherWay(), titles: ['lock order a → b → a'] },
    { system: lockOrders.shortcut(), titles: ['lock order a → b → a'] },
    { system: lockOrders.eight(), titles: ['lock order a → b → c → a', 'lock order c → d → c'] },
    { system: lockOrders.sameClass(), titles: ['recursive locking of inode'] },
    { system: diningPhilosophers(3), titles: ['lock order fork0 → fork1 → fork2 → fork0'] },
    { system: diningPhilosophers(3, { leftHanded: true }), titles: [] },
  ])('$system.name: $titles', async ({ system, titles }) => {
    const found = await inversionsOf(system, { reduction })
    expect(found.map(({ title }) => title).toSorted()).toEqual(titles)
    for (const { shortest } of found) expect(shortest).toBe(false)
  })

  test('one thread alone shows both orders, in the step that asks for the last lock', async () => {
    const system = lockOrders.aloneBothWays()
    const [found] = await inversionsOf(system, { reduction })
    // GO, four locks taken and two given back: each is a request and an answer. The answer to the last but one lock asks.
    expect(toldIn(system, found!.schedule)).toEqual([['lock order a → b → a', 11]])
    expect(found).toMatchObject({ depth: 11, actors: ['t0'] })
  })

  test('two threads show both orders in one run, although neither is in the way of the other', async () => {
    const system = lockOrders.gated()
    const [found] = await inversionsOf(system, { reduction })
    expect(toldIn(system, found!.schedule)).toEqual([['lock order a → b → a', found!.depth]])
    expect(found!.actors).toEqual(['t0', 't1'])
  })

  test('when no run shows both orders, the run shows one, and says nothing of the other', async () => {
    const system = lockOrders.eitherWay()
    const [found] = await inversionsOf(system, { reduction })
    expect(toldIn(system, found!.schedule)).toEqual([])
    const last = replay(system, found!.schedule).steps.at(-1)!
    expect(last).toMatchObject({ to: 't0', message: { type: 'LOCKED' }, sends: [{ message: { type: 'LOCK' } }] })
  })
})

test('all philosophers show their orders in one run', async () => {
  const system = diningPhilosophers(4)
  const [found] = await inversionsOf(system)
  expect(toldIn(system, found!.schedule)).toEqual([[found!.title, found!.depth]])
  expect(found!.actors).toEqual(['p0', 'p1', 'p2', 'p3'])
})

test('a larger circle is told where a run closes it before its shortcut is seen, but is no finding', async () => {
  const system = lockOrders.shortcut()
  const [found, ...others] = await inversionsOf(system)
  expect(others).toEqual([])
  const told = toldIn(system, found!.schedule).map(([title]) => title)
  expect(told).toEqual(['lock order a → b → c → a', 'lock order a → b → a'])
})

test('it does not matter in which order the locks are listed', async () => {
  const system = lockOrders.eight()
  const backwards = { ...system, components: system.components.toReversed() }
  const titles = async (each: System<any>) => (await inversionsOf(each)).map(({ title }) => title).toSorted()
  expect(await titles(backwards)).toEqual(await titles(system))
})

test('what is asked for in the step of a crash counts', async () => {
  const crash: Component = thread('t0', [lock('a'), lock('b'), unlock('b'), unlock('a'), lock('b'), lock('a')])
  const fatal = { kind: 'bug', title: 'boom', fatal: true }
  const falls: Component = {
    ...crash,
    receive: (local, message) => {
      const outcome = crash.receive(local, message)
      return local.at === 4 ? { ...outcome, findings: [fatal] } : outcome
    },
  }
  const system = closed('falls', 'lo2', [falls, mutex('a'), mutex('b')])
  for (const reduction of [true, false]) {
    const [found] = await inversionsOf(system, { reduction })
    expect(toldIn(system, found!.schedule)).toEqual([
      ['boom', 11],
      ['lock order a → b → a', 11],
    ])
  }
})
