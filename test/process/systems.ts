/** Systems in which XState does what one would not guess (S1 to S18 of its behaviour), and each of its features at least once. */
import {
  assign,
  cancel,
  emit,
  enqueueActions,
  forwardTo,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
  type AnyActorRef,
} from 'xstate'
import type { Compared } from './real.ts'

/** A child that tells its parent of every event it hears, and ends at END. */
const echo = setup({}).createMachine({
  id: 'echo',
  initial: 'on',
  context: { heard: 0 },
  states: {
    on: {
      on: {
        END: 'over',
        PING: {
          actions: [assign({ heard: ({ context }) => (context.heard + 1) % 3 }), sendParent({ type: 'PONG' })],
        },
      },
    },
    over: { type: 'final' },
  },
  output: ({ context }: { context: { heard: number } }) => context.heard,
})

/** Hands on to a sibling what it hears. */
const hander = setup({}).createMachine({
  id: 'hander',
  on: { X: { actions: sendTo(({ system }) => system.get('second') as AnyActorRef, { type: 'Z' }) } },
})
const listener = setup({}).createMachine({
  id: 'listener',
  context: { heard: '' },
  on: { '*': { actions: assign({ heard: ({ context, event }) => `${context.heard}${event.type}`.slice(-3) }) } },
})

export const systems: Readonly<Record<string, Compared>> = {
  'an event handed on is heard before what is sent next': {
    logic: () =>
      setup({ actors: { hander, listener } }).createMachine({
        invoke: [
          { src: 'hander', id: 'a' },
          { src: 'listener', id: 'b', systemId: 'second' },
        ],
        on: { GO: { actions: [sendTo('a', { type: 'X' }), sendTo('b', { type: 'Y' })] } },
      }),
    outside: { events: ['GO'] },
  },
  'an answer of a former life': {
    logic: ({ promise }) =>
      setup({ actors: { promise, echo } }).createMachine({
        initial: 'one',
        context: { output: 0 as unknown },
        states: {
          // The child ends while its parent is on its way to the next state.
          one: {
            invoke: { src: 'echo', id: 'job' },
            exit: sendTo('job', { type: 'END' }),
            on: { NEXT: 'two' },
          },
          two: {
            invoke: {
              src: 'promise',
              id: 'job',
              onDone: { target: 'three', actions: assign({ output: ({ event }) => event.output }) },
            },
            on: { BACK: 'one' },
          },
          three: { on: { BACK: 'one' } },
        },
      }),
    outside: { events: ['NEXT', 'BACK'], answers: { promise: { resolves: [7], rejects: ['no'] } } },
  },
  'a state that is left at once starts nobody': {
    logic: ({ promise, callback }) =>
      setup({ actors: { promise, callback } }).createMachine({
        initial: 'a',
        states: {
          a: { on: { GO: 'b' } },
          b: { invoke: [{ src: 'promise' }, { src: 'callback' }], always: 'c' },
          c: { on: { GO: 'a' } },
        },
      }),
    outside: { answers: { callback: {}, promise: {} } },
  },
  'an id in use is used again': {
    logic: () =>
      setup({ actors: { echo } }).createMachine({
        context: { pongs: 0 },
        on: {
          SPAWN: { actions: spawnChild('echo', { id: 'w' }) },
          STOP: { actions: stopChild('w') },
          PING: { actions: sendTo('w', { type: 'PING' }) },
          PONG: { actions: assign({ pongs: ({ context }) => (context.pongs + 1) % 4 }) },
        },
      }),
    outside: { events: ['SPAWN', 'STOP', 'PING'] },
  },
  'a timer is armed twice under one id': {
    logic: () =>
      setup({}).createMachine({
        context: { rung: 0 },
        on: {
          ARM: { actions: raise({ type: 'RING' }, { delay: 10, id: 'bell' }) },
          DISARM: { actions: cancel('bell') },
          RING: { actions: assign({ rung: ({ context }) => (context.rung + 1) % 5 }) },
        },
      }),
    outside: { events: ['ARM', 'DISARM'] },
  },
  'timers of several states, and a chain of them': {
    logic: () =>
      setup({ delays: { long: ({ context }) => 30 + (context as { n: number }).n } }).createMachine({
        type: 'parallel',
        context: { n: 0 },
        states: {
          chain: {
            initial: 'a',
            states: { a: { after: { 10: 'b' } }, b: { after: { 10: 'c' } }, c: { after: { 10: 'a' } } },
          },
          once: { initial: 'on', states: { on: { after: { long: 'off' } }, off: { on: { AGAIN: 'on' } } } },
        },
        on: { MORE: { actions: assign({ n: ({ context }) => (context.n + 5) % 10 }) } },
      }),
    outside: { events: ['AGAIN', 'MORE'] },
  },
  'to stop a child and then speak to it': {
    logic: () =>
      setup({ actors: { echo } }).createMachine({
        initial: 'a',
        states: {
          a: {
            invoke: { src: 'echo', id: 'c' },
            on: {
              BAD: { actions: [stopChild('c'), sendTo('c', { type: 'PING' })] },
              GOOD: { actions: [sendTo('c', { type: 'PING' }), stopChild('c')] },
            },
          },
        },
      }),
    outside: { events: ['BAD', 'GOOD'] },
  },
  'done comes behind what the child said before': {
    logic: () =>
      setup({
        actors: {
          talker: setup({}).createMachine({
            initial: 'a',
            states: {
              a: {
                on: {
                  TALK: { target: 'b', actions: [sendParent({ type: 'N', n: 1 }), sendParent({ type: 'N', n: 2 })] },
                },
              },
              b: { type: 'final', entry: sendParent({ type: 'N', n: 3 }) },
            },
          }),
        },
      }).createMachine({
        context: { log: '' },
        initial: 'wait',
        invoke: { src: 'talker', id: 't', onDone: { actions: assign({ log: ({ context }) => `${context.log}done` }) } },
        on: {
          TALK: { actions: sendTo('t', { type: 'TALK' }) },
          N: { actions: assign({ log: ({ context, event }) => `${context.log}${String(event['n'])}` }) },
        },
        states: { wait: {} },
      }),
    outside: { events: ['TALK'] },
  },
  'an assign that spawns, and an action behind it that fails': {
    logic: () =>
      setup({ actors: { echo }, actions: { quiet: () => {} } }).createMachine({
        context: { ref: undefined as AnyActorRef | undefined },
        on: {
          GO: {
            actions: [
              assign({ ref: ({ spawn }) => spawn('echo', { id: 'made' }) }),
              'quiet',
              enqueueActions(({ enqueue, event }) => {
                if (event['bad'] === true) throw new Error('no')
                enqueue.sendTo('made', { type: 'PING' })
              }),
            ],
          },
          PONG: {},
        },
      }),
    outside: { events: ['GO', { type: 'GO', bad: true }] },
  },
  'history, deep and shallow': {
    logic: () =>
      setup({}).createMachine({
        initial: 'work',
        states: {
          work: {
            initial: 'x',
            states: {
              x: { on: { NEXT: 'y' } },
              y: { initial: 'one', states: { one: { on: { NEXT: 'two' } }, two: {} } },
              shallow: { type: 'history' },
              deep: { type: 'history', history: 'deep' },
            },
            on: { PAUSE: 'paused' },
          },
          paused: { on: { DEEP: 'work.deep', SHALLOW: 'work.shallow' } },
        },
      }),
  },
  'regions entered in either order': {
    logic: () =>
      setup({}).createMachine({
        type: 'parallel',
        context: { order: '' },
        states: {
          p: {
            initial: 'a',
            states: {
              a: { on: { P: 'b' } },
              b: {
                always: {
                  guard: ({ event }) => event.type === 'GO',
                  target: 'a',
                  actions: assign({ order: ({ context }) => `${context.order}p`.slice(-2) }),
                },
              },
            },
          },
          q: {
            initial: 'a',
            states: {
              a: { on: { Q: 'b' } },
              b: {
                always: {
                  guard: ({ event }) => event.type === 'GO',
                  target: 'a',
                  actions: assign({ order: ({ context }) => `${context.order}q`.slice(-2) }),
                },
              },
            },
          },
        },
        on: { GO: {} },
      }),
  },
  'a name in the system is used again, and by two at once': {
    logic: () =>
      setup({ actors: { listener } }).createMachine({
        initial: 'one',
        states: {
          one: { invoke: { src: 'listener', id: 'first', systemId: 'ear' }, on: { NEXT: 'two' } },
          two: { invoke: { src: 'listener', id: 'second', systemId: 'ear' }, on: { BACK: 'one' } },
        },
        on: {
          TELL: { actions: sendTo(({ system }) => system.get('ear') as AnyActorRef, { type: 'A' }) },
          ANOTHER: { actions: spawnChild('listener', { id: 'third', systemId: 'ear' }) },
        },
      }),
    outside: { events: ['NEXT', 'BACK', 'TELL', { send: 'ANOTHER', times: 1 }] },
  },
  'who is stopped says nothing on leaving, who ends does': {
    logic: () => {
      const leaver = setup({}).createMachine({
        id: 'leaver',
        initial: 'in',
        exit: sendParent({ type: 'LEFT' }),
        states: { in: { exit: emit({ type: 'said' }), on: { END: 'out' } }, out: { type: 'final' } },
      })
      return setup({ actors: { leaver } }).createMachine({
        initial: 'one',
        context: { left: 0 },
        states: {
          one: { invoke: { src: 'leaver', id: 'l', onDone: 'two' }, on: { NEXT: 'two' } },
          two: { on: { BACK: 'one' } },
        },
        on: {
          END: { actions: sendTo('l', { type: 'END' }) },
          LEFT: { actions: assign({ left: ({ context }) => (context.left + 1) % 3 }) },
        },
      })
    },
    outside: { events: ['NEXT', 'BACK', 'END'] },
  },
  'children whose snapshots are synced, tags and meta': {
    logic: () =>
      setup({ actors: { echo } }).createMachine({
        context: { seen: 0 },
        initial: 'a',
        entry: spawnChild('echo', { id: 'e', syncSnapshot: true }),
        states: {
          a: { tags: 'early', meta: { title: 'first' }, on: { NEXT: 'b' } },
          b: { tags: ['late', 'last'], meta: { title: 'second' } },
        },
        on: {
          PING: { actions: sendTo('e', { type: 'PING' }) },
          'xstate.snapshot.e': { actions: assign({ seen: ({ context }) => (context.seen + 1) % 3 }) },
        },
      }),
    outside: { events: ['PING', 'NEXT'] },
  },
  'a reducer, and snapshots of it': {
    logic: () =>
      setup({
        actors: { count: fromTransition((n: number, { type }) => (type === 'UP' ? (n + 1) % 3 : n), 0) },
      }).createMachine({
        context: { seen: 0 },
        invoke: {
          src: 'count',
          id: 'count',
          onSnapshot: { actions: assign({ seen: ({ event }) => event.snapshot.context }) },
        },
        on: { UP: { actions: forwardTo('count') } },
      }),
    outside: { events: ['UP'] },
  },
  'observables and callbacks': {
    logic: ({ observable, events, callback }) =>
      setup({ actors: { observable, events, callback } }).createMachine({
        initial: 'on',
        context: { last: undefined as unknown, beats: 0 },
        states: {
          on: {
            invoke: [
              {
                src: 'observable',
                id: 'o',
                onSnapshot: { actions: assign({ last: ({ event }) => event.snapshot.context }) },
                onDone: 'off',
                onError: 'off',
              },
              { src: 'events', id: 'e' },
              { src: 'callback', id: 'c' },
            ],
            on: {
              BEAT: { actions: assign({ beats: ({ context }) => (context.beats + 1) % 2 }) },
              OFF: 'off',
              TELL: { actions: sendTo('c', { type: 'HELLO' }) },
            },
          },
          off: { on: { ON: 'on' } },
        },
      }),
    outside: {
      events: ['ON', 'OFF', 'TELL'],
      answers: {
        observable: { emits: [1, 2], completes: true, fails: ['broken'] },
        events: { sends: ['BEAT'], completes: true },
        callback: { sends: ['BEAT', 'OFF'] },
      },
    },
  },
  'errors of promises that nobody handles': {
    logic: ({ promise }) =>
      setup({ actors: { promise } }).createMachine({
        initial: 'a',
        states: {
          a: { on: { GO: 'b', CARE: 'c' } },
          b: { invoke: { src: 'promise' } },
          c: {
            invoke: {
              src: 'promise',
              onError: { target: 'a', actions: emit(({ event }) => ({ type: 'failed', why: String(event.error) })) },
            },
          },
        },
      }),
    outside: { events: ['GO', 'CARE'], answers: { promise: { rejects: ['no'] } } },
  },
  'workers without a name, kept in the context': {
    logic: () =>
      setup({ actors: { echo } }).createMachine({
        context: { workers: [] as AnyActorRef[], pongs: 0 },
        on: {
          HIRE: {
            guard: ({ context }) => context.workers.length < 2,
            actions: assign({ workers: ({ context, spawn }) => [...context.workers, spawn('echo')] }),
          },
          FIRE: {
            guard: ({ context }) => context.workers.length > 0,
            actions: [
              stopChild(({ context }) => context.workers[0]!),
              assign({ workers: ({ context }) => context.workers.slice(1) }),
            ],
          },
          PING: {
            guard: ({ context }) => context.workers.length > 0,
            actions: sendTo(({ context }) => context.workers.at(-1)!, { type: 'PING' }),
          },
          PONG: { actions: assign({ pongs: ({ context }) => (context.pongs + 1) % 2 }) },
        },
      }),
    outside: { events: ['HIRE', 'FIRE', 'PING'] },
  },
  'jobs without a name, whose last words are heard by whatever they are called': {
    logic: ({ promise }) =>
      setup({
        actors: {
          promise,
          child: setup({}).createMachine({ initial: 'a', states: { a: { on: { END: 'b' } }, b: { type: 'final' } } }),
        },
      }).createMachine({
        context: { done: 0, failed: 0, refs: [] as AnyActorRef[] },
        on: {
          GO: {
            guard: ({ context }) => context.done + context.failed + context.refs.length < 3,
            actions: assign({ refs: ({ context, spawn }) => [...context.refs, spawn('promise')] }),
          },
          BEAR: {
            guard: ({ context }) => context.refs.length === 0,
            actions: assign({
              refs: ({ context, spawn }) => [...context.refs, spawn('child', { syncSnapshot: true })],
            }),
          },
          END: {
            guard: ({ context }) => context.refs.length > 0,
            actions: sendTo(({ context }) => context.refs[0]!, { type: 'END' }),
          },
          ALONE: { actions: spawnChild('promise') },
          'xstate.done.actor.*': { actions: assign({ done: ({ context }) => (context.done + 1) % 3, refs: [] }) },
          'xstate.error.actor.*': { actions: assign({ failed: ({ context }) => (context.failed + 1) % 3, refs: [] }) },
        },
      }),
    outside: {
      answers: { promise: { resolves: [1], rejects: ['no'] } },
      events: ['GO', 'BEAR', 'END', { send: 'ALONE', times: 1 }],
    },
  },
  'dates, maps, sets, and numbers that JSON forgets': {
    logic: () =>
      setup({}).createMachine({
        context: { at: new Date(0), seen: new Set<string>(), by: new Map<string, number>(), n: 0 as unknown },
        on: {
          A: { actions: assign({ seen: ({ context }) => new Set([...context.seen, 'a']), n: Number.NaN }) },
          B: { actions: assign({ seen: ({ context }) => new Set([...context.seen, 'b']), n: 1n }) },
          C: { actions: assign({ by: ({ context }) => new Map([...context.by, ['c', 1]]), n: null }) },
        },
      }),
  },
}
