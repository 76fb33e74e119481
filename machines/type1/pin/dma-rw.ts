/**
 * vfio_dma_rw: a driver copies to or from user memory by IOVA, through the page tables of the process that mapped it. It
 * holds iommu->lock throughout, also while it faults pages in.
 *
 * It goes mapping by mapping: a request that fails half-way has copied what came before, and so much of it is marked as dirty. A process
 * that is gone cannot be copied to (-EPERM); neither can any other than the caller's own (-EFAULT: only a kernel thread
 * may put on somebody else's memory).
 *
 * Source: Linux 5.15 to 6.1 vfio_iommu_type1_dma_rw and _chunk. Left out: kernel threads as callers.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Backend } from './pages.ts'

export interface DmaRwInput {
  readonly task: string
  /** The process that the task belongs to. */
  readonly mm: string
  readonly at: {
    readonly lock: string
    readonly type1: string
    /** The call that copies to or from the memory of the caller. */
    readonly copy: string
  }
}

/** A part of the request that lies in one mapping. */
interface Part {
  readonly iova: bigint
  readonly vaddr: bigint
  readonly len: number
  readonly mm: string
}

interface Request {
  readonly backend: Backend
  readonly iova: bigint
  readonly len: number
  readonly write: boolean
  /** What is written. */
  readonly bytes?: string
}

interface Parts {
  readonly refused?: string
  /** Some address is invalid. */
  readonly wait?: true
  readonly ret: 0 | string
  readonly runs: readonly Part[]
}

type DmaRwContext = DmaRwInput & {
  readonly caller: string | null
  readonly request: Request | null
  readonly parts: readonly Part[]
  readonly ret: 0 | string
  /** What was read. */
  readonly bytes: string
  /** How much was copied, in whole parts. */
  readonly done: number
}

type DmaRwEvent =
  | (Heard & Request & { readonly type: 'CALL' })
  | (Heard & Parts & { readonly type: 'RW_RUNS' })
  | (Heard & { readonly type: 'AWAITED'; readonly open: boolean })
  | (Heard & { readonly type: 'LIMITS'; readonly alive: boolean })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly bytes?: string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ANSWER' })

const start = ({ task, mm, at }: DmaRwInput): DmaRwContext => ({
  ...{ task, mm, at },
  caller: null,
  request: null,
  parts: [],
  ret: 0,
  bytes: '',
  done: 0,
})

export const dmaRw = setup({
  types: {
    context: {} as DmaRwContext,
    events: {} as DmaRwEvent,
    emitted: {} as Said,
    input: {} as DmaRwInput,
  },
  guards: {
    isEmpty: ({ event }) => event.type === 'CALL' && event.len <= 0,
    isRefused: ({ event }) => event.type === 'RW_RUNS' && event.refused !== undefined,
    hasToWait: ({ event }) => event.type === 'RW_RUNS' && event.wait === true,
    isClosed: ({ event }) => event.type === 'AWAITED' && !event.open,
    isLeft: ({ context }) => context.parts.length > 0,
    isGone: ({ event }) => event.type === 'LIMITS' && !event.alive,
    isForeign: ({ context }) => context.parts[0]!.mm !== context.mm,
    faulted: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    hasWritten: ({ context }) => context.request!.write && context.done > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { backend, iova, len, write, bytes } = event
      return { caller: event.from, request: { backend, iova, len, write, ...(bytes !== undefined && { bytes }) } }
    }),
    invalid: assign({ ret: '-EINVAL' }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    find: emit(({ context: { at, task, request } }) => {
      const { backend, iova, len, write } = request!
      return send(at.type1, 'RW', { task, backend, iova, len, write })
    }),
    keepParts: assign(({ event }) => {
      assertEvent(event, 'RW_RUNS')
      return { ret: event.refused ?? event.ret, parts: event.refused === undefined ? event.runs : [] }
    }),
    awaitAddress: emit(({ context: { at, task, request } }) =>
      send(at.type1, 'AWAIT_VADDR', { task, backend: request!.backend }),
    ),
    askLimits: emit(({ context: { parts, task } }) => send(`${parts[0]!.mm}.process`, 'LIMITS', { task })),
    copy: emit(({ context: { at, task, request, parts, done } }) => {
      const { vaddr, len } = parts[0]!
      const { write, bytes } = request!
      return send(at.copy, 'CALL', {
        ...{ task, vaddr, len, write },
        ...(write && { bytes: bytes!.slice(done, done + len) }),
      })
    }),
    advance: assign(({ context, event }) => {
      assertEvent(event, 'RETURN')
      const [part, ...parts] = context.parts
      return { parts, done: context.done + part!.len, bytes: context.bytes + (event.bytes ?? '') }
    }),
    /** What type1 says of later parts is not met any more. */
    stop: assign((_, { ret }: { ret: string }) => ({ ret, parts: [] })),
    mark: emit(({ context: { at, task, request, done } }) => {
      const { backend, iova } = request!
      return send(at.type1, 'RW_DONE', { task, backend, iova, len: done })
    }),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret, bytes } }) => send(caller!, 'RETURN', { task, ret, bytes })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'dmaRw',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isEmpty', actions: ['begin', 'invalid', 'finish', 'reset'] },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'finding' } },
    finding: {
      entry: 'find',
      on: {
        RW_RUNS: [
          { guard: 'isRefused', target: 'unlocking', actions: 'keepParts' },
          { guard: 'hasToWait', target: 'dropping lock' },
          { target: 'next', actions: 'keepParts' },
        ],
      },
    },
    next: {
      always: [
        { guard: 'isLeft', target: 'asking limits' },
        { guard: 'hasWritten', target: 'marking' },
        { target: 'unlocking' },
      ],
    },
    'asking limits': {
      entry: 'askLimits',
      on: {
        LIMITS: [
          { guard: 'isGone', target: 'next', actions: { type: 'stop', params: { ret: '-EPERM' } } },
          { guard: 'isForeign', target: 'next', actions: { type: 'stop', params: { ret: '-EFAULT' } } },
          { target: 'copying' },
        ],
      },
    },
    copying: {
      entry: 'copy',
      on: {
        RETURN: [
          { guard: 'faulted', target: 'next', actions: { type: 'stop', params: { ret: '-EFAULT' } } },
          { target: 'next', actions: 'advance' },
        ],
      },
    },
    marking: { entry: 'mark', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'dropping lock': { entry: 'unlock', on: { UNLOCKED: 'waiting' } },
    waiting: {
      entry: 'awaitAddress',
      on: {
        AWAITED: [
          {
            guard: 'isClosed',
            target: 'idle',
            actions: [{ type: 'stop', params: { ret: '-EFAULT' } }, 'finish', 'reset'],
          },
          { target: 'locking' },
        ],
      },
    },
  },
})
