/**
 * Gets pages for as long as they are needed: pins them (those of a process under mmap_lock for read), then charges them: to the memory of the
 * process under mmap_lock for write, or to its user, who has one account for all processes and files. Whoever is charged, the memory
 * counts them as pinned (mm->pinned_vm).
 *
 * All pages are got before any is charged, so what cannot be pinned is found before the limit is (type1 goes page by page). Device
 * memory cannot be had at all: its mappings have no pages. Nothing is charged to who had CAP_IPC_LOCK when it mapped.
 *
 * Source: pfn_reader_user_pin, pin_memfd_pages, do_update_pinned (6.2 to 7.x).
 * Left out: pages->mutex, which nobody else takes here; pinning in batches.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { countPages, deviceOf, isOfHeap, type Extent } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { pageSize, type Pages } from './area-list.ts'
import { userCalled } from './let-go-pages.ts'

export interface GetPagesInput {
  readonly task: string
}

type GetPagesContext = GetPagesInput & {
  readonly caller: string | null
  readonly wanted: Pages | null
  readonly areHeld: boolean
  /** In pages. */
  readonly limit: number | null
  readonly extents: readonly Extent[]
  readonly ret: 0 | string
}

type GetPagesEvent =
  /** `areHeld`: they are only to be charged. */
  | (Heard & Pages & { readonly type: 'CALL'; readonly areHeld?: boolean })
  | (Heard & { readonly type: 'LIMITS'; readonly memlock: number | null; readonly alive: boolean })
  | (Heard & { readonly type: 'PINNED'; readonly extents: readonly Extent[]; readonly ret?: 0 | string })
  | (Heard & { readonly type: 'ACCOUNTED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'COUNTED' })

const start = ({ task }: GetPagesInput): GetPagesContext => ({
  ...{ task, caller: null, wanted: null, areHeld: false, limit: null, extents: [], ret: 0 },
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
    areHeld: ({ context }) => context.areHeld,
    isOfNothing: ({ context }) => context.wanted!.user.file === null,
    isOfFile: ({ context }) => context.wanted!.user.file !== undefined,
    isImported: ({ context }) => context.wanted!.user.import !== undefined,
    isGone: ({ event }) => event.type === 'LIMITS' && !event.alive,
    failed: ({ context }) => context.ret !== 0,
    chargesMemory: ({ context }) => context.wanted!.user.charged === 'memory',
    chargesUser: ({ context }) => context.wanted!.user.charged === 'user',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, user, pages, areHeld = false } = event
      return { caller: from, wanted: { user, pages }, areHeld }
    }),
    askLimits: emit(({ context: { task, wanted } }) => send(`${wanted!.user.process}.process`, 'LIMITS', { task })),
    keepLimit: assign(({ event }) => {
      assertEvent(event, 'LIMITS')
      return { limit: event.memlock }
    }),
    fault: assign({ ret: '-EFAULT' }),
    invalid: assign({ ret: '-EINVAL' }),
    pinFile: emit(({ context: { task, wanted } }) => {
      const { user, pages } = wanted!
      const imported = user.import === undefined ? {} : { import: user.import }
      return send(user.file!, 'PIN', { task, first: Number(user.vaddr / pageSize), pages, ...imported })
    }),
    keepFilePages: assign(({ event }) => {
      assertEvent(event, 'PINNED')
      return { extents: event.extents, ret: event.ret ?? 0 }
    }),
    chargeUser: emit(({ context: { task, wanted, limit } }) =>
      send(userCalled(wanted!.user.uid), 'ACCOUNT', { task, pages: wanted!.pages, limit }),
    ),
    count: emit(({ context }) =>
      send(memoryOf(context), 'COUNT_PINNED', { task: context.task, pages: context.wanted!.pages }),
    ),
    downRead: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_READ', { task: context.task })),
    pin: emit(({ context }) => {
      const { user, pages } = context.wanted!
      const vaddr = user.vaddr - (user.vaddr % pageSize)
      const write = user.shared?.writable ?? (user.prot & 2) !== 0
      return send(memoryOf(context), 'PIN', { task: context.task, vaddr, pages, write })
    }),
    keepPages: assign(({ context, event }) => {
      assertEvent(event, 'PINNED')
      const { extents } = event
      const isMemory = extents.every((extent) => deviceOf(extent) === null && !isOfHeap(extent))
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
          { guard: 'areHeld', target: 'pinned', actions: 'keepLimit' },
          { guard: 'isOfNothing', target: 'idle', actions: ['invalid', 'finish', 'reset'] },
          { guard: 'isOfFile', target: 'pinning file', actions: 'keepLimit' },
          { guard: 'isGone', target: 'idle', actions: ['fault', 'finish', 'reset'] },
          { target: 'locking', actions: 'keepLimit' },
        ],
      },
    },
    'pinning file': { entry: 'pinFile', on: { PINNED: { target: 'pinned', actions: 'keepFilePages' } } },
    locking: { entry: 'downRead', on: { LOCKED: 'pinning' } },
    pinning: { entry: 'pin', on: { PINNED: { target: 'unlocking', actions: 'keepPages' } } },
    unlocking: { entry: 'upRead', on: { UNLOCKED: 'pinned' } },
    pinned: {
      always: [
        { guard: 'failed', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isImported', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'chargesMemory', target: 'locking to charge' },
        { guard: 'chargesUser', target: 'charging user' },
        { target: 'counting' },
      ],
    },
    'charging user': { entry: 'chargeUser', on: { ACCOUNTED: { target: 'charged', actions: 'keepCharge' } } },
    'locking to charge': { entry: 'downWrite', on: { LOCKED: 'charging' } },
    charging: { entry: 'charge', on: { ACCOUNTED: { target: 'unlocking charge', actions: 'keepCharge' } } },
    'unlocking charge': { entry: 'upWrite', on: { UNLOCKED: 'charged' } },
    charged: {
      always: [{ guard: 'failed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'counting' }],
    },
    counting: { entry: 'count', on: { COUNTED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
