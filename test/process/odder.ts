/** More of the same (odd.ts): what came of a hunt for differences, in which there were none. */
import { assign, cancel, emit, forwardTo, raise, sendParent, sendTo, setup, spawnChild, stopChild } from 'xstate'
import { child, counts } from './odd.ts'
import type { Compared } from './real.ts'

export const odder: Readonly<Record<string, Compared>> = {
  'history with spawned children that are kept': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        context: { n: 0, ref: undefined } as any,
        initial: 'work',
        states: {
          work: {
            initial: 'a',
            entry: assign({ ref: ({ context, spawn }: any) => context.ref ?? spawn('child', { id: 'kept' }) }),
            states: {
              a: { on: { NEXT: 'b' } },
              b: { entry: sendTo('kept', { type: 'PING' }), on: { NEXT: 'a' } },
              h: { type: 'history' },
            },
            on: { OUT: 'out' },
          },
          out: {
            on: { IN: 'work.h', NEW: 'work', STOP: { actions: [stopChild('kept'), assign({ ref: undefined })] } },
          },
        },
        on: { PONG: { actions: counts } },
      } as never),
    outside: { events: ['NEXT', 'OUT', 'IN', 'NEW', 'STOP'] },
  },
  'nested finals with output, in parallel, of children': {
    logic: () => {
      const deep = setup({}).createMachine({
        id: 'deep',
        type: 'parallel',
        context: { n: 0 },
        states: {
          p: {
            initial: 'x',
            states: { x: { on: { A: 'y' } }, y: { type: 'final', output: ({ context }: any) => ({ p: context.n }) } },
            onDone: { actions: [counts, sendParent({ type: 'HALF' })] },
          },
          q: {
            initial: 'x',
            states: {
              x: {
                initial: 'i',
                states: { i: { on: { B: 'j' } }, j: { type: 'final', output: 'j' } },
                onDone: { target: 'y', actions: assign({ n: ({ event }: any) => (event.output === 'j' ? 2 : 1) }) },
              },
              y: { type: 'final' },
            },
          },
        },
        output: ({ event, context }: any) => ({ out: event.output ?? null, n: context.n }),
      } as never)
      return setup({ actors: { deep } }).createMachine({
        context: { got: null, n: 0 },
        initial: 'a',
        states: {
          a: {
            invoke: {
              src: 'deep',
              id: 'd',
              onDone: { target: 'b', actions: assign({ got: ({ event }: any) => event.output }) },
            },
            on: { A: { actions: forwardTo('d') }, B: { actions: forwardTo('d') } },
          },
          b: {
            on: { AGAIN: 'a' },
            type: 'compound',
            initial: 'z',
            states: { z: { on: { END: 'w' } }, w: { type: 'final' } },
            onDone: { actions: emit({ type: 'end' }) },
          },
        },
        on: { HALF: { actions: counts } },
      } as never)
    },
    outside: { events: ['A', 'B', 'AGAIN', 'END'] },
  },
  'reenter of a region with invocations': {
    logic: ({ promise }) =>
      setup({ actors: { promise, child } }).createMachine({
        context: { n: 0 },
        initial: 'a',
        states: {
          a: {
            invoke: [
              { src: 'promise', id: 'p', onDone: { target: '#x', reenter: true }, onError: {} },
              { src: 'child', id: 'c' },
            ],
            on: {
              RE: { target: 'a', reenter: true },
              IN: { target: '.x', reenter: true },
              SAME: 'a',
              PING: { actions: sendTo('c', { type: 'PING' }) },
            },
            initial: 'x',
            states: {
              x: { id: 'x', entry: counts, exit: counts, on: { NEXT: 'y' } },
              y: { invoke: { src: 'promise', id: 'p2', onDone: 'x' } },
            },
          },
        },
        on: { PONG: {} },
      } as never),
    outside: { events: ['RE', 'IN', 'SAME', 'PING', 'NEXT'], answers: { promise: { resolves: [1], rejects: ['x'] } } },
  },
  'timers of a child that is kept over reentries, and of the parent': {
    logic: () => {
      const t = setup({}).createMachine({
        id: 't',
        initial: 'a',
        states: {
          a: { after: { 10: 'b' }, on: { KICK: { target: 'a', reenter: true } } },
          b: { entry: sendParent({ type: 'RANG' }), after: { 10: 'a' } },
        },
      } as never)
      return setup({ actors: { t } }).createMachine({
        context: { n: 0 },
        invoke: { src: 't', id: 't' },
        initial: 'x',
        states: {
          x: { after: { 15: 'y' }, on: { RANG: { actions: [counts, sendTo('t', { type: 'KICK' }, { delay: 10 })] } } },
          y: { after: { 10: 'x' }, on: { RANG: 'x' } },
        },
        on: { KICK: { actions: forwardTo('t') } },
      } as never)
    },
    outside: { events: ['KICK'] },
  },
  'an actor that stops itself by its parent, in the middle': {
    logic: () => {
      const k = setup({}).createMachine({
        id: 'k',
        context: { n: 0 },
        on: {
          BYE: { actions: [sendParent({ type: 'STOP' }), counts, sendParent({ type: 'AFTER' })] },
          PING: { actions: counts },
        },
      } as never)
      return setup({ actors: { k } }).createMachine({
        context: { n: 0 },
        entry: spawnChild('k' as never, { id: 'k' } as never),
        on: {
          STOP: { actions: [stopChild('k'), raise({ type: 'GONE' })] },
          GONE: { actions: counts },
          AFTER: { actions: counts },
          BYE: { actions: sendTo('k', { type: 'BYE' }) },
          NEW: { actions: spawnChild('k' as never, { id: 'k' } as never) },
        },
      } as never)
    },
    outside: {
      events: [
        { send: 'BYE', times: 2 },
        { send: 'NEW', times: 1 },
      ],
    },
  },
  'errors in entries of children, in their guards and always': {
    logic: () => {
      const bad = setup({
        guards: {
          boom: ({ context }: any) => {
            if (context.n === 1) throw new Error('guard')
            return false
          },
        },
      }).createMachine({
        id: 'bad',
        initial: 'a',
        context: ({ input }: any) => {
          if (input.n === 2) throw new Error('context')
          return { n: input.n }
        },
        states: {
          a: {
            entry: assign(({ context }: any) => {
              if (context.n === 0) throw new TypeError('entry')
              return {}
            }),
            always: { guard: 'boom', target: 'b' },
            on: {
              PING: {
                actions: assign(() => {
                  throw new RangeError('late')
                }),
              },
            },
          },
          b: {},
        },
      } as never)
      return setup({ actors: { bad } }).createMachine({
        context: { why: '' },
        initial: 'i',
        states: {
          i: { on: { GO: 'try' } },
          try: {
            invoke: {
              src: 'bad',
              id: 'b',
              input: ({ event }: any) => ({ n: event.n ?? 0 }),
              onError: { target: 'i', actions: assign({ why: ({ event }: any) => event.error.message }) },
            },
            on: { PING: { actions: forwardTo('b') } },
          },
        },
      } as never)
    },
    outside: { events: ['GO', { type: 'GO', n: 1 }, { type: 'GO', n: 2 }, { type: 'GO', n: 3 }, 'PING'] },
  },
  'raise and send in exits of what ends': {
    logic: () => {
      const k = setup({}).createMachine({
        id: 'k',
        initial: 'a',
        context: { n: 0 },
        states: {
          a: { exit: [raise({ type: 'R' }), sendParent({ type: 'EXIT' })], on: { END: 'z', R: { actions: counts } } },
          z: { type: 'final', entry: [raise({ type: 'R' }), sendParent({ type: 'IN' })] },
        },
        exit: [raise({ type: 'R' }), sendParent({ type: 'ROOT' }), emit({ type: 'e' })],
        on: { R: { actions: sendParent({ type: 'R' }) } },
      } as never)
      return setup({ actors: { k } }).createMachine({
        context: { log: '' },
        initial: 'a',
        states: {
          a: {
            invoke: { src: 'k', id: 'k', onDone: 'b' },
            on: { END: { actions: sendTo('k', { type: 'END' }) }, OUT: 'b' },
          },
          b: { on: { BACK: 'a' } },
        },
        on: { '*': { actions: assign({ log: ({ context, event }: any) => (context.log + event.type[0]).slice(-4) }) } },
      } as never)
    },
    outside: { events: ['END', 'OUT', 'BACK'] },
  },
  'one systemId in two regions at once': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        type: 'parallel',
        context: { n: 0 },
        states: {
          a: {
            initial: 'x',
            states: {
              x: { on: { A: 'y' } },
              y: { invoke: { src: 'child', id: 'ca', systemId: 's', onError: 'x' }, on: { A: 'x' } },
            },
          },
          b: {
            initial: 'x',
            states: { x: { on: { B: 'y' } }, y: { invoke: { src: 'child', id: 'cb', systemId: 's' }, on: { B: 'x' } } },
          },
        },
        on: {
          PING: { actions: sendTo(({ system, self }: any) => system.get('s') ?? self, { type: 'PING' }) },
          PONG: { actions: counts },
        },
      } as never),
    outside: { events: ['A', 'B', 'PING'] },
  },
  'snapshots that lead on to the end of who is seen': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        context: { n: 0 },
        initial: 'a',
        states: {
          a: {
            invoke: {
              src: 'child',
              id: 'c',
              onSnapshot: {
                guard: ({ event }: any) => event.snapshot.context.n === 2,
                target: 'b',
                actions: sendTo('c', { type: 'END' }),
              },
              onDone: 'd',
            },
            on: { PING: { actions: forwardTo('c') }, END: { actions: forwardTo('c') } },
          },
          b: { on: { BACK: 'a', 'xstate.done.actor.c': 'd' } },
          d: { on: { BACK: 'a' } },
        },
        on: { PONG: {} },
      } as never),
    outside: { events: ['PING', 'END', 'BACK'] },
  },
  'late sends of a child that is stopped, to its parent and itself': {
    logic: () => {
      const k = setup({}).createMachine({
        id: 'k',
        on: {
          GO: {
            actions: [
              sendTo(({ self }: any) => self, { type: 'ME' }, { delay: 10 }),
              sendParent({ type: 'LATE' }, { delay: 10, id: 'l' }),
              raise({ type: 'ME' }, { delay: 20 }),
            ],
          },
          ME: { actions: emit({ type: 'me' }) },
          NO: { actions: cancel('l') },
        },
      } as never)
      return setup({ actors: { k } }).createMachine({
        context: { n: 0 },
        initial: 'a',
        states: {
          a: {
            invoke: { src: 'k', id: 'k' },
            on: { GO: { actions: forwardTo('k') }, NO: { actions: forwardTo('k') }, OUT: 'b' },
          },
          b: { on: { IN: 'a' } },
        },
        on: { LATE: { actions: counts } },
      } as never)
    },
    outside: { events: ['GO', 'NO', 'OUT', 'IN'] },
  },
}
