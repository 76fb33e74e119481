/**
 * A call that takes locks, asks one object, lets go of the locks and returns what the object answered: most ioctls are no more. What is
 * asked is a message of the object's own; the arguments of the call travel with it.
 *
 * Left out: nothing of the locks; a call that does more than one thing under them has a chart of its own.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface HeldLock {
  readonly id: string
  readonly how: 'LOCK' | 'DOWN_READ' | 'DOWN_WRITE'
}

export interface LockedCallInput {
  readonly task: string
  /** In the order in which they are taken. */
  readonly locks?: readonly HeldLock[]
  /** Who is asked. */
  readonly to: string
  /** The message it is asked with. */
  readonly ask: string
  /** What it says besides what the call was made with. */
  readonly of?: Readonly<Record<string, unknown>>
}

interface LockedCallContext extends Required<Omit<LockedCallInput, 'of'>>, Pick<LockedCallInput, 'of'> {
  readonly caller: string | null
  readonly args: Readonly<Record<string, unknown>>
  readonly held: number
  readonly answer: Readonly<Record<string, unknown>>
}

type LockedCallEvent =
  | (Heard & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })

const release = { LOCK: 'UNLOCK', DOWN_READ: 'UP_READ', DOWN_WRITE: 'UP_WRITE' } as const

const start = ({ task, locks = [], to, ask, of }: LockedCallInput): LockedCallContext => ({
  ...(of && { of }),
  task,
  locks,
  to,
  ask,
  caller: null,
  args: {},
  held: 0,
  answer: {},
})

/** What a message says besides who says it. */
const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Readonly<Record<string, unknown>> =>
  fields

export const lockedCall = setup({
  types: {
    context: {} as LockedCallContext,
    events: {} as LockedCallEvent,
    emitted: {} as Said,
    input: {} as LockedCallInput,
  },
  guards: {
    hasAll: ({ context: { held, locks } }) => held === locks.length,
    hasNone: ({ context: { held } }) => held === 0,
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, args: fieldsOf(event) })),
    lock: emit(({ context: { locks, held, task } }) => send(locks[held]!.id, locks[held]!.how, { task })),
    gain: assign({ held: ({ context }) => context.held + 1 }),
    ask: emit(({ context: { to, ask, task, args, of } }) => send(to, ask, { ...args, ...of, task })),
    forget: assign({ args: {} }),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { answer: fieldsOf(event) }
    }),
    unlock: emit(({ context: { locks, held, task } }) => {
      const { id, how } = locks[held - 1]!
      return send(id, release[how], { task })
    }),
    lose: assign({ held: ({ context }) => context.held - 1 }),
    finish: emit(({ context: { caller, task, answer } }) => send(caller!, 'RETURN', { ...answer, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'lockedCall',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: { always: [{ guard: 'hasAll', target: 'asking' }, { target: 'locking' }] },
    locking: { entry: 'lock', on: { LOCKED: { target: 'entering', actions: 'gain' } } },
    asking: { entry: ['ask', 'forget'], on: { ANSWER: { target: 'leaving', actions: 'keep' } } },
    leaving: {
      always: [{ guard: 'hasNone', target: 'idle', actions: ['finish', 'reset'] }, { target: 'unlocking' }],
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'leaving', actions: 'lose' } } },
  },
})
