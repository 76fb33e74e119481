/**
 * Takes away every processor's mapping of a device's memory, by the inode that all files of the device share:
 * unmap_mapping_range walks whatever is linked there. The range is that of the BARs in index space (region number above, page
 * in the region below), asked for at once. A vma whose vm_pgoff is a physical page instead is met only where that page happens
 * to lie in the range, which is so for a BAR below 4 GiB and not for one in a 64-bit window. That would be why it "only worked
 * in testing because I mmap'd BAR0" (B-12).
 *
 * Source: "[RFC PATCH 03/10] vfio: Export unmap_mapping_range() wrapper" and 04/10 (2021); Linux 6.10 vfio_pci_zap_bars
 * (aac6db75a9fc).
 * Left out: the tree that finds overlapping vmas; even_cows (nothing is private here). It takes no other lock and waits for
 * nobody, so `try` means nothing to it.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { indexed } from '../../mm/vma/index-space.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface ZapByInodeInput {
  readonly task: string
  readonly at: {
    readonly iMmapRwsem: string
    readonly inode: string
    /** Process → its page tables. */
    readonly processes: Readonly<Record<string, { readonly ptes: string }>>
  }
}

/** Part of a vma that maps what is zapped. */
interface Range {
  readonly process: string
  readonly start: bigint
  readonly size: bigint
}

type ZapByInodeContext = ZapByInodeInput & { readonly caller: string | null; readonly ranges: readonly Range[] }

type ZapByInodeEvent =
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' })
  | (Heard & { readonly type: 'ANSWER'; readonly ranges?: readonly Range[] })

const start = ({ task, at }: ZapByInodeInput): ZapByInodeContext => ({ task, at, caller: null, ranges: [] })

/** BAR 0 to BAR 5; what comes next is the ROM. */
const bars = { pgoff: indexed(0, 0n), pages: indexed(6, 0n) }

export const zapByInode = setup({
  types: {
    context: {} as ZapByInodeContext,
    events: {} as ZapByInodeEvent,
    emitted: {} as Said,
    input: {} as ZapByInodeInput,
  },
  guards: {
    isDone: ({ context }) => context.ranges.length === 0,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { at, task } }) => send(at.iMmapRwsem, 'DOWN_READ', { task })),
    find: emit(({ context: { at, task } }) => send(at.inode, 'OVERLAPPING', { task, ...bars })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ranges: event.ranges! }
    }),
    zap: emit(({ context: { at, task, ranges } }) => {
      const { process, start: from, size } = ranges[0]!
      return send(at.processes[process]!.ptes, 'CLEAR', { task, start: from, size })
    }),
    shorten: assign(({ context }) => ({ ranges: context.ranges.slice(1) })),
    unlock: emit(({ context: { at, task } }) => send(at.iMmapRwsem, 'UP_READ', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'zapByInode',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'finding' } },
    finding: { entry: 'find', on: { ANSWER: { target: 'found', actions: 'keep' } } },
    found: { always: [{ guard: 'isDone', target: 'unlocking' }, { target: 'zapping' }] },
    zapping: { entry: 'zap', on: { ANSWER: { target: 'found', actions: 'shorten' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
