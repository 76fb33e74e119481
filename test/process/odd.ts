/** XState as few write it, though they may: each system is compared with actors that nobody holds on to. */
import {
  and,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  forwardTo,
  fromTransition,
  log,
  not,
  or,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
  type AnyActorRef,
} from 'xstate'
import type { Compared } from './real.ts'

export const counts: any = assign({ n: ({ context }: any) => (context.n + 1) % 3 })

const told = setup({}).createMachine({
  id: 'told',
  context: { heard: '' },
  on: { '*': { actions: assign({ heard: ({ context, event }) => `${context.heard}${event.type[0]}`.slice(-3) }) } },
})

/** Ends at END, and tells whoever made it when it hears PING. */
export const child = setup({}).createMachine({
  id: 'child',
  initial: 'on',
  context: ({ input }) => ({ n: (input as { n?: number } | undefined)?.n ?? 0 }),
  states: {
    on: { on: { PING: { actions: [counts, sendParent({ type: 'PONG' }), emit({ type: 'pinged' })] }, END: 'over' } },
    over: { type: 'final', output: ({ context }) => ({ last: context.n }) },
  },
  output: ({ event, context }: any) => ({ by: event.type, got: event.output, n: context.n }),
})

export const odd: Readonly<Record<string, Compared>> = {
  'history within regions within regions': {
    logic: () =>
      createMachine({
        initial: 'work',
        states: {
          work: {
            type: 'parallel',
            states: {
              left: {
                initial: 'a',
                states: { a: { on: { L: 'b' } }, b: { on: { L: 'a' } }, was: { type: 'history', target: 'b' } },
              },
              right: {
                type: 'parallel',
                states: {
                  up: { initial: 'x', states: { x: { on: { U: 'y' } }, y: { on: { U: 'x' } } } },
                  down: {
                    initial: 'x',
                    states: {
                      x: { on: { D: 'y' } },
                      y: { initial: 'p', states: { p: { on: { D: 'q' } }, q: {} } },
                      shallow: { type: 'history' },
                    },
                  },
                },
              },
              deep: { type: 'history', history: 'deep' },
            },
            on: { OUT: 'out' },
          },
          out: {
            on: {
              ALL: 'work.deep',
              LEFT: 'work.left.was',
              DOWN: 'work.right.down.shallow',
              BOTH: { target: ['work.left.was', 'work.right.down.shallow'] },
              NEW: 'work',
            },
          },
        },
      } as never),
  },
  'a state that is left and entered again, and one that is not': {
    logic: ({ promise }) =>
      setup({ actors: { promise, child } }).createMachine({
        context: { n: 0 },
        initial: 'a',
        states: {
          a: {
            entry: counts,
            invoke: [
              { src: 'promise', id: 'p', onDone: { actions: counts } },
              { src: 'child', id: 'c' },
            ],
            after: { 20: { actions: raise({ type: 'LATE' }) } },
            on: {
              AGAIN: { target: 'a', reenter: true },
              SAME: 'a',
              INNER: { target: '.y', reenter: true },
              INSIDE: '.y',
              LATE: '.x',
            },
            initial: 'x',
            states: { x: { exit: counts }, y: { entry: counts, after: { 20: 'x' } } },
          },
        },
      } as never),
    outside: { events: ['AGAIN', 'SAME', 'INNER', 'INSIDE'], answers: { promise: { resolves: [1] } } },
  },
  'wildcards, of everything and of a part': {
    logic: () =>
      createMachine({
        context: { log: '' },
        initial: 'a',
        on: { '*': { actions: assign({ log: ({ context }: any) => `${context.log}*`.slice(-3) }) } },
        states: {
          a: {
            on: {
              'mouse.*': { actions: assign({ log: ({ context }: any) => `${context.log}m`.slice(-3) }) },
              'mouse.click.*': { target: 'b' },
              'mouse.click.left': { guard: ({ context }: any) => context.log !== 'm', target: 'b' },
              'key.*': {},
            },
          },
          b: { on: { '*': 'a', 'mouse.click': {} } },
        },
      } as never),
    outside: {
      events: [
        ...['mouse', 'mouse.move', 'mouse.click', 'mouse.click.left', 'mouse.click.left.twice', 'mousetrap'],
        ...['key', 'key.down', 'else'],
      ],
    },
  },
  'delays that depend on contexts, events and parameters': {
    logic: () =>
      setup({
        delays: {
          byContext: ({ context }: any) => 10 + 10 * context.n,
          byEvent: ({ event }: any) => (typeof event.ms === 'number' ? event.ms : 5),
          fixed: 15,
          missing: 1,
        },
      })
        .createMachine({
          context: { n: 0 },
          initial: 'a',
          states: {
            a: {
              after: { byContext: 'b', byEvent: { actions: counts }, missing: { guard: () => false, target: 'b' } },
              on: { MORE: { actions: counts }, GO: 'b' },
            },
            b: {
              entry: [
                raise({ type: 'RUNG' }, { delay: 'byContext', id: 'one' } as never),
                raise(({ context }: any) => ({ type: 'RUNG', n: context.n }), {
                  delay: ({ context }: any) => context.n * 7,
                  id: 'two',
                }),
              ],
              on: {
                RUNG: { actions: counts },
                HUSH: { actions: cancel(({ context }: any) => (context.n === 0 ? 'one' : 'two')) },
                BACK: 'a',
              },
              after: { fixed: 'a' },
            },
          },
        } as never)
        .provide({ delays: { missing: 25 } as never }),
    outside: { events: ['MORE', { type: 'GO', ms: 50 }, 'HUSH', { type: 'BACK', ms: 0 }] },
  },
  'guards made of guards, with parameters, of states': {
    logic: () =>
      setup({
        guards: {
          isLess: ({ context }: any, { than }: { than: number }) => context.n < than,
          isNamed: ({ event }: any) => event.name === 'x',
          isOther: not('isNamed' as never),
        },
      }).createMachine({
        type: 'parallel',
        context: { n: 0 },
        states: {
          p: {
            initial: 'a',
            states: {
              a: { on: { GO: [{ guard: and([{ type: 'isLess', params: { than: 2 } }, 'isNamed']), target: 'b' }] } },
              b: { on: { GO: { guard: or(['isOther', stateIn({ q: 'b' })] as never), target: 'a' } } },
            },
          },
          q: {
            initial: 'a',
            states: {
              a: { on: { GO: { guard: stateIn('#pb'), target: 'b' } }, always: { guard: stateIn('#qc'), target: 'b' } },
              b: {
                on: {
                  GO: {
                    guard: { type: 'isLess', params: ({ context, event }: any) => ({ than: event.n ?? context.n }) },
                    target: 'a',
                  },
                },
              },
              c: { id: 'qc' },
            },
          },
          r: { id: 'pb', on: { GO: { actions: counts } } },
        },
      } as never),
    outside: { events: [{ type: 'GO', name: 'x' }, { type: 'GO', n: 2 }, 'GO'] },
  },
  'actors spawned by assign, in objects, lists and maps': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        context: { one: undefined, list: [], by: new Map(), deep: { of: {} } } as any,
        on: {
          ONE: {
            guard: ({ context }: any) => context.one === undefined,
            actions: assign({
              one: ({ spawn }: any) => spawn('child', { id: 'one', systemId: 'first', input: { n: 1 } }),
            }),
          },
          LIST: {
            guard: ({ context }: any) => context.list.length < 2,
            actions: assign(({ context, spawn }: any) => ({
              list: [...context.list, { ref: spawn(child, { id: `l${context.list.length}`, syncSnapshot: true }) }],
              deep: { of: { last: spawn('child', { id: 'twice' }) } },
            })),
          },
          MAP: {
            guard: ({ context }: any) => context.by.size < 1 && context.one !== undefined,
            actions: assign({ by: ({ context }: any) => new Map([[context.one, 'first']]) }),
          },
          PING: [
            {
              guard: ({ context }: any) =>
                context.one?.getSnapshot().status === 'active' && context.one.getSnapshot().context.n < 2,
              actions: sendTo(({ context }: any) => context.one, { type: 'PING' }),
            },
            {
              guard: ({ context }: any) => context.list.length > 0,
              actions: sendTo(
                ({ context }: any) => context.list[0].ref,
                ({ context }: any) => ({
                  type: context.list.length > 1 ? 'END' : 'PING',
                }),
              ),
            },
          ],
          END: {
            guard: ({ context }: any) => context.one !== undefined,
            actions: sendTo(({ system, self }: any) => system.get('first') ?? self, { type: 'END' }),
          },
          PONG: {},
        },
      } as never),
    outside: { events: ['ONE', 'LIST', 'MAP', 'PING', 'END'] },
  },
  'who is asked for in the system when he has stopped': {
    logic: () =>
      setup({ actors: { child, told } }).createMachine({
        context: { found: 'nobody' },
        invoke: { src: 'told', id: 'told', systemId: 'ear' },
        initial: 'a',
        states: {
          a: { invoke: { src: 'child', id: 'c', systemId: 'it', onDone: 'b' }, on: { LEAVE: 'b' } },
          b: { on: { BACK: 'a' } },
        },
        on: {
          LOOK: {
            actions: assign({
              found: ({ system }: any) => system.get('it')?.getSnapshot().status ?? 'nobody',
            }),
          },
          END: {
            actions: enqueueActions(({ enqueue, system }: any) => {
              if (system.get('it')) enqueue.sendTo('c', { type: 'END' })
            }),
          },
          TELL: {
            actions: sendTo(({ system }: any) => system.get('it') ?? system.get('ear'), { type: 'PING' }),
          },
          BAD: { actions: sendTo(({ system }: any) => system.get('it'), { type: 'PING' }) },
        },
      } as never),
    outside: { events: ['LEAVE', 'BACK', 'LOOK', 'END', 'TELL', { send: 'BAD', times: 1 }] },
  },
  'an error in the entry of the initial state of a child': {
    logic: () => {
      const failing = setup({}).createMachine({
        id: 'failing',
        initial: 'a',
        states: {
          a: {
            entry: assign(({ self }: any) => {
              throw new TypeError(`no such thing in ${self.id as string}`)
            }),
          },
        },
      } as never)
      return setup({ actors: { failing } }).createMachine({
        initial: 'idle',
        context: { why: '' },
        states: {
          idle: { on: { GO: 'caught', SPAWN: { actions: spawnChild('failing' as never, { id: 's' } as never) } } },
          caught: {
            invoke: {
              src: 'failing',
              id: 'f',
              onError: { target: 'idle', actions: assign({ why: ({ event }: any) => event.error.message }) },
            },
          },
        },
      } as never)
    },
  },
  'an error in the entry of its own initial state': {
    logic: () =>
      createMachine({
        initial: 'a',
        states: {
          a: {
            entry: assign(() => {
              throw new RangeError('at once')
            }),
            on: { GO: 'b' },
          },
          b: {},
        },
      } as never),
  },
  'outputs that are worked out, also of states, and one that fails': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        context: { got: undefined },
        initial: 'a',
        states: {
          a: {
            invoke: {
              src: 'child',
              id: 'c',
              input: ({ event }: any) => ({ n: event.n ?? 2 }),
              onDone: { target: 'b', actions: assign({ got: ({ event }: any) => event.output }) },
            },
            on: { END: { actions: sendTo('c', { type: 'END' }) } },
          },
          b: {
            initial: 'x',
            states: {
              x: { on: { NEXT: 'y' } },
              y: { type: 'final', output: ({ context }: any) => ({ nested: context.got.n }) },
            },
            onDone: { target: 'c', actions: assign({ got: ({ event }: any) => event.output }) },
          },
          c: {
            type: 'parallel',
            states: {
              p: { initial: 'x', states: { x: { on: { NEXT: 'y' } }, y: { type: 'final', output: 1 } } },
              q: { initial: 'x', states: { x: { on: { OTHER: 'y' } }, y: { type: 'final', output: 2 } } },
            },
            onDone: { target: 'd', actions: assign({ got: ({ event }: any) => event.output ?? 'none' }) },
          },
          d: { on: { NEXT: 'over', AGAIN: 'a' } },
          over: { type: 'final', output: ({ context }: any) => context.got },
        },
        output: ({ event }: any) => {
          if (event.output === 'none') throw new Error('no output')
          return event.output
        },
      } as never),
    outside: { events: ['END', 'NEXT', 'OTHER', { type: 'AGAIN', n: 1 }] },
  },
  'snapshots of machines, promises and observables are heard': {
    logic: ({ promise, observable }) =>
      setup({ actors: { child, promise, observable } }).createMachine({
        context: { seen: '' },
        invoke: [
          {
            src: 'child',
            id: 'c',
            onSnapshot: {
              actions: assign({
                seen: ({ event }: any) => `${String(event.snapshot.value)}${event.snapshot.context.n}`,
              }),
            },
          },
          {
            src: 'promise',
            id: 'p',
            onSnapshot: { actions: assign({ seen: ({ event }: any) => `p ${event.snapshot.status as string}` }) },
            onError: { actions: assign({ seen: 'failed' }) },
          },
          {
            src: 'observable',
            id: 'o',
            onSnapshot: { actions: assign({ seen: ({ event }: any) => `o ${String(event.snapshot.context)}` }) },
          },
        ],
        on: { PING: { actions: forwardTo('c') }, END: { actions: forwardTo('c') }, PONG: {} },
      } as never),
    outside: {
      events: ['PING', 'END'],
      answers: { promise: { resolves: [1], rejects: ['no'] }, observable: { emits: [1, { two: 2 }], completes: true } },
    },
  },
  'what machine.provide puts in the place of what was there': {
    logic: ({ promise }) =>
      setup({
        actors: { job: promise as never },
        actions: { note: assign({ n: 2 }) as never, tell: () => {} },
        guards: { may: () => false },
        delays: { soon: 1000 },
      })
        .createMachine({
          context: { n: 0 },
          initial: 'a',
          states: {
            a: {
              invoke: { src: 'job', id: 'job', onDone: 'b' },
              after: { soon: 'c' },
              on: { GO: { guard: 'may', target: 'b', actions: ['note', 'tell'] }, END: { actions: forwardTo('job') } },
            },
            b: { on: { GO: 'a' } },
            c: { on: { GO: 'a' }, entry: 'tell' },
          },
        } as never)
        .provide({
          actors: { job: child },
          actions: { note: counts, tell: emit({ type: 'told' }) },
          guards: { may: ({ context }: any) => context.n < 2 },
          delays: { soon: ({ context }: any) => 10 + context.n },
        } as never),
    outside: { events: ['GO', 'END'] },
  },
  'what is sent late, to a child that may be gone': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        context: { n: 0 },
        initial: 'a',
        states: {
          a: {
            invoke: { src: 'child', id: 'c' },
            on: {
              LATE: {
                actions: sendTo('c', ({ context }: any) => ({ type: 'PING', n: context.n }), { delay: 10, id: 'late' }),
              },
              LATER: { actions: sendTo(({ self }: any) => self, { type: 'SELF' }, { delay: 20 }) },
              HUSH: { actions: cancel('late') },
              OFF: 'b',
            },
          },
          b: { on: { ON: 'a' }, after: { 15: 'a' } },
        },
        on: { PONG: { actions: counts }, SELF: { actions: counts } },
      } as never),
    outside: { events: ['LATE', { send: 'LATER', times: 2 }, 'HUSH', 'OFF', 'ON'] },
  },
  'everything that can be enqueued': {
    logic: () =>
      setup({
        actors: { child },
        guards: { isEven: ({ context }: any) => context.n % 2 === 0 },
        actions: { named: assign({ n: (_: any, params: any) => params?.to ?? 0 }) as never, quiet: () => {} },
      }).createMachine({
        context: { n: 0, ref: undefined },
        entry: enqueueActions(({ enqueue }: any) => {
          enqueue.raise({ type: 'BEGIN' })
          enqueue.emit({ type: 'began' })
          enqueue.spawnChild('child', { id: 'w' })
        }),
        on: {
          BEGIN: { actions: counts },
          GO: {
            actions: enqueueActions(({ enqueue, check, self, context }: any) => {
              enqueue.assign({ n: (context.n + 1) % 3 })
              if (check('isEven')) enqueue({ type: 'named', params: { to: 2 } })
              if (check(not('isEven'))) enqueue('quiet')
              enqueue(({ context: seen }: any) => void seen.n)
              enqueue.sendTo(self, { type: 'SELF' }, { delay: 5, id: 'self' })
              enqueue.cancel('self')
              enqueue.raise({ type: 'SELF' }, { delay: 5 })
              if (self.getSnapshot().children.w) enqueue.sendTo('w', { type: 'PING' })
            }),
          },
          STOP: {
            actions: enqueueActions(({ enqueue }: any) => {
              enqueue.stopChild('w')
              enqueue.emit({ type: 'stopped' })
            }),
          },
          SELF: { actions: counts },
          PONG: { actions: log(({ context }: any) => context.n) },
        },
      } as never),
    outside: { events: ['GO', 'STOP'] },
  },
  'reducers that emit, send and look around': {
    logic: () => {
      const reducer = fromTransition(
        (state: { n: number }, event: any, { emit: says, self, system }: any) => {
          if (event.type === 'UP') {
            says({ type: 'rose', to: state.n + 1 })
            return { n: (state.n + 1) % 3 }
          }
          if (event.type === 'TELL') system.get('ear')?.send({ type: 'OF', id: self.id })
          if (event.type === 'FAIL') throw new Error('fell')
          return state
        },
        ({ input }: any) => ({ n: input.from }),
      )
      return setup({ actors: { reducer, told } }).createMachine({
        invoke: [
          { src: 'told', id: 't', systemId: 'ear' },
          { src: 'reducer', id: 'r', input: { from: 1 }, onError: { actions: emit({ type: 'fell' }) } },
        ],
        on: {
          UP: { actions: sendTo('r', { type: 'UP' }) },
          TELL: { actions: sendTo('r', { type: 'TELL' }) },
          FAIL: { actions: sendTo('r', { type: 'FAIL' }) },
        },
      } as never)
    },
    outside: { events: ['UP', 'TELL', { send: 'FAIL', times: 1 }] },
  },
  'references that go with events and inputs': {
    logic: () => {
      const asker = setup({}).createMachine({
        id: 'asker',
        context: ({ input, self }: any) => ({ of: input.of, me: self, parent: input.parent }),
        on: {
          ASK: {
            actions: sendTo(
              ({ context }: any) => context.of,
              ({ self }: any) => ({ type: 'ASKED', by: self }),
            ),
          },
          ANSWER: { actions: sendTo(({ context }: any) => context.parent, { type: 'ANSWERED' }) },
        },
      } as never)
      const asked = setup({}).createMachine({
        id: 'asked',
        context: { last: undefined },
        on: {
          ASKED: {
            actions: [
              assign({ last: ({ event }: any) => event.by }),
              sendTo(({ event }: any) => event.by, { type: 'ANSWER' }, { delay: 10 }),
            ],
          },
        },
      } as never)
      return setup({ actors: { asker, asked } }).createMachine({
        context: ({ spawn, self }: any) => {
          const of = spawn('asked', { id: 'asked' })
          return { n: 0, of, asker: spawn('asker', { id: 'asker', input: { of, parent: self } }) }
        },
        on: {
          ASK: { actions: forwardTo(({ context }: any) => context.asker) },
          ANSWERED: { actions: counts },
        },
      } as never)
    },
    outside: { events: ['ASK'] },
  },
  'three generations, of whom the middle one goes': {
    logic: ({ promise }) => {
      const parent = setup({ actors: { child, promise } }).createMachine({
        id: 'middle',
        initial: 'a',
        invoke: { src: 'child', id: 'c' },
        states: {
          a: {
            invoke: { src: 'promise', id: 'p', onDone: 'b', onError: 'b' },
            exit: sendParent({ type: 'LEFT' }),
            on: { PING: { actions: forwardTo('c') } },
          },
          b: { on: { END: 'over' }, after: { 10: 'over' } },
          over: { type: 'final' },
        },
        on: { PONG: { actions: sendParent({ type: 'PONG' }) } },
      } as never)
      return setup({ actors: { parent } }).createMachine({
        initial: 'on',
        context: { n: 0 },
        states: {
          on: {
            invoke: { src: 'parent', id: 'm', onDone: 'off' },
            on: { OFF: 'off', PING: { actions: forwardTo('m') } },
          },
          off: { on: { ON: 'on' } },
        },
        on: { LEFT: { actions: counts }, PONG: { actions: counts } },
      } as never)
    },
    outside: { events: ['OFF', 'ON', 'PING'], answers: { promise: { resolves: [1], rejects: ['no'] } } },
  },
  'several ways at once, none at all, and what is raised on the way': {
    logic: () =>
      createMachine({
        context: { n: 0, log: '' },
        initial: 'p',
        on: { NONE: { target: '.off', actions: counts } },
        states: {
          p: {
            type: 'parallel',
            entry: [raise({ type: 'IN' }), raise({ type: 'IN2' })],
            exit: raise({ type: 'OUT' }),
            states: {
              one: {
                initial: 'a',
                states: {
                  a: { on: { IN: { target: 'b', actions: raise({ type: 'IN3' }) } } },
                  b: { on: { GO: { target: 'c', actions: raise({ type: 'R' }) }, NONE: {} } },
                  c: { on: { GO: { target: '#off' } } },
                },
              },
              two: {
                initial: 'a',
                states: {
                  a: { on: { IN3: 'b', IN2: { actions: counts } } },
                  b: { on: { R: { target: 'c', actions: counts }, GO: { actions: counts } } },
                  c: { always: { guard: ({ context }: any) => context.n === 1, target: 'a' } },
                },
              },
            },
            on: { JUMP: { target: ['.one.c', '.two.b'] }, GO: 'off' },
          },
          off: { id: 'off', on: { OUT: { actions: counts }, BACK: 'p', JUMP: { target: ['p.two.c', 'p.one.b'] } } },
        },
      } as never),
    outside: { events: ['GO', 'JUMP', 'NONE', 'BACK'] },
  },
  'a child that speaks on starting, and is stopped or ends at once': {
    logic: () => {
      const brief = setup({}).createMachine({
        id: 'brief',
        initial: 'a',
        entry: sendParent({ type: 'HELLO' }),
        states: { a: { always: 'b' }, b: { type: 'final', entry: sendParent({ type: 'BYE' }) } },
        output: 'brief',
      } as never)
      return setup({ actors: { brief, told } }).createMachine({
        context: { log: '' },
        initial: 'a',
        states: {
          a: { on: { GO: 'b', BOTH: { actions: [spawnChild('brief', { id: 'x' }), stopChild('x')] } } },
          b: {
            invoke: { src: 'brief', id: 'b', onDone: { target: 'a', actions: assign({ log: 'done' }) } },
            on: { HELLO: { actions: assign({ log: 'hello' }) }, BYE: 'c' },
          },
          c: { on: { GO: 'a' } },
        },
      } as never)
    },
    outside: { events: ['GO', 'BOTH'] },
  },
  'one id, spawned by assign again and again, and others beside it': {
    logic: () =>
      setup({ actors: { child, told } }).createMachine({
        context: { ref: undefined as AnyActorRef | undefined, n: 0 },
        on: {
          SPAWN: {
            guard: ({ context }: any) => context.n < 2,
            actions: [counts, assign({ ref: ({ spawn }: any) => spawn('child', { id: 'same' }) })],
          },
          OTHER: { actions: spawnChild('told' as never, { id: 'same' } as never) },
          PING: {
            guard: ({ context }: any) => context.ref !== undefined,
            actions: [
              sendTo(({ context }: any) => context.ref, { type: 'PING' }),
              sendTo(({ context, self }: any) => self.getSnapshot().children.same ?? context.ref, { type: 'PING' }),
            ],
          },
          STOP: {
            guard: ({ context }: any) => context.ref !== undefined,
            actions: stopChild(({ context }: any) => context.ref),
          },
          PONG: {},
        },
      } as never),
    outside: { events: ['SPAWN', { send: 'OTHER', times: 1 }, 'PING', 'STOP'] },
  },
  'nothing at all for some events, and lists of ways': {
    logic: () =>
      createMachine({
        context: { n: 0 },
        initial: 'a',
        states: {
          a: {
            on: {
              GO: [
                { guard: ({ context }: any) => context.n === 2, target: 'b' },
                { guard: ({ event }: any) => event.force === true, target: 'b', actions: counts },
                { actions: counts },
              ],
              NONE: [],
              VOID: undefined,
            },
            initial: { target: 'x', actions: counts },
            states: { x: { on: { DOWN: 'y' } }, y: { on: { GO: undefined, DOWN: [] } } },
          },
          b: { initial: 'x', states: { x: {} }, on: { GO: '#(machine).a.y', DOWN: { target: 'a' } } },
        },
        on: { NONE: { actions: counts }, VOID: { actions: counts } },
      } as never),
    outside: { events: ['GO', { type: 'GO', force: true }, 'NONE', 'VOID', 'DOWN'] },
  },
  'a context made with who is spawned and what the root is called, and a child that speaks at once': {
    logic: () => {
      const loud = setup({}).createMachine({
        id: 'loud',
        entry: sendParent({ type: 'HELLO' }),
        on: { ASK: { actions: sendParent({ type: 'HELLO' }) } },
      })
      return setup({ actors: { loud, told } }).createMachine({
        context: ({ spawn, self }: any) => ({
          n: 0,
          refs: [spawn('loud', { id: 'l' }), spawn('told', { id: 't', systemId: 'ear' })],
          by: { id: self.id },
        }),
        initial: 'a',
        states: {
          a: {
            on: { HELLO: { target: 'b', actions: sendTo(({ context }: any) => context.refs[1], { type: 'HEARD' }) } },
          },
          b: {
            on: {
              ASK: { actions: sendTo(({ context }: any) => context.refs[0], { type: 'ASK' }) },
              HELLO: { actions: counts },
            },
          },
        },
      } as never)
    },
  },
  'what is enqueued when a spawned child is done': {
    logic: () =>
      setup({ actors: { child } }).createMachine({
        context: { n: 0, ref: null },
        on: {
          HIRE: {
            guard: ({ context }: any) => context.ref === null,
            actions: assign({ ref: ({ spawn, context }: any) => spawn('child', { id: 'c', input: { n: context.n } }) }),
          },
          END: {
            actions: enqueueActions(({ enqueue, context }: any) => {
              if (context.ref)
                enqueue.sendTo(context.ref, { type: 'END' }, { id: `end${context.n}`, delay: context.n * 10 })
            }),
          },
          HUSH: { actions: enqueueActions(({ enqueue, context }: any) => enqueue.cancel(`end${context.n}`)) },
          'xstate.done.actor.c': {
            actions: enqueueActions(({ enqueue, event, check }: any) => {
              enqueue.assign({ n: (event.output.last + 1) % 3 })
              if (check(({ context }: any) => context.n < 2)) enqueue.raise({ type: 'AGAIN' })
              enqueue.assign({ ref: null })
              enqueue.stopChild('c')
            }),
          },
          AGAIN: { actions: counts },
        },
      } as never),
    outside: { events: ['HIRE', 'END', 'HUSH'] },
  },
  'observables of events and of values, that end or fail': {
    logic: ({ events, observable }) =>
      setup({ actors: { events, observable } }).createMachine({
        context: { n: 0, seen: '' },
        initial: 'on',
        states: {
          on: {
            invoke: [
              { src: 'events', id: 'e', onDone: 'off', onError: { actions: counts } },
              {
                ...{ src: 'observable', id: 'o', onDone: { actions: counts }, onError: 'off' },
                onSnapshot: {
                  actions: assign({
                    seen: ({ context, event }: any) => `${context.seen}${event.snapshot.context ?? '-'}`.slice(-3),
                  }),
                },
              },
            ],
            on: { TICK: { actions: counts }, 'mouse.*': { actions: counts } },
          },
          off: { on: { ON: 'on' } },
        },
      } as never),
    outside: {
      events: [{ send: 'ON', times: 1 }],
      answers: {
        events: { sends: ['TICK', { type: 'mouse.down', x: 1 }], completes: true, fails: ['boom'], times: 2 },
        observable: { emits: [1, 2], completes: true, fails: ['bad'], times: 2 },
      },
    },
  },
}
