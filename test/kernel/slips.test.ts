/** Slips in machines and worlds of one's own are told with the place, the rule and the right form, and none is a fault in relock. */
import { describe, expect, test } from 'vitest'
import {
  assign,
  createMachine,
  emit,
  enqueueActions,
  fromPromise,
  log,
  raise,
  sendTo,
  setup,
  spawnChild,
  type AnyStateMachine,
} from 'xstate'
import { explore, start } from '../../index.ts'
import type { ActorSpec, World } from '../../actors/world/world.ts'
import { mutex, mutexFacts } from '../../machines/kernel/locks/mutex.ts'
import { send, type Heard } from '../../machines/say.ts'
import { deadlockLines } from '../../report/locks.ts'
import { makePage } from '../../report/style.ts'
import { random } from '../../streams/strategies.ts'
import { runLive } from '../live/recording.ts'

const lock: ActorSpec = { id: 'm', machine: mutex, input: { id: 'm' }, lockClass: 'm', lock: mutexFacts }

/** A thread of one's own over one lock; it is told GO. */
const world = (machine: AnyStateMachine): World => ({
  name: 'own',
  actors: [{ id: 't', machine, input: {}, thread: 't' }, lock],
  start: [{ to: 't', message: { type: 'GO', from: 'env', task: 't' } }],
  view: () => ({}),
})

/** It does this when it is told to go. */
const doing = (actions: unknown, more: object = {}): AnyStateMachine =>
  createMachine({
    id: 'own',
    context: {},
    initial: 'a',
    states: { a: { on: { GO: { target: 'b', actions } } }, b: { type: 'final' } },
    ...more,
  } as never)

const inState = (state: object): AnyStateMachine =>
  createMachine({
    id: 'own',
    context: {},
    initial: 'a',
    states: { a: { on: { GO: 'b' }, ...state }, b: { type: 'final' } },
  } as never)

/** What is said by each of the ways to run it; all say the same. */
async function complaint(subject: World): Promise<string> {
  const said = await explore(subject).then(
    () => 'nothing',
    (error: Error) => `${error.name}: ${error.message}`,
  )
  const run = () => start(subject).settle()
  expect(run).toThrow(said.slice('ModelError: '.length).split('\n')[0]!)
  return said
}

describe('a machine that does what nobody could see', () => {
  const child = createMachine({})
  test.each<[string, AnyStateMachine, RegExp]>([
    ['sendTo', doing(sendTo('m', { type: 'LOCK' })), /uses sendTo.*emit\(.*send\('m', 'LOCK'/s],
    ['spawnChild', doing(spawnChild(child)), /uses spawnChild.*an actor of its own in the world/s],
    ['log', doing(log('here')), /uses log.*note\(/s],
    ['a custom action', doing(() => {}), /runs a function of its own/],
    ['a custom action by name', doing('shout', {}), /names an action "shout" that nobody wrote/],
    ['a delayed raise', doing(raise({ type: 'LATER' }, { delay: 10 })), /raises an event later/],
    [
      'spawn',
      createMachine({
        id: 'own',
        context: {},
        initial: 'a',
        states: {
          a: { on: { GO: { target: 'b', actions: assign(({ spawn }) => void spawn(child)) } } },
          b: {},
        },
      } as never),
      /spawns an actor.*an actor of its own in the world/s,
    ],
    ['invoke', inState({ invoke: { src: fromPromise(async () => 1) } }), /invokes an actor/],
    ['after', inState({ after: { 100: 'b' } }), /waits for a time \(after\).*from: 'env'/s],
    [
      'a guard that is not there',
      inState({ on: { GO: { target: 'b', guard: 'isIt' } } }),
      /asks a guard "isIt" that nobody/,
    ],
  ])('%s', async (_, machine, says) => {
    const said = await complaint(world(machine))
    expect(said).toMatch(says)
    expect(said).toMatch(/machine +own/)
    expect(said).toMatch(/state +a/)
    expect(said).toMatch(/rule +/)
  })

  test('one that enqueues a function, which shows when it does', async () => {
    const machine = doing(enqueueActions(({ enqueue }) => enqueue(() => {})))
    expect(await complaint(world(machine))).toMatch(/enqueues .*which the checker cannot see/)
  })

  const round = (guard: object): AnyStateMachine =>
    createMachine({
      id: 'own',
      context: {},
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: { always: { target: 'c', ...guard } },
        c: { always: { target: 'b', ...guard } },
      },
    } as never)

  test('one that goes round by always without an end is told so before it runs', async () => {
    const said = await complaint(world(round({})))
    expect(said).toContain('Machine own goes on by itself (always) without an end.')
    expect(said).toMatch(/machine +own\n.*state +b\n.*rule +/s)
  })

  test('and one whose guards never fail, when it does', async () => {
    const search = explore(world(round({ guard: () => true })))
    await expect(search).rejects.toThrow('Machine own goes on by itself (always) without an end.')
  })

  const withRegions = (initial: string): AnyStateMachine =>
    createMachine({
      id: 'own',
      context: {},
      type: 'parallel',
      states: {
        one: {
          initial,
          states: {
            a: { on: { GO: 'b' } },
            b: { always: { target: 'c', guard: () => true } },
            c: { always: { target: 'b', guard: () => true } },
          },
        },
        other: { initial: 'a', states: { a: {} } },
      },
    } as never)

  test.each(['a', 'b'])('also one with regions, which begins in %s: in a search, and live', async (initial) => {
    const search = explore(world(withRegions(initial)))
    await expect(search).rejects.toThrow('Machine own goes on by itself (always) without an end.')
    await expect(search).rejects.toThrow(/machine +own\n.*state +.*rule +/s)
    expect(() => runLive(world(withRegions(initial)), random(1))).toThrow(
      'Machine own goes on by itself (always) without an end.',
    )
  })

  test('one that throws as it starts', async () => {
    const machine = createMachine({
      id: 'own',
      context: () => {
        throw new Error('no such file')
      },
      initial: 'a',
      states: { a: { on: { GO: {} } } },
    } as never)
    const said = await complaint(world(machine))
    expect(said).toContain('The machine of t threw as it started: no such file')
    expect(() => runLive(world(machine), random(1))).toThrow('threw as it started: no such file')
  })

  type Enqueue = Readonly<Record<string, (what: unknown, message?: object) => void>>
  test.each<[string, (enqueue: Enqueue) => void, RegExp]>([
    ['sendTo', (enqueue) => enqueue.sendTo!('m', { type: 'LOCK' }), /Instead: emit\(.*send\('m', 'LOCK'/],
    ['spawnChild', (enqueue) => enqueue.spawnChild!(child), /Instead: an actor of its own in the world/],
    ['stopChild', (enqueue) => enqueue.stopChild!('x'), /Instead: a message that tells the actor to end/],
    ['raise', (enqueue) => enqueue.raise!({ type: 'LATER' }), /Instead: raise among the actions/],
  ])('one that enqueues %s is told with the right form', async (what, collect, instead) => {
    const said = await complaint(world(doing(enqueueActions(({ enqueue }) => collect(enqueue as unknown as Enqueue)))))
    expect(said).toContain(`Machine own enqueues ${what}, which the checker cannot see`)
    expect(said).toMatch(/machine +own\n.*state +[ab]\n.*rule +/s)
    expect(said).toMatch(instead)
  })
})

describe('a machine that says what no machine may say', () => {
  test.each<[string, object, RegExp]>([
    ['a message without its envelope', { type: 'PING', to: 'm' }, /emits {"type":"PING","to":"m"}.*send\('m', 'PING'/s],
    ['nothing in particular', { what: 1 }, /nothing that a machine may say/],
    ['a message to nobody', { type: 'send', message: { type: 'LOCK' } }, /whose to is undefined/],
    ['a message without a type', { type: 'send', to: 'm', message: {} }, /whose message is {}/],
    ['a finding without a title', { type: 'finding', kind: 'warn', fatal: false }, /whose title is undefined/],
  ])('%s', async (_, said, says) => {
    const told = await complaint(world(doing(emit(() => said as never))))
    expect(told).toMatch(says)
    expect(told).toMatch(/machine +own/)
    expect(told).toMatch(/state +[ab]/)
  })
})

describe('a message', () => {
  const asking = (type: string) =>
    setup({ types: { events: {} as Heard } }).createMachine({
      id: 'own',
      initial: 'a',
      states: {
        a: { on: { GO: { target: 'b', actions: emit(() => send('m', type, { task: 't' })) } } },
        b: { on: { LOCKED: 'c' } },
        c: { type: 'final' },
      },
    })

  test('that nobody knows is told with those that are known', async () => {
    const said = await complaint(world(asking('LOK')))
    expect(said).toMatch(/t sends LOK to m, whose machine knows no such message. Did you mean LOCK\?/)
    expect(said).toMatch(/known +LOCK, TRYLOCK, UNLOCK/)
  })
  test('that is known finds nothing', async () => {
    expect((await explore(world(asking('LOCK')))).findings).toEqual([])
  })
})

describe("what a machine's own function throws", () => {
  test('is told with the place', async () => {
    const machine = doing(
      assign(() => {
        throw new TypeError('no such thing')
      }),
    )
    expect(await complaint(world(machine))).toMatch(/The machine of t threw when it heard GO: no such thing.*state +a/s)
  })
})

describe('a world', () => {
  const fine = world(doing([]))
  test.each<[string, object, RegExp]>([
    ['without actors', { ...fine, actors: undefined }, /The world: actors is missing/],
    ['without a start', { ...fine, start: undefined }, /The world: start is missing/],
    ['without a view', { ...fine, view: undefined }, /The world: view is missing/],
    ['with two actors of one name', { ...fine, actors: [lock, lock] }, /Two actors are called "m".*Give each/s],
    ['with an actor that has no machine', { ...fine, actors: [{ id: 'x' }] }, /actors\[0\].machine is missing/],
    ['with an actor that has no name', { ...fine, actors: [{ machine: mutex }] }, /actors\[0\].id is missing/],
  ])('%s', async (_, wrong, says) => {
    expect(await complaint(wrong as World)).toMatch(says)
  })
})

describe('who stops in the middle', () => {
  test('in a state that is not final is named, and so is the state', async () => {
    const machine = createMachine({ id: 'own', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } })
    const subject = world(machine)
    const report = await explore(subject)
    expect(report.findings.map(({ title }) => title)).toEqual(['deadlock: nothing is in flight'])
    expect(start(subject).settle().trace).toMatchObject({
      end: 'deadlock',
      waiting: [],
      stopped: [{ id: 't', state: 'b' }],
    })
  })

  /** Two that ask each other, and answer nobody while they wait. */
  const asker = (other: string, tags: readonly string[] = []) =>
    createMachine({
      id: 'asker',
      initial: 'ready',
      states: {
        ready: {
          meta: { defers: ['PLEASE'] },
          on: { GO: { target: 'asking', actions: emit(() => send(other, 'PLEASE')) } },
        },
        asking: { tags: [...tags], meta: { defers: ['PLEASE'] }, on: { THANKS: 'ready' } },
      },
    })
  const pair = (tags?: readonly string[]): World => ({
    name: 'pair',
    actors: [
      { id: 'ping', machine: asker('pong', tags), input: {} },
      { id: 'pong', machine: asker('ping', tags), input: {} },
    ],
    start: ['ping', 'pong'].map((to) => ({ to, message: { type: 'GO', from: 'env' } })),
    view: () => ({}),
  })

  test('without a thread is a deadlock all the same: two machines that defer what the other asks', async () => {
    const report = await explore(pair())
    expect(report.findings.map(({ title }) => title)).toEqual(['deadlock at ping and pong'])
    expect(
      start(pair())
        .settle()
        .trace.waiting.map(({ thread, at }) => [thread, at]),
    ).toEqual([
      ['ping', 'pong'],
      ['pong', 'ping'],
    ])
  })
  test('and is told with the states of both, and with what to write', () => {
    const told = deadlockLines(start(pair()).settle().trace, makePage({})).join('\n')
    expect(told).toContain('pong is in state asking, which puts PLEASE off')
    expect(told).toContain('ping is in state asking, which puts PLEASE off')
    expect(told).toContain("says so: { tags: ['at rest'] }")
  })
  test('unless it says that it is at rest there', async () => {
    expect((await explore(pair(['at rest']))).findings).toEqual([])
  })
})
