/**
 * IOMMU_IOAS_COPY: maps once more what is mapped already, in the same IOAS or another one of the file. The memory is the same, and stays when the
 * first mapping goes; each part of another mapping becomes a mapping of its own. As in any map the range is taken first and
 * filled in later, all parts or none.
 *
 * Source: iommufd_ioas_copy, iopt_get_pages, iopt_map_pages (6.2 to 7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Backed, NewPart } from './area-list.ts'

export interface CopyAreasInput {
  readonly task: string
  /** The IOAS that is copied to. */
  readonly at: {
    readonly ioas: string
    readonly domainsRwsem: string
    readonly iovaRwsem: string
    readonly fill: string
    readonly unfill: string
  }
}

type Part = Backed & { readonly area: Pointer }
type Filled = Part & { readonly filled: boolean }

type CopyAreasContext = CopyAreasInput & {
  readonly caller: string | null
  readonly parts: readonly NewPart[]
  readonly iova: bigint
  readonly anywhere: boolean
  /** Still to be filled, and filled; in the end, to be finished. */
  readonly todo: readonly Part[]
  readonly done: readonly Filled[]
  readonly ret: 0 | string
}

type CopyAreasEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly parts: readonly NewPart[]
      readonly iova: bigint
      readonly anywhere: boolean
    })
  | (Heard & {
      readonly type: 'RESERVED'
      readonly ret: 0 | string
      readonly areas: readonly Part[]
      readonly iova?: bigint
    })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly filled: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FILLED' | 'FREED' })

const start = ({ task, at }: CopyAreasInput): CopyAreasContext => ({
  ...{ task, at, caller: null, parts: [], iova: 0n, anywhere: false, todo: [], done: [], ret: 0 },
})

export const copyAreas = setup({
  types: {
    context: {} as CopyAreasContext,
    events: {} as CopyAreasEvent,
    emitted: {} as Said,
    input: {} as CopyAreasInput,
  },
  guards: {
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    hasFailed: ({ context }) => context.ret !== 0,
    isEmpty: ({ context }) => context.todo.length === 0,
    hasNone: ({ context }) => context.done.length === 0,
    isFilled: ({ context }) => context.done[0]!.filled,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, parts, iova, anywhere } = event
      return { caller: from, parts, iova, anywhere }
    }),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    reserve: emit(({ context: { at, task, iova, parts, anywhere } }) =>
      send(at.ioas, 'RESERVE_PARTS', { task, iova, parts, anywhere }),
    ),
    keepAreas: assign(({ context, event }) => {
      assertEvent(event, 'RESERVED')
      return { ret: event.ret, todo: event.areas, parts: [], iova: event.iova ?? context.iova }
    }),
    lockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'DOWN_READ', { task })),
    unlockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'UP_READ', { task })),
    fillDomain: emit(({ context: { at, task, todo } }) => {
      const { iova, size, user } = todo[0]!
      return send(at.fill, 'CALL', { task, iova, size, user })
    }),
    keepError: assign(({ event }) => (event.type === 'RETURN' ? { ret: event.ret } : {})),
    advance: assign(({ context: { todo, done }, event }) => {
      assertEvent(event, 'RETURN')
      return { todo: todo.slice(1), done: [...done, { ...todo[0]!, filled: event.filled }] }
    }),
    finishNext: emit(({ context: { at, task, done } }) => {
      const { area, filled } = done[0]!
      return send(at.ioas, 'FILL', { task, area, ...(filled && { filled }) })
    }),
    unfillNext: emit(({ context: { at, task, done } }) => {
      const { iova, size, user } = done[0]!
      return send(at.unfill, 'CALL', { task, iova, size, user })
    }),
    /** What was filled is empty again, and to be freed like the rest. */
    goBack: assign(({ context: { todo, done } }) => ({ done: done.slice(1), todo: [...todo, done[0]!] })),
    abort: emit(({ context: { at, task, todo } }) => send(at.ioas, 'FREE', { task, area: todo[0]!.area })),
    nextFinished: assign({ done: ({ context }) => context.done.slice(1) }),
    nextAborted: assign({ todo: ({ context }) => context.todo.slice(1) }),
    finish: emit(({ context: { caller, task, ret, anywhere, iova } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && anywhere && { iova }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'copyAreas',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking to reserve', actions: 'begin' } } },
    'locking to reserve': { entry: 'lockIova', on: { LOCKED: 'reserving' } },
    reserving: { entry: 'reserve', on: { RESERVED: { target: 'unlocking reserved', actions: 'keepAreas' } } },
    'unlocking reserved': {
      entry: 'unlockIova',
      on: {
        UNLOCKED: [{ guard: 'hasFailed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking domains' }],
      },
    },
    'locking domains': { entry: 'lockDomains', on: { LOCKED: 'going on' } },
    'going on': { always: [{ guard: 'isEmpty', target: 'locking to fill' }, { target: 'filling domain' }] },
    'filling domain': {
      entry: 'fillDomain',
      on: {
        RETURN: [
          { guard: 'failed', target: 'going back', actions: 'keepError' },
          { target: 'going on', actions: 'advance' },
        ],
      },
    },
    'locking to fill': { entry: 'lockIova', on: { LOCKED: 'finishing' } },
    finishing: { always: [{ guard: 'hasNone', target: 'unlocking filled' }, { target: 'finishing next' }] },
    'finishing next': { entry: 'finishNext', on: { FILLED: { target: 'finishing', actions: 'nextFinished' } } },
    'unlocking filled': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'going back': {
      always: [
        { guard: 'hasNone', target: 'giving up' },
        { guard: 'isFilled', target: 'emptying' },
        { target: 'going back', actions: 'goBack' },
      ],
    },
    emptying: { entry: 'unfillNext', on: { RETURN: { target: 'going back', actions: 'goBack' } } },
    'giving up': { entry: 'unlockDomains', on: { UNLOCKED: 'locking to abort' } },
    'locking to abort': { entry: 'lockIova', on: { LOCKED: 'aborting' } },
    aborting: { always: [{ guard: 'isEmpty', target: 'unlocking aborted' }, { target: 'aborting next' }] },
    'aborting next': { entry: 'abort', on: { FREED: { target: 'aborting', actions: 'nextAborted' } } },
    'unlocking aborted': { entry: 'unlockIova', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
