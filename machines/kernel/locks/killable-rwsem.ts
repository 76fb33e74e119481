/**
 * An rw_semaphore for which somebody waits only as long as no signal comes (down_read_killable, down_write_killable), or that a writer makes a
 * reader's (downgrade_write). As `rwsem` otherwise: a writer who waits is taken, and whoever comes later waits behind him; a signal takes him away
 * again.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { complain, send, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import { waitsAs, type LockFacts } from './lock-facts.ts'
import { isKilled, isSignalled, unsignalled, withSignal, type Interrupt, type Signalled } from './signalled.ts'

interface KillableRwsemContext extends Signalled {
  readonly id: string
  readonly readers: readonly string[]
  readonly writer: string | null
  readonly waiting: { readonly task: string; readonly from: string; readonly killable: boolean } | null
}

type KillableRwsemEvent = Heard &
  (
    | {
        readonly type:
          | 'DOWN_READ'
          | 'DOWN_READ_KILLABLE'
          | 'DOWN_READ_INTERRUPTIBLE'
          | 'DOWN_WRITE'
          | 'DOWN_WRITE_KILLABLE'
          | 'TRY_READ'
          | 'TRY_WRITE'
          | 'UP_READ'
          | 'UP_WRITE'
          | 'DOWNGRADE'
      }
    | Interrupt
  )

const reads = { target: 'read', actions: ['read', 'locked'] } as const
const writes = { target: 'written', actions: ['write', 'locked'] } as const
const stray = { actions: ['notTheHolder', 'unlocked'] } as const
const deferred: Defers = [
  'DOWN_READ',
  'DOWN_WRITE',
  { type: 'DOWN_READ_KILLABLE', unless: 'isKilled' },
  { type: 'DOWN_WRITE_KILLABLE', unless: 'isKilled' },
  { type: 'DOWN_READ_INTERRUPTIBLE', unless: 'isSignalled' },
]
const refused = {
  DOWN_READ_KILLABLE: { actions: 'interrupted' },
  DOWN_WRITE_KILLABLE: { actions: 'interrupted' },
  DOWN_READ_INTERRUPTIBLE: { actions: 'interrupted' },
  TRY_READ: { actions: 'busy' },
  TRY_WRITE: { actions: 'busy' },
} as const

export const killableRwsem = setup({
  types: {
    context: {} as KillableRwsemContext,
    events: {} as KillableRwsemEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isReader: ({ context, event }) => context.readers.includes(event.task),
    isLastReader: ({ context, event }) => context.readers.length === 1 && context.readers[0] === event.task,
    isWriter: ({ context, event }) => context.writer === event.task,
    isSignalled,
    isKilled,
    endsTheWait: ({ context: { waiting }, event }) =>
      event.type === 'INTERRUPT' && event.fatal && waiting?.killable === true && waiting.task === event.to,
  },
  actions: {
    note: assign(({ context, event }) => {
      assertEvent(event, 'INTERRUPT')
      return withSignal(context, event)
    }),
    read: assign({ readers: ({ context, event }) => [...context.readers, event.task].sort() }),
    unread: assign({
      readers: ({ context, event }) => context.readers.toSpliced(context.readers.indexOf(event.task), 1),
    }),
    write: assign({ writer: ({ event }) => event.task }),
    unwrite: assign({ writer: null }),
    queue: assign({
      waiting: ({ event }) => ({ task: event.task, from: event.from, killable: event.type === 'DOWN_WRITE_KILLABLE' }),
    }),
    grant: emit(({ context }) => send(context.waiting!.from, 'LOCKED', { task: context.waiting!.task })),
    handOver: assign(({ context }) => ({ writer: context.waiting!.task, waiting: null })),
    goAway: enqueueActions(({ context: { waiting }, enqueue }) => {
      enqueue.emit(send(waiting!.from, 'INTERRUPTED', { task: waiting!.task }))
      enqueue.assign({ waiting: null })
    }),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    busy: emit(({ event }) => answer(event, 'BUSY')),
    interrupted: emit(({ event }) => answer(event, 'INTERRUPTED')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    notTheHolder: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
  },
}).createMachine({
  id: 'killableRwsem',
  context: ({ input }) => ({ id: input.id, readers: [], writer: null, waiting: null, ...unsignalled }),
  initial: 'free',
  on: { INTERRUPT: { actions: 'note' }, UP_READ: stray, UP_WRITE: stray, DOWNGRADE: stray },
  states: {
    free: {
      on: {
        DOWN_READ: reads,
        DOWN_READ_KILLABLE: reads,
        DOWN_READ_INTERRUPTIBLE: reads,
        TRY_READ: reads,
        DOWN_WRITE: writes,
        DOWN_WRITE_KILLABLE: writes,
        TRY_WRITE: writes,
      },
    },
    read: {
      on: {
        DOWN_READ: reads,
        DOWN_READ_KILLABLE: reads,
        DOWN_READ_INTERRUPTIBLE: reads,
        TRY_READ: reads,
        DOWN_WRITE: { target: 'queued', actions: 'queue' },
        DOWN_WRITE_KILLABLE: [
          { guard: 'isKilled', actions: 'interrupted' },
          { target: 'queued', actions: 'queue' },
        ],
        TRY_WRITE: { actions: 'busy' },
        UP_READ: [
          { guard: 'isLastReader', target: 'free', actions: ['unread', 'unlocked'] },
          { guard: 'isReader', actions: ['unread', 'unlocked'] },
          stray,
        ],
      },
    },
    queued: {
      meta: { defers: deferred },
      on: {
        ...refused,
        INTERRUPT: [{ guard: 'endsTheWait', target: 'read', actions: ['note', 'goAway'] }, { actions: 'note' }],
        UP_READ: [
          { guard: 'isLastReader', target: 'written', actions: ['unread', 'unlocked', 'grant', 'handOver'] },
          { guard: 'isReader', actions: ['unread', 'unlocked'] },
          stray,
        ],
      },
    },
    written: {
      meta: { defers: deferred },
      on: {
        ...refused,
        UP_WRITE: [{ guard: 'isWriter', target: 'free', actions: ['unwrite', 'unlocked'] }, stray],
        DOWNGRADE: [{ guard: 'isWriter', target: 'read', actions: ['unwrite', 'read', 'unlocked'] }, stray],
      },
    },
  },
})

export const killableRwsemFacts: LockFacts<KillableRwsemContext> = {
  waitType: waitsAs('sleep'),
  acquires: ['DOWN_READ', 'DOWN_READ_KILLABLE', 'DOWN_READ_INTERRUPTIBLE', 'DOWN_WRITE', 'DOWN_WRITE_KILLABLE'],
  holders: ({ readers, writer }) => ({
    threads: writer === null ? [...new Set(readers)] : [writer],
    exclusive: writer !== null,
  }),
  owes: ({ waiting }) => (waiting === null ? [] : [waiting.from]),
  tried: true,
}
