/**
 * Gets pages of a process for as long as they are needed: pins them under mmap_lock for read, then charges them under mmap_lock for write.
 *
 * All pages are got before any is charged, so what cannot be pinned is found before the limit is (type1 goes page by page). Device
 * memory cannot be had at all: its mappings have no pages. Nothing is charged to who had CAP_IPC_LOCK when it mapped.
 *
 * Source: pfn_reader_user_pin, update_mm_locked_vm (6.2 to 7.x).
 * Left out: pages->mutex, which nobody else takes here; pinning in batches.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { countPages, deviceOf, type Extent } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { pageSize, type Pages } from './area-list.ts'

export interface GetPagesInput {
  readonly task: string
}

type GetPagesContext = GetPagesInput & {
  readonly caller: string | null
  readonly wanted: Pages | null
  /** In pages. */
  readonly limit: number | null
  readonly extents: readonly Extent[]
  readonly ret: 0 | string
}

type GetPagesEvent =
  | (Heard & Pages & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'LIMITS'; readonly memlock: number | null; readonly alive: boolean })
  | (Heard & { readonly type: 'PINNED'; readonly extents: readonly Extent[] })
  | (Heard & { readonly type: 'ACCOUNTED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task }: GetPagesInput): GetPagesContext => ({
  ...{ task, caller: null, wanted: null, limit: null, extents: [], ret: 0 },
})

const memoryOf = ({ wanted }: GetPagesContext): string => `${wanted!.user.process}.mm`

export const getPages = setup({
  types: {
    context: {} as GetPagesContext,
    events: {} as GetPagesEvent,
    emitted: {} as Said,
    input: {} as GetPagesInput,
  },
  guards: {
    isGone: ({ event }) => event.type === 'LIMITS' && !event.alive,
    failed: ({ context }) => context.ret !== 0,
    isCharged: ({ context }) => context.wanted!.user.charged,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, wanted: { user: event.user, pages: event.pages } }
    }),
    askLimits: emit(({ context: { task, wanted } }) => send(`${wanted!.user.process}.process`, 'LIMITS', { task })),
    keepLimit: assign(({ event }) => {
      assertEvent(event, 'LIMITS')
      return { limit: event.memlock }
    }),
    fault: assign({ ret: '-EFAULT' }),
    downRead: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_READ', { task: context.task })),
    pin: emit(({ context }) => {
      const { user, pages } = context.wanted!
      const vaddr = user.vaddr - (user.vaddr % pageSize)
      return send(memoryOf(context), 'PIN', { task: context.task, vaddr, pages, write: (user.prot & 2) !== 0 })
    }),
    keepPages: assign(({ context, event }) => {
      assertEvent(event, 'PINNED')
      const { extents } = event
      const isMemory = extents.every((extent) => deviceOf(extent) === null)
      return isMemory && countPages(extents) === context.wanted!.pages ? { extents } : { ret: '-EFAULT' }
    }),
    upRead: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_READ', { task: context.task })),
    downWrite: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_WRITE', { task: context.task })),
    charge: emit(({ context }) => {
      const { limit, task, wanted } = context
      return send(memoryOf(context), 'ACCOUNT', { task, pages: wanted!.pages, limit })
    }),
    keepCharge: assign(({ event }) => {
      assertEvent(event, 'ACCOUNTED')
      return { ret: event.ret }
    }),
    upWrite: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_WRITE', { task: context.task })),
    finish: emit(({ context: { caller, task, ret, extents } }) => send(caller!, 'RETURN', { task, ret, extents })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'getPages',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking limits', actions: 'begin' } } },
    'asking limits': {
      entry: 'askLimits',
      on: {
        LIMITS: [
          { guard: 'isGone', target: 'idle', actions: ['fault', 'finish', 'reset'] },
          { target: 'locking', actions: 'keepLimit' },
        ],
      },
    },
    locking: { entry: 'downRead', on: { LOCKED: 'pinning' } },
    pinning: { entry: 'pin', on: { PINNED: { target: 'unlocking', actions: 'keepPages' } } },
    unlocking: { entry: 'upRead', on: { UNLOCKED: 'pinned' } },
    pinned: {
      always: [
        { guard: 'failed', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isCharged', target: 'locking to charge' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    'locking to charge': { entry: 'downWrite', on: { LOCKED: 'charging' } },
    charging: { entry: 'charge', on: { ACCOUNTED: { target: 'unlocking charge', actions: 'keepCharge' } } },
    'unlocking charge': { entry: 'upWrite', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
