/** Systems as people build them, each with a mistake that is easily overlooked, and without. */
import { assign, fromCallback, fromPromise, sendParent, sendTo, setup, stopChild, type AnyActorRef } from 'xstate'
import { always, neverLost, sometimes, system, type Subject } from '../../process/index.ts'

const nothing = fromPromise(async () => {})

/** A form that is saved while it is edited: what is typed meanwhile is not what was saved. */
export const form = (isRight: boolean): Subject => {
  const machine = setup({
    types: { context: {} as { unsaved: boolean } },
    actors: { save: nothing },
    actions: { typed: assign({ unsaved: true }), taken: assign({ unsaved: false }) },
    guards: { isUnsaved: ({ context }) => context.unsaved },
  }).createMachine({
    id: 'form',
    context: { unsaved: false },
    initial: 'clean',
    states: {
      clean: { on: { TYPE: { target: 'dirty', actions: 'typed' } } },
      dirty: { on: { TYPE: {}, SAVE: { target: 'saving', actions: 'taken' } } },
      saving: {
        invoke: {
          src: 'save',
          onDone: isRight ? [{ guard: 'isUnsaved', target: 'dirty' }, { target: 'clean' }] : 'clean',
          onError: { target: 'dirty', actions: 'typed' },
        },
        on: { TYPE: { actions: 'typed' } },
      },
    },
  })
  return system(machine, {
    ignores: ['SAVE'],
    properties: [
      always('clean is saved', (w) => !w.root.matches('clean') || w.root.context.unsaved === false),
      sometimes('typed while saving', (w) => w.root.matches('saving') && w.root.context.unsaved === true),
    ],
  })
}

/** A checkout whose payment may be late: to give up waiting is not to know that nothing was paid. */
export const checkout = (isRight: boolean): Subject => {
  const machine = setup({
    types: { context: {} as { charges: number } },
    actors: { charge: nothing, status: fromPromise(async () => true) },
    actions: {
      charged: assign({ charges: ({ context }) => Math.min(context.charges + 1, 3) }),
      declined: assign({ charges: ({ context }) => Math.max(context.charges - 1, 0) }),
    },
    guards: { isPaid: ({ event }) => (event as { output?: unknown }).output === true },
  }).createMachine({
    id: 'checkout',
    context: { charges: 0 },
    initial: 'cart',
    states: {
      cart: { on: { PAY: 'paying' } },
      paying: {
        entry: 'charged',
        invoke: { src: 'charge', onDone: 'paid', onError: { target: 'cart', actions: 'declined' } },
        after: { 5000: isRight ? 'unsure' : 'cart' },
      },
      unsure: {
        invoke: {
          src: 'status',
          onDone: [
            { guard: 'isPaid', target: 'paid' },
            { target: 'cart', actions: 'declined' },
          ],
          onError: { target: 'unsure', reenter: true },
        },
      },
      paid: { type: 'final' },
    },
  })
  return system(machine, {
    answers: {
      charge: { resolves: [undefined], rejects: ['declined'] },
      status: { resolves: [true, false], rejects: ['offline'] },
    },
    ignores: ['PAY'],
    actors: 4,
    properties: [
      always('charged once at most', (w) => w.root.context.charges <= 1),
      sometimes('paid', (w) => w.root.matches('paid')),
    ],
  })
}

/** An upload with retries: to cancel while one waits for its turn must cancel the turn, too. */
export const upload = (isRight: boolean): Subject => {
  const machine = setup({
    types: { context: {} as { tries: number } },
    actors: { put: nothing },
    actions: { tried: assign({ tries: ({ context }) => context.tries + 1 }) },
    guards: { isLast: ({ context }) => context.tries >= 3 },
  }).createMachine({
    id: 'upload',
    context: { tries: 0 },
    type: 'parallel',
    states: {
      transfer: {
        initial: 'idle',
        states: {
          idle: { on: { START: 'sending', CANCEL: 'cancelled' } },
          sending: {
            entry: 'tried',
            invoke: {
              src: 'put',
              onDone: 'sent',
              onError: [{ guard: 'isLast', target: 'failed' }, { target: 'waiting' }],
            },
            on: { CANCEL: 'cancelled' },
          },
          waiting: { after: { 1000: 'sending' }, ...(isRight && { on: { CANCEL: 'cancelled' } }) },
          sent: {},
          failed: {},
          cancelled: {},
        },
      },
      dialog: { initial: 'open', states: { open: { on: { CANCEL: 'closed' } }, closed: {} } },
    },
  })
  return system(machine, {
    events: ['START', { send: 'CANCEL', times: 1 }],
    answers: { put: { resolves: [undefined], rejects: ['offline'] } },
    ignores: ['START', 'CANCEL'],
    properties: [
      always(
        'nothing is sent once the dialog is closed',
        (w) => !(w.root.matches({ dialog: 'closed' }) && w.root.matches({ transfer: 'sending' })),
      ),
      sometimes('tried three times', (w) => w.root.context.tries === 3),
    ],
  })
}

/** Two tabs that edit one record: who writes must say what he has read. */
export const tabs = (isRight: boolean): Subject => {
  const tab = setup({
    types: { context: {} as { read: number }, input: {} as { store: AnyActorRef } },
  }).createMachine({
    id: 'tab',
    context: ({ input }) => ({ read: -1, store: input.store }) as { read: number },
    initial: 'shown',
    states: {
      shown: {
        on: {
          LOADED: { actions: assign({ read: ({ event }) => (event as unknown as { version: number }).version }) },
          SAVE: {
            guard: ({ context }) => context.read >= 0,
            actions: sendTo(
              ({ context }) => (context as unknown as { store: AnyActorRef }).store,
              ({ context, self }) => ({ type: 'WRITE', read: context.read, by: self.id }),
            ),
          },
        },
      },
    },
  })
  const store = setup({
    types: { context: {} as { version: number; lost: boolean } },
    actors: { tab },
    guards: { isFresh: ({ context, event }) => !isRight || (event as { read?: number }).read === context.version },
  }).createMachine({
    id: 'record',
    context: { version: 0, lost: false },
    invoke: [
      { src: 'tab', id: 'left', input: ({ self }) => ({ store: self }) },
      { src: 'tab', id: 'right', input: ({ self }) => ({ store: self }) },
    ],
    on: {
      LOAD_LEFT: { actions: sendTo('left', ({ context }) => ({ type: 'LOADED', version: context.version })) },
      LOAD_RIGHT: { actions: sendTo('right', ({ context }) => ({ type: 'LOADED', version: context.version })) },
      SAVE_LEFT: { actions: sendTo('left', { type: 'SAVE' }) },
      SAVE_RIGHT: { actions: sendTo('right', { type: 'SAVE' }) },
      WRITE: {
        guard: 'isFresh',
        actions: assign({
          version: ({ context }) => Math.min(context.version + 1, 2),
          lost: ({ context, event }) => context.lost || (event as unknown as { read: number }).read < context.version,
        }),
      },
    },
  })
  return system(store, {
    events: ['LOAD_LEFT', 'LOAD_RIGHT', { send: 'SAVE_LEFT', times: 1 }, { send: 'SAVE_RIGHT', times: 1 }],
    ignores: ['SAVE', 'WRITE'],
    properties: [
      always('nobody overwrites what he has not read', (w) => w.root.context.lost === false),
      sometimes('both have written', (w) => w.root.context.version === 2),
    ],
  })
}

/** A chat that reconnects: what is written while there is no line must wait for one. */
export const chat = (isRight: boolean): Subject => {
  const machine = setup({
    types: { context: {} as { queue: number } },
    actors: { socket: fromCallback(() => {}) },
    actions: {
      queue: assign({ queue: ({ context }) => Math.min(context.queue + 1, 2) }),
      flush: assign({ queue: 0 }),
    },
  }).createMachine({
    id: 'chat',
    context: { queue: 0 },
    initial: 'connecting',
    invoke: { src: 'socket', id: 'socket' },
    states: {
      connecting: { on: { OPEN: { target: 'online', actions: 'flush' }, WRITE: { actions: 'queue' } } },
      online: { on: { WRITE: { actions: sendTo('socket', { type: 'SEND' }) }, CLOSED: 'lost' } },
      lost: { after: { 500: 'connecting' }, ...(isRight && { on: { WRITE: { actions: 'queue' } } }) },
    },
  })
  return system(machine, {
    events: ['WRITE'],
    answers: { socket: { sends: ['OPEN', 'CLOSED'] } },
    ignores: ['OPEN', 'CLOSED'],
    properties: [neverLost('WRITE'), sometimes('two wait', (w) => w.root.context.queue === 2)],
  })
}

/** A supervisor that restarts a worker which is slow: the old one must be stopped, or both do the job. */
export const supervisor = (isRight: boolean): Subject => {
  const worker = setup({}).createMachine({
    id: 'worker',
    initial: 'working',
    states: {
      working: { on: { FINISH: 'over' }, after: { 900: 'over' } },
      over: { type: 'final', entry: sendParent({ type: 'RESULT' }) },
    },
  })
  const machine = setup({
    types: { context: {} as { results: number; starts: number } },
    actors: { worker },
    actions: {
      start: assign({
        starts: ({ context, spawn }) => {
          spawn('worker', { id: 'worker' })
          return context.starts + 1
        },
      }),
    },
    guards: { mayRestart: ({ context }) => context.starts < 2 && context.results === 0 },
  }).createMachine({
    id: 'supervisor',
    context: { results: 0, starts: 0 },
    entry: 'start',
    on: {
      SLOW: { guard: 'mayRestart', actions: isRight ? [stopChild('worker'), 'start'] : ['start'] },
      RESULT: { actions: assign({ results: ({ context }) => context.results + 1 }) },
    },
  })
  return system(machine, {
    events: ['SLOW'],
    ignores: ['SLOW'],
    properties: [
      always('one result', (w) => w.root.context.results <= 1),
      sometimes('restarted', (w) => w.root.context.starts === 2),
    ],
  })
}
