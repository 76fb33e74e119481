/**
 * An address space (struct mm_struct). Whoever changes it holds its mmap_lock for write; faults and pins hold it for read; loads and stores
 * of what is there already (ACCESS) hold nothing.
 *
 * Once its last user is gone it has no memory left, and nothing can be accounted to it any more (-ESRCH). An exec is the end of one address
 * space and the beginning of another in its place (`life`): who accounts says which he means, where he is one that keeps the address space
 * and not just the process (`remembers`).
 * Source: Linux 6.1, mm/; __account_locked_vm in mm/util.c for ACCOUNT.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import { complain, type Heard, type Said } from '../say.ts'
import type { AddressSpace, Changed } from './address-space.ts'
import { pageBytes } from './extent.ts'
import { pinMay, reach, userMay } from './faults.ts'
import { fork } from './fork.ts'
import * as mappings from './mappings.ts'
import { mremap, type RemapArgs } from './remap.ts'
import { heldFiles } from './vma.ts'

type MmEvent =
  | (Heard & mappings.MmapArgs & { readonly type: 'MMAP' })
  | (Heard & mappings.MapDeviceArgs & { readonly type: 'MMAP_DEVICE' })
  | (Heard & { readonly type: 'MUNMAP'; readonly vaddr: bigint; readonly len: bigint })
  | (Heard & RemapArgs & { readonly type: 'MREMAP' })
  | (Heard & { readonly type: 'MPROTECT'; readonly vaddr: bigint; readonly len: bigint; readonly prot: string })
  | (Heard & { readonly type: 'MADVISE'; readonly vaddr: bigint; readonly len: bigint; readonly advice: number })
  | (Heard & mappings.MlockArgs & { readonly type: 'MLOCK' })
  | (Heard & { readonly type: 'PIN'; readonly vaddr: bigint; readonly pages: number; readonly write: boolean })
  | (Heard & {
      readonly type: 'ACCOUNT'
      readonly pages: number
      readonly limit: number | null
      readonly life?: number
    })
  | (Heard & {
      readonly type: 'ACCESS' | 'FAULT'
      readonly vaddr: bigint
      readonly len: number
      readonly write: boolean
    })
  | (Heard & { readonly type: 'COUNT_PINNED'; readonly pages: number })
  | (Heard & { readonly type: 'FORK'; readonly to: string })
  | (Heard & { readonly type: 'ADOPT'; readonly space: AddressSpace })
  | (Heard & { readonly type: 'EXIT' | 'EXEC' })

export interface MmInput {
  readonly id: string
  /** A pin for reading gives private memory a page of its own first (since 6.2), not only one for writing. */
  readonly readPinsCopy: boolean
  /** Whoever has locked pages here accounts to this address space, not to whichever the process has by then (6.3). */
  readonly remembers?: boolean
}

/** `pinned`: mm->pinned_vm, once somebody counted there. */
type MmContext = AddressSpace & Pick<MmInput, 'readPinsCopy'> & { readonly remembers?: true; readonly pinned?: number }

const empty = (id: string): AddressSpace => ({ id, vmas: [], table: [], frames: 0, locked: 0 })

const changed = (space: AddressSpace, event: MmEvent): Changed => {
  switch (event.type) {
    case 'MMAP':
      return mappings.mmap(space, event)
    case 'MMAP_DEVICE':
      return mappings.mapDevice(space, event)
    case 'MUNMAP':
      return mappings.munmap(space, event)
    case 'MREMAP':
      return mremap(space, event)
    case 'MPROTECT':
      return mappings.mprotect(space, event)
    case 'MADVISE':
      return mappings.madvise(space, event)
    default:
      assertEvent(event, 'MLOCK')
      return mappings.mlock(space, event)
  }
}

export const mm = setup({
  types: {
    context: {} as MmContext,
    events: {} as MmEvent,
    emitted: {} as Said,
    input: {} as MmInput,
  },
  guards: {
    isTooMuch: ({ context, event }) => {
      assertEvent(event, 'ACCOUNT')
      return event.pages > 0 && event.limit !== null && context.locked + event.pages > event.limit
    },
    isOver: ({ context, event }) =>
      event.type === 'ACCOUNT' && context.remembers === true && (event.life ?? 0) !== (context.life ?? 0),
    isTooLittle: ({ context, event }) => event.type === 'ACCOUNT' && context.locked + event.pages < 0,
  },
  actions: {
    /** `got` and `put`: device files that have a mapping now, or have none any more. */
    change: enqueueActions(({ context, event, enqueue }) => {
      const { space, ret, moved } = changed(context, event)
      const before = heldFiles(context.vmas)
      const after = heldFiles(space.vmas)
      enqueue.assign(space)
      enqueue.emit(
        answer(event, 'ANSWER', {
          ...{ ret, ...(moved && { moved }) },
          got: after.filter((file) => !before.includes(file)),
          put: before.filter((file) => !after.includes(file)),
        }),
      )
    }),
    pin: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'PIN')
      const { vaddr, pages, write } = event
      const access = { owns: write || context.readPinsCopy, permits: pinMay(write), allocates: true }
      const { space, extents, stopped } = reach(context, mappings.pageOf(vaddr), pages, access)
      enqueue.assign(space)
      const ret = stopped === null ? 0 : '-EFAULT'
      enqueue.emit(answer(event, 'PINNED', { extents, ret, locked: space.locked }))
    }),
    access: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, ['ACCESS', 'FAULT'])
      const { type, vaddr, len, write } = event
      const first = mappings.pageOf(vaddr)
      const pages = len === 0 ? 0 : mappings.pageOf(vaddr + BigInt(len) - 1n) + 1 - first
      const access = { owns: write, permits: userMay(write), allocates: type === 'FAULT' }
      const { space, extents, stopped } = reach(context, first, pages, access)
      enqueue.assign(space)
      enqueue.emit(answer(event, 'ACCESSED', { extents, stopped, offset: Number(vaddr % BigInt(pageBytes)) }))
    }),
    account: assign(({ context, event }) => {
      assertEvent(event, 'ACCOUNT')
      return { locked: context.locked + event.pages }
    }),
    countPinned: assign(({ context: { pinned = 0 }, event }) => {
      assertEvent(event, 'COUNT_PINNED')
      return { pinned: pinned + event.pages }
    }),
    counted: emit(({ event }) => answer(event, 'COUNTED')),
    underflow: emit(({ context }) =>
      complain('warn', 'WARNING in __account_locked_vm: more is given back than was locked', { object: context.id }),
    ),
    accounted: emit(({ event }) => answer(event, 'ACCOUNTED', { ret: 0 })),
    tooMuch: emit(({ event }) => answer(event, 'ACCOUNTED', { ret: '-ENOMEM' })),
    nobody: emit(({ event }) => answer(event, 'ACCOUNTED', { ret: '-ESRCH' })),
    notPinned: emit(({ event }) => answer(event, 'PINNED', { extents: [], ret: '-EFAULT', locked: 0 })),
    notReached: emit(({ event }) => answer(event, 'ACCESSED', { extents: [], stopped: 'no mapping', offset: 0 })),
    fork: emit(({ context, event }) => {
      assertEvent(event, 'FORK')
      const { child, copies } = fork(context, event.to)
      return answer(event, 'FORKED', { space: child, copies, got: heldFiles(child.vmas) })
    }),
    adopt: assign(({ event }) => {
      assertEvent(event, 'ADOPT')
      return event.space
    }),
    adopted: emit(({ event }) => answer(event, 'ADOPTED')),
    exited: emit(({ context, event }) => answer(event, 'EXITED', { put: heldFiles(context.vmas) })),
    empty: assign(({ context }) => empty(context.id)),
    begin: assign(({ context }) => ({ ...empty(context.id), life: (context.life ?? 0) + 1 })),
  },
}).createMachine({
  id: 'mm',
  context: ({ input: { id, readPinsCopy, remembers } }) => ({
    ...empty(id),
    readPinsCopy,
    ...(remembers && { remembers }),
  }),
  initial: 'used',
  states: {
    used: {
      on: {
        MMAP: { actions: 'change' },
        MMAP_DEVICE: { actions: 'change' },
        MUNMAP: { actions: 'change' },
        MREMAP: { actions: 'change' },
        MPROTECT: { actions: 'change' },
        MADVISE: { actions: 'change' },
        MLOCK: { actions: 'change' },
        PIN: { actions: 'pin' },
        ACCESS: { actions: 'access' },
        FAULT: { actions: 'access' },
        ACCOUNT: [
          { guard: 'isOver', actions: 'nobody' },
          { guard: 'isTooMuch', actions: 'tooMuch' },
          { guard: 'isTooLittle', actions: ['underflow', 'account', 'accounted'] },
          { actions: ['account', 'accounted'] },
        ],
        COUNT_PINNED: { actions: ['countPinned', 'counted'] },
        FORK: { actions: 'fork' },
        ADOPT: { actions: ['adopt', 'adopted'] },
        EXIT: { target: 'gone', actions: ['exited', 'empty'] },
        EXEC: { actions: ['exited', 'begin'] },
      },
    },
    gone: {
      on: {
        PIN: { actions: 'notPinned' },
        ACCESS: { actions: 'notReached' },
        FAULT: { actions: 'notReached' },
        ACCOUNT: { actions: 'nobody' },
        COUNT_PINNED: { actions: 'counted' },
      },
    },
  },
})
