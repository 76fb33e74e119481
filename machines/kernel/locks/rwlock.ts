/**
 * A lock for many readers or one writer that prefers readers: who comes to read never waits for a writer that only waits. So is rwlock_t
 * (kernel/locking/qrwlock.c, for readers in interrupts; elsewhere it is fairer than this), and so may an rw_semaphore be taken to be by those
 * who ask what would happen then. Writers may wait for ever.
 *
 * `readers` holds a task once for every time it took the lock.
 */
import { assign, emit, setup } from 'xstate'
import { complain, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { waitsAs, type LockFacts } from './lock-facts.ts'

interface RwlockContext {
  readonly id: string
  readonly readers: readonly string[]
  readonly writer: string | null
}
type RwlockEvent = Heard & {
  readonly type: 'DOWN_READ' | 'DOWN_WRITE' | 'TRY_READ' | 'TRY_WRITE' | 'UP_READ' | 'UP_WRITE'
}

export const rwlock = setup({
  types: {
    context: {} as RwlockContext,
    events: {} as RwlockEvent,
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
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    busy: emit(({ event }) => answer(event, 'BUSY')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    notTheHolder: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
  },
}).createMachine({
  id: 'rwlock',
  context: ({ input }) => ({ id: input.id, readers: [], writer: null }),
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
      meta: { defers: ['DOWN_WRITE'] },
      on: {
        DOWN_READ: { actions: ['read', 'locked'] },
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

export const rwlockFacts: LockFacts<RwlockContext> = {
  waitType: waitsAs('spin'),
  acquires: ['DOWN_READ', 'DOWN_WRITE'],
  holders: ({ readers, writer }) => ({
    threads: writer === null ? [...new Set(readers)] : [writer],
    exclusive: writer !== null,
  }),
}
