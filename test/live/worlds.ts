/** Small worlds to run live: two workers and one mutex, and somebody who crashes. */
import { assign, emit, setup } from 'xstate'
import { mutex, mutexFacts } from '../../machines/kernel/locks/mutex.ts'
import { complain, note, send, used, type Heard, type Said } from '../../machines/say.ts'
import type { World } from '../../actors/world/world.ts'

type WorkerContext = { readonly lock: string; readonly rounds: number; readonly bytes: bigint }

/** Takes the lock and gives it back, `rounds` times; once too often if told TWICE. */
export const worker = setup({
  types: {
    context: {} as WorkerContext,
    events: {} as Heard & { readonly type: 'GO' | 'TWICE' | 'LOCKED' | 'UNLOCKED' },
    emitted: {} as Said,
    input: {} as { readonly lock: string; readonly rounds: number },
  },
  guards: { isLastRound: ({ context }) => context.rounds <= 0 },
  actions: {
    lock: emit(({ context, event }) => send(context.lock, 'LOCK', { task: event.task })),
    unlock: emit(({ context, event }) => send(context.lock, 'UNLOCK', { task: event.task, bytes: context.bytes })),
    worked: emit(({ context }) => note(context.lock, 'used')),
    count: assign({ rounds: ({ context }) => context.rounds - 1, bytes: ({ context }) => context.bytes + 0x1000n }),
  },
}).createMachine({
  id: 'worker',
  context: ({ input }) => ({ lock: input.lock, rounds: input.rounds, bytes: 0n }),
  initial: 'idle',
  states: {
    idle: { on: { GO: { target: 'locking', actions: 'lock' }, TWICE: { actions: ['unlock', 'unlock'] } } },
    locking: { on: { LOCKED: { target: 'unlocking', actions: ['worked', 'count', 'unlock'] } } },
    unlocking: {
      on: {
        UNLOCKED: [
          { guard: 'isLastRound', target: 'finished' },
          { target: 'locking', actions: 'lock' },
        ],
      },
    },
    finished: { tags: ['at rest'] },
  },
})

/** Says several things about everything it hears, to see that order is kept. */
export const gossip = setup({
  types: {
    context: {} as { readonly to: string; readonly heard: readonly string[] },
    events: {} as Heard,
    emitted: {} as Said,
    input: {} as { readonly to: string },
  },
  actions: {
    remember: assign({ heard: ({ context, event }) => [...context.heard, event.type] }),
    first: emit(({ context }) => send(context.to, 'FIRST')),
    second: emit(({ context }) => send(context.to, 'SECOND')),
    mutter: emit(({ context }) => complain('warn', 'mutters', { object: context.to })),
  },
}).createMachine({
  id: 'gossip',
  context: ({ input }) => ({ to: input.to, heard: [] }),
  initial: 'listening',
  states: {
    listening: {
      on: {
        GO: { actions: ['remember', 'first', 'mutter', 'second'] },
        FIRST: { actions: 'remember' },
        SECOND: { actions: 'remember' },
      },
    },
  },
})

/** Reads freed memory as soon as it is asked to. A WRITE it knows, but has no use for where it is ever. */
export const reader = setup({
  types: { events: {} as Heard & { readonly type: 'READ' | 'WRITE' }, emitted: {} as Said },
  actions: { readFreed: emit(() => used('dma0#1', 'vfio_dma', { site: 'reader', live: false })) },
}).createMachine({
  id: 'reader',
  initial: 'ready',
  states: {
    ready: { on: { READ: { target: 'lost', actions: 'readFreed' } } },
    lost: {},
    open: { on: { WRITE: 'lost' } },
  },
})

const from = (sender: string, to: string, type: string, task: string) => ({ to, message: { type, from: sender, task } })

const lock = { id: 'a.lock', machine: mutex, input: { id: 'a.lock' }, lockClass: 'a.lock', lock: mutexFacts }

export const workers = (rounds: number): World<{ readonly holder: string | null }> => ({
  name: 'workers',
  actors: [
    { id: 'w0', machine: worker, input: { lock: 'a.lock', rounds }, thread: 'w0' },
    { id: 'w1', machine: worker, input: { lock: 'a.lock', rounds }, thread: 'w1' },
    lock,
  ],
  start: [from('env', 'w1', 'GO', 'w1'), from('env', 'w0', 'GO', 'w0')],
  view: (read) => ({ holder: (read('a.lock') as { readonly holder: string | null }).holder }),
})

/** w0 unlocks twice what it never locked, while somebody reads what is gone. */
export const troubled: World = {
  name: 'troubled',
  actors: [
    { id: 'w0', machine: worker, input: { lock: 'a.lock', rounds: 1 }, thread: 'w0' },
    { id: 'r', machine: reader, input: undefined },
    lock,
  ],
  start: [from('env', 'w0', 'TWICE', 'w0'), from('env', 'r', 'READ', 'w1'), from('env', 'r', 'WRITE', 'w1')],
  view: () => ({}),
}

export const gossips: World = {
  name: 'gossips',
  actors: [
    { id: 'anna', machine: gossip, input: { to: 'bert' } },
    { id: 'bert', machine: gossip, input: { to: 'anna' } },
  ],
  start: [from('env', 'anna', 'GO', 't'), from('env', 'anna', 'GO', 't'), from('env', 'bert', 'GO', 't')],
  view: () => ({}),
}

/** Locks a and then b, or b and then a, and gives neither back: an inversion in every run, a deadlock in some. */
const greedy = setup({
  types: {
    context: {} as { readonly locks: readonly string[] },
    events: {} as Heard,
    emitted: {} as Said,
    input: {} as { readonly locks: readonly string[] },
  },
  guards: { wantsMore: ({ context }) => context.locks.length > 0 },
  actions: {
    lock: emit(({ context, event }) => send(context.locks[0]!, 'LOCK', { task: event.task })),
    next: assign({ locks: ({ context }) => context.locks.slice(1) }),
  },
}).createMachine({
  id: 'greedy',
  context: ({ input }) => ({ locks: input.locks }),
  initial: 'idle',
  states: {
    idle: { on: { GO: { target: 'locking', actions: ['lock', 'next'] } } },
    locking: { on: { LOCKED: [{ guard: 'wantsMore', actions: ['lock', 'next'] }, { target: 'full' }] } },
    full: { tags: ['at rest'] },
  },
})

export const crossing: World = {
  name: 'crossing',
  actors: [
    { id: 'w0', machine: greedy, input: { locks: ['a.lock', 'b.lock'] }, thread: 'w0' },
    { id: 'w1', machine: greedy, input: { locks: ['b.lock', 'a.lock'] }, thread: 'w1' },
    lock,
    { ...lock, id: 'b.lock', input: { id: 'b.lock' }, lockClass: 'b.lock' },
  ],
  start: [from('env', 'w0', 'GO', 'w0'), from('env', 'w1', 'GO', 'w1')],
  view: () => ({}),
}

/** A guard that fails, as code may. */
const stumbling = setup({
  types: { events: {} as Heard },
  guards: {
    stumble: ({ event }): boolean => {
      throw new Error(`stumbled over ${event.type}`)
    },
  },
}).createMachine({
  id: 'stumbling',
  initial: 'up',
  states: { up: { on: { GO: { guard: 'stumble', target: 'down' } } }, down: {} },
})

export const clumsy: World = {
  name: 'clumsy',
  actors: [{ id: 'c', machine: stumbling, input: undefined }],
  start: [from('env', 'c', 'GO', 't')],
  view: () => ({}),
}

const shouting = setup({
  types: { emitted: {} as Said },
  actions: { shout: emit(() => note('nobody', 'shouted at')) },
}).createMachine({ id: 'shouting', initial: 'loud', states: { loud: { entry: 'shout' } } })

export const early: World = {
  name: 'early',
  actors: [{ id: 'loud', machine: shouting, input: undefined }],
  start: [],
  view: () => ({}),
}
