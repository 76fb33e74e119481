import { describe, expect, test } from 'vitest'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import type { System, Component } from '../../explore/system.ts'
import { diningPhilosophers } from '../toys/dining-philosophers.ts'
import * as deadlocks from '../toys/deadlocks.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { closed } from '../toys/closed.ts'
import { component } from '../toys/component.ts'
import { run } from '../toys/run.ts'
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
    { system: deadlocks.completesUnderLock(), titles: ['lock order (completion)done → m → (completion)done'] },
    { system: deadlocks.waitsForItself(), titles: ['recursive locking of (completion)done'] },
    { system: deadlocks.eitherCompletes(), titles: [] },
    { system: deadlocks.bothComplete(), titles: ['lock order (completion)done → m → (completion)done'] },
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

test('an inversion that no run shows ends with the edge of it that was seen last', async () => {
  const system = lockOrders.eitherWay()
  const { findings, lockOrder } = await explore(system, [], { reduction: false })
  const [inversion] = findings
  const [first, last] = lockOrder
  expect(last!.schedule.length).toBeGreaterThan(first!.schedule.length)
  const { edges } = run(system, inversion!.schedule)
  expect(edges.at(-1)).toEqual([[last!.from, last!.to]])
})

test('who asks for two locks in one step and gives a third back asks for two', async () => {
  const juggler = component<string>({
    id: 't0',
    thread: 't0',
    initial: 'new',
    on: {
      GO: () => ({ local: 'asks', sends: ['c', 'b'].map((to) => ({ to, type: 'LOCK', task: 't0' })) }),
      LOCKED: (local) =>
        local === 'asks'
          ? { local: 'has one' }
          : local === 'has one'
            ? {
                local: 'juggles',
                sends: [
                  { to: 'b', type: 'UNLOCK', task: 't0' },
                  { to: 'a', type: 'LOCK', task: 't0' },
                  { to: 'd', type: 'LOCK', task: 't0' },
                ],
              }
            : {},
      UNLOCKED: () => ({}),
    },
  })
  const system = closed('juggler', 'j1', [juggler, ...['a', 'b', 'c', 'd'].map(mutex)])
  const { lockOrder } = await explore(system)
  expect(lockOrder.map(({ from, to }) => `${from} → ${to}`).toSorted()).toEqual(['b → a', 'b → d', 'c → a', 'c → d'])
  expect([...bruteForce(system).edges].toSorted()).toEqual(['b → a', 'b → d', 'c → a', 'c → d'])
})

describe('of one class, the child may be locked inside the parent', () => {
  const node = (id: string, after: readonly string[]) => ({
    ...mutex(id),
    lockClass: 'node',
    nest: { rule: 'the parent before the child', after },
  })
  const inside = (outer: string, inner: string) => [lock(outer), lock(inner), unlock(inner), unlock(outer)]
  const titlesOf = async (...scripts: readonly (readonly [outer: string, inner: string])[]) => {
    const nodes = [node('parent', []), node('child', ['parent', 'list']), mutex('list')]
    const walker = thread(
      't0',
      scripts.flatMap((each) => inside(...each)),
    )
    return (await inversionsOf(closed('tree', 't1', [walker, ...nodes]))).map(({ title }) => title)
  }

  test('and not the parent inside the child', async () => {
    expect(await titlesOf(['parent', 'child'])).toEqual([])
    expect(await titlesOf(['child', 'parent'])).toEqual(['recursive locking of node'])
  })

  test('and a rule of one class says nothing of another', async () => {
    expect(await titlesOf(['list', 'child'], ['child', 'list'])).toEqual(['lock order list → node → list'])
  })
})

describe('an inversion is judged', () => {
  const judgedIn = async (system: System<any>, options: ExploreOptions = {}) =>
    (await inversionsOf(system, options)).map(({ title, judged }) => `${title}: ${judged!.verdict}`)

  describe.each([true, false])('reduction: %s', (reduction) => {
    test.each([
      { system: lockOrders.gated(), what: 'refuted', why: 'whoever takes both has a third lock' },
      { system: lockOrders.aloneBothWays(), what: 'refuted', why: 'one thread takes them one after the other' },
      { system: lockOrders.eitherWay(), what: 'refuted', why: 'no run has both orders' },
      { system: lockOrders.readInRead(), what: 'refuted', why: 'there is no writer to stand between two readers' },
      { system: lockOrders.untilKilled(), what: 'refuted', why: 'who waits is killed' },
      { system: lockOrders.untilKilled({ kills: false }), what: 'confirmed', why: 'nobody kills' },
      { system: lockOrders.besideSpinner(), what: 'confirmed', why: 'two are caught while a third goes on' },
      { system: lockOrders.selfDeadlock(), what: 'confirmed', why: 'a thread asks for what it has' },
      { system: lockOrders.throughQueue(), what: 'confirmed', why: 'a reader waits behind a writer for a reader' },
      { system: diningPhilosophers(3), what: 'confirmed', why: 'all are hungry' },
      { system: deadlocks.completesUnderLock(), what: 'confirmed', why: 'it could be completed by one who waits' },
    ])('$system.name: $what, since $why', async ({ system, what }) => {
      const found = (await inversionsOf(system, { reduction })).filter(({ judged }) => judged?.verdict === what)
      expect(found.length).toBeGreaterThan(0)
      for (const { judged } of found)
        if (judged?.verdict === 'confirmed') expect(() => replay(system, judged.schedule)).not.toThrow()
    })
  })

  test('confirmed by a run that hangs, although some other thread goes on for ever', async () => {
    const system = lockOrders.besideSpinner()
    const report = await explore(system)
    expect(report.findings.map(({ kind }) => kind)).toEqual(['lock-order'])
    const { judged } = report.findings[0]!
    expect(judged!.verdict).toBe('confirmed')
    expect(replay(system, (judged as { schedule: readonly number[] }).schedule).end).toBe('open')
  })

  test('by the shortest run to a deadlock, if that is one in which it is caught', async () => {
    const { findings } = await explore(diningPhilosophers(3))
    const deadlock = findings.find(({ kind }) => kind === 'deadlock')!
    const inversion = findings.find(({ kind }) => kind === 'lock-order')!
    expect(inversion.judged).toEqual({ verdict: 'confirmed', schedule: deadlock.schedule })
  })

  test('neither way while not every order was looked at, unless a run has hung already', async () => {
    const bound = await inversionsOf(lockOrders.gated(), { reduction: false, within: { states: 90 } })
    expect(bound.map(({ judged }) => judged)).toEqual([{ verdict: 'open' }])
    const titles = await judgedIn(diningPhilosophers(3), { reduction: false, within: { states: 880 } })
    expect(titles).toEqual(['lock order fork0 → fork1 → fork2 → fork0: confirmed'])
  })

  test('by a sample only if it hangs', async () => {
    const search = { random: { seed: 1, runs: 200 } }
    expect(await judgedIn(lockOrders.gated(), { search })).toEqual(['lock order a → b → a: open'])
    expect(await judgedIn(lockOrders.untilKilled({ kills: false }), { search })).toEqual([
      'lock order a → b → a: confirmed',
    ])
  })
})
