/**
 * A kernel rw_semaphore (kernel/locking/rwsem.c), fair: once a writer waits, later readers wait behind it, so a task
 * that reads twice can deadlock with a writer in between (V13-5 needs this).
 *
 * A writer that meets readers is therefore *taken* into `waiting` and answered by the step that lets the last reader
 * go; everybody else who cannot get the lock is deferred, and whichever lane is taken next gets it. Who only tries is
 * answered at once, and who tries to read does not get past a waiting writer.
 *
 * Left out: optimistic spinning, lock stealing, the FIFO among waiters (any of them may be next), downgrade.
 * `readers` holds a task once for every time it took the lock.
 */
import { assign, emit, setup } from 'xstate'
import { complain, send, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { waitsAs, type LockFacts } from './lock-facts.ts'

type RwsemContext = {
  readonly id: string
  readonly readers: readonly string[]
  readonly writer: string | null
  readonly waiting: { readonly task: string; readonly from: string } | null
}
type RwsemEvent = Heard & {
  readonly type: 'DOWN_READ' | 'DOWN_WRITE' | 'TRY_READ' | 'TRY_WRITE' | 'UP_READ' | 'UP_WRITE'
}

export const rwsem = setup({
  types: {
    context: {} as RwsemContext,
    events: {} as RwsemEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isReader: ({ context, event }) => context.readers.includes(event.task),
    isLastReader: ({ context, event }) => context.readers.length === 1 && context.readers[0] === event.task,
    isWriter: ({ context, event }) => context.writer === event.task,
  },
  actions: {
    read: assign({ readers: ({ context, event }) => [...context.readers, event.task].sort() }),
    unread: assign({
      readers: ({ context, event }) => context.readers.toSpliced(context.readers.indexOf(event.task), 1),
    }),
    write: assign({ writer: ({ event }) => event.task }),
    unwrite: assign({ writer: null }),
    queue: assign({ waiting: ({ event }) => ({ task: event.task, from: event.from }) }),
    grant: emit(({ context }) => send(context.waiting!.from, 'LOCKED', { task: context.waiting!.task })),
    handOver: assign(({ context }) => ({ writer: context.waiting!.task, waiting: null })),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    busy: emit(({ event }) => answer(event, 'BUSY')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    notTheHolder: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
  },
}).createMachine({
  id: 'rwsem',
  context: ({ input }) => ({ id: input.id, readers: [], writer: null, waiting: null }),
  initial: 'free',
  states: {
    free: {
      on: {
        DOWN_READ: { target: 'read', actions: ['read', 'locked'] },
        DOWN_WRITE: { target: 'written', actions: ['write', 'locked'] },
        TRY_READ: { target: 'read', actions: ['read', 'locked'] },
        TRY_WRITE: { target: 'written', actions: ['write', 'locked'] },
        UP_READ: { actions: ['notTheHolder', 'unlocked'] },
        UP_WRITE: { actions: ['notTheHolder', 'unlocked'] },
      },
    },
    read: {
      on: {
        DOWN_READ: { actions: ['read', 'locked'] },
        DOWN_WRITE: { target: 'queued', actions: 'queue' },
        TRY_READ: { actions: ['read', 'locked'] },
        TRY_WRITE: { actions: 'busy' },
        UP_READ: [
          { guard: 'isLastReader', target: 'free', actions: ['unread', 'unlocked'] },
          { guard: 'isReader', actions: ['unread', 'unlocked'] },
          { actions: ['notTheHolder', 'unlocked'] },
        ],
        UP_WRITE: { actions: ['notTheHolder', 'unlocked'] },
      },
    },
    queued: {
      meta: { defers: ['DOWN_READ', 'DOWN_WRITE'] },
      on: {
        TRY_READ: { actions: 'busy' },
        TRY_WRITE: { actions: 'busy' },
        UP_READ: [
          { guard: 'isLastReader', target: 'written', actions: ['unread', 'unlocked', 'grant', 'handOver'] },
          { guard: 'isReader', actions: ['unread', 'unlocked'] },
          { actions: ['notTheHolder', 'unlocked'] },
        ],
        UP_WRITE: { actions: ['notTheHolder', 'unlocked'] },
      },
    },
    written: {
      meta: { defers: ['DOWN_READ', 'DOWN_WRITE'] },
      on: {
        TRY_READ: { actions: 'busy' },
        TRY_WRITE: { actions: 'busy' },
        UP_READ: { actions: ['notTheHolder', 'unlocked'] },
        UP_WRITE: [
          { guard: 'isWriter', target: 'free', actions: ['unwrite', 'unlocked'] },
          { actions: ['notTheHolder', 'unlocked'] },
        ],
      },
    },
  },
})

export const rwsemFacts: LockFacts<RwsemContext> = {
  waitType: waitsAs('sleep'),
  acquires: ['DOWN_READ', 'DOWN_WRITE'],
  holders: ({ readers, writer }) => ({
    threads: writer === null ? [...new Set(readers)] : [writer],
    exclusive: writer !== null,
  }),
  owes: ({ waiting }) => (waiting === null ? [] : [waiting.from]),
}

/** Of one that somebody may try to get. */
export const triedRwsemFacts: LockFacts<RwsemContext> = { ...rwsemFacts, tried: true }
