/**
 * Takes away every processor's mapping of a device's memory, by the list of vmas that have one: the "nasty lock switcheroo"
 * that the inode of 2021 was to replace. mmap_lock has to be taken before vma_lock, but whose mmap_lock is known only from the
 * list, under vma_lock. So: look under vma_lock, let go of it, take that process's mmap_lock for read, take vma_lock again, and
 * search the list again for what is that process's now. It returns with vma_lock held and the list empty, so that nothing can
 * be faulted in before its caller has memory_lock.
 *
 * With `try` it waits for no lock and says -EBUSY. Two forms that the kernel avoided: without the `switcheroo` mmap_lock is
 * taken while vma_lock is held; one that does not rescan goes on with the vma it saw before it let go.
 *
 * Source: Linux 5.15 vfio_pci_zap_and_vma_lock, copied from uverbs_user_mmap_disassociate.
 * Left out: a process that is exiting (mmget_not_zero; its entries are dropped without a zap), mmput.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { MappedVma } from './vma-list.ts'

export interface ZapByListInput {
  readonly task: string
  readonly at: {
    readonly vmaLock: string
    readonly vmaList: string
    /** Process → its mm. */
    readonly processes: Readonly<
      Record<string, { readonly mmapLock: string; readonly mm: string; readonly ptes: string }>
    >
  }
  readonly switcheroo?: boolean
  readonly rescans?: boolean
}

type ZapByListContext = Required<ZapByListInput> & {
  readonly caller: string | null
  readonly tries: boolean
  /** The entry whose process is being dealt with. */
  readonly first: MappedVma | null
  /** What is still to be zapped of it. */
  readonly entries: readonly MappedVma[]
}

type ZapByListEvent =
  | (Heard & { readonly type: 'CALL'; readonly try: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'BUSY' | 'UNLOCKED' })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly entry?: MappedVma | null
      readonly entries?: readonly MappedVma[]
    })

const start = ({ task, at, switcheroo = true, rescans = true }: ZapByListInput): ZapByListContext => ({
  ...{ task, at, switcheroo, rescans },
  caller: null,
  tries: false,
  first: null,
  entries: [],
})

const site = 'vfio_pci_zap_and_vma_lock'

/** The mm that is being dealt with. */
const mmOf = ({ at, first }: ZapByListContext) => at.processes[first!.process]!

export const zapByList = setup({
  types: {
    context: {} as ZapByListContext,
    events: {} as ZapByListEvent,
    emitted: {} as Said,
    input: {} as ZapByListInput,
  },
  guards: {
    isEmpty: ({ event }) => event.type === 'ANSWER' && event.entry === null,
    letsGo: ({ context }) => context.switcheroo,
    rescans: ({ context }) => context.rescans,
    isDone: ({ context }) => context.entries.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, tries: event.try }
    }),
    lockVmas: emit(({ context: { at, task, tries } }) => send(at.vmaLock, tries ? 'TRYLOCK' : 'LOCK', { task })),
    unlockVmas: emit(({ context: { at, task } }) => send(at.vmaLock, 'UNLOCK', { task })),
    lockMm: emit(({ context }) =>
      send(mmOf(context).mmapLock, context.tries ? 'TRY_READ' : 'DOWN_READ', { task: context.task }),
    ),
    unlockMm: emit(({ context }) => send(mmOf(context).mmapLock, 'UP_READ', { task: context.task })),
    askFirst: emit(({ context: { at, task } }) => send(at.vmaList, 'FIRST', { task })),
    keepFirst: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { first: event.entry! }
    }),
    takeAll: emit(({ context: { at, task, first } }) => send(at.vmaList, 'TAKE', { task, process: first!.process })),
    keepAll: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { entries: event.entries! }
    }),
    follow: emit(({ context }) => send(mmOf(context).mm, 'USE', { task: context.task, vma: context.first!.vma, site })),
    takeSeen: emit(({ context: { at, task, first } }) =>
      send(at.vmaList, 'DROP', { task, process: first!.process, vma: first!.vma }),
    ),
    keepSeen: assign(({ context }) => ({ entries: [context.first!] })),
    zap: emit(({ context }) => {
      const { start: from, size } = context.entries[0]!
      return send(mmOf(context).ptes, 'CLEAR', { task: context.task, start: from, size })
    }),
    shorten: assign(({ context }) => ({ entries: context.entries.slice(1) })),
    forget: assign({ first: null }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    giveUp: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: '-EBUSY' })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'zapByList',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking vmas', actions: 'begin' } } },
    'locking vmas': {
      entry: 'lockVmas',
      on: { LOCKED: 'looking', BUSY: { target: 'idle', actions: ['giveUp', 'reset'] } },
    },
    looking: {
      entry: 'askFirst',
      on: {
        ANSWER: [
          { guard: 'isEmpty', target: 'idle', actions: ['finish', 'reset'] },
          { guard: 'letsGo', target: 'letting go', actions: 'keepFirst' },
          { target: 'locking mm', actions: 'keepFirst' },
        ],
      },
    },
    'letting go': { entry: 'unlockVmas', on: { UNLOCKED: 'locking mm' } },
    'locking mm': {
      entry: 'lockMm',
      on: {
        LOCKED: [{ guard: 'letsGo', target: 'locking vmas again' }, { target: 'searching' }],
        BUSY: [{ guard: 'letsGo', target: 'idle', actions: ['giveUp', 'reset'] }, { target: 'giving up' }],
      },
    },
    'locking vmas again': { entry: 'lockVmas', on: { LOCKED: 'searching', BUSY: 'leaving mm' } },
    searching: { always: [{ guard: 'rescans', target: 'taking all' }, { target: 'following' }] },
    'taking all': { entry: 'takeAll', on: { ANSWER: { target: 'taken', actions: 'keepAll' } } },
    following: { entry: 'follow', on: { ANSWER: 'taking seen' } },
    'taking seen': { entry: 'takeSeen', on: { ANSWER: { target: 'taken', actions: 'keepSeen' } } },
    taken: {
      always: [{ guard: 'isDone', target: 'through' }, { target: 'zapping' }],
    },
    zapping: { entry: 'zap', on: { ANSWER: { target: 'taken', actions: 'shorten' } } },
    through: { always: [{ guard: 'letsGo', target: 'unlocking vmas' }, { target: 'unlocking mm' }] },
    'unlocking vmas': { entry: 'unlockVmas', on: { UNLOCKED: 'unlocking mm to go on' } },
    'unlocking mm to go on': { entry: ['unlockMm', 'forget'], on: { UNLOCKED: 'locking vmas' } },
    'unlocking mm': { entry: ['unlockMm', 'forget'], on: { UNLOCKED: 'looking' } },
    'leaving mm': { entry: 'unlockMm', on: { UNLOCKED: { target: 'idle', actions: ['giveUp', 'reset'] } } },
    'giving up': { entry: 'unlockVmas', on: { UNLOCKED: { target: 'idle', actions: ['giveUp', 'reset'] } } },
  },
})
