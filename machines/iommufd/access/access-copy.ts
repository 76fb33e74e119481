/**
 * vfio_dma_rw where iommufd stands for the container: copies between a driver's buffer and the memory behind a range of IOVAs, area
 * by area, with iova_rwsem held for read. What comes before the place where it cannot go on has been copied by then.
 *
 * Source: vfio_dma_rw, iommufd_access_rw (7.x). Left out: memory of another process than the caller's (-EFAULT here); access->ioas_lock:
 * the driver does not say for which device it is.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Part } from '../ioas/area-list.ts'
import type { AccessInput } from './access-pin.ts'

export interface AccessCopyInput extends AccessInput {
  /** The process that the task belongs to. */
  readonly process: string
}

interface Request {
  readonly iova: bigint
  readonly len: number
  readonly write: boolean
  /** What is written. */
  readonly bytes?: string
}

type AccessCopyContext = AccessCopyInput & {
  readonly caller: string | null
  readonly request: Request
  readonly ioas: string | null
  readonly parts: readonly Part[]
  readonly done: number
  /** What was read. */
  readonly bytes: string
  readonly ret: 0 | string
}

type AccessCopyEvent =
  | (Heard & Request & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null })
  | (Heard & { readonly type: 'PARTS'; readonly ret: 0 | string; readonly parts: readonly Part[] })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly bytes?: string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, context, process }: AccessCopyInput): AccessCopyContext => ({
  ...{ task, context, process, caller: null, request: { iova: 0n, len: 0, write: false } },
  ...{ ioas: null, parts: [], done: 0, bytes: '', ret: 0 },
})

export const accessCopy = setup({
  types: {
    context: {} as AccessCopyContext,
    events: {} as AccessCopyEvent,
    emitted: {} as Said,
    input: {} as AccessCopyInput,
  },
  guards: {
    isEmpty: ({ context }) => context.request.len <= 0,
    isNone: ({ event }) => event.type === 'IOAS' && event.ioas === null,
    isDone: ({ context }) => context.parts.length === 0,
    isForeign: ({ context }) => context.parts[0]!.user.process !== context.process,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, iova, len, write, bytes } = event
      return { caller: from, request: { iova, len, write, ...(bytes !== undefined && { bytes }) } }
    }),
    invalid: assign({ ret: '-EINVAL' }),
    find: emit(({ context: { task, context } }) => send(context, 'COMPAT', { task })),
    noIoas: assign({ ret: '-ENOENT' }),
    keepIoas: assign(({ event }) => {
      assertEvent(event, 'IOAS')
      return { ioas: event.ioas }
    }),
    lockIova: emit(({ context: { task, ioas } }) => send(`${ioas}.iova_rwsem`, 'DOWN_READ', { task })),
    ask: emit(({ context: { task, ioas, request } }) => {
      const { iova, len, write } = request
      return send(ioas!, 'COPY', { task, iova, len, write })
    }),
    keepParts: assign(({ event }) => {
      assertEvent(event, 'PARTS')
      return { parts: event.parts, ret: event.ret }
    }),
    fault: assign({ ret: '-EFAULT' }),
    copy: emit(({ context: { task, request, parts, done } }) => {
      const { user, len } = parts[0]!
      const { write, bytes } = request
      return send(`${task}.user_copy`, 'CALL', {
        ...{ task, vaddr: user.vaddr, len, write },
        ...(write && { bytes: bytes!.slice(done, done + len) }),
      })
    }),
    advance: assign(({ context: { parts, done, bytes }, event }) => {
      assertEvent(event, 'RETURN')
      return { parts: parts.slice(1), done: done + parts[0]!.len, bytes: bytes + (event.bytes ?? '') }
    }),
    unlockIova: emit(({ context: { task, ioas } }) => send(`${ioas}.iova_rwsem`, 'UP_READ', { task })),
    finish: emit(({ context: { caller, task, ret, bytes } }) => send(caller!, 'RETURN', { task, ret, bytes })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'accessCopy',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isEmpty', target: 'idle', actions: ['invalid', 'finish', 'reset'] }, { target: 'finding' }],
    },
    finding: {
      entry: 'find',
      on: {
        IOAS: [
          { guard: 'isNone', target: 'idle', actions: ['noIoas', 'finish', 'reset'] },
          { target: 'locking', actions: 'keepIoas' },
        ],
      },
    },
    locking: { entry: 'lockIova', on: { LOCKED: 'asking' } },
    asking: { entry: 'ask', on: { PARTS: { target: 'going on', actions: 'keepParts' } } },
    'going on': {
      always: [
        { guard: 'isDone', target: 'unlocking' },
        { guard: 'isForeign', target: 'unlocking', actions: 'fault' },
        { target: 'copying' },
      ],
    },
    copying: {
      entry: 'copy',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unlocking', actions: 'fault' },
          { target: 'going on', actions: 'advance' },
        ],
      },
    },
    unlocking: { entry: 'unlockIova', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
