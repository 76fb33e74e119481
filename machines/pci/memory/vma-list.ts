/**
 * The list of vmas through which a device's memory is mapped just now (vdev->vma_list), so that they can be found when it has
 * to be zapped. A fault puts its vma there, a close takes it off. Everything happens under vma_lock.
 *
 * Source: Linux 5.15 struct vfio_pci_mmap_vma, __vfio_pci_add_vma, vfio_pci_mmap_close; 6.10 did away with it (aac6db75a9fc).
 * Left out: the allocation of an entry (-ENOMEM is a SIGBUS). Of a vma the entry knows what the zap needs: its mm and its
 * range.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

export interface MappedVma {
  /** Whose: vma->vm_mm. */
  readonly process: string
  readonly vma: Pointer
  readonly start: bigint
  readonly size: bigint
}

type VmaListEvent =
  | (Heard & MappedVma & { readonly type: 'ADD' })
  | (Heard & { readonly type: 'DROP'; readonly process: string; readonly vma: Pointer })
  | (Heard & { readonly type: 'FIRST' | 'LIST' })
  | (Heard & { readonly type: 'TAKE'; readonly process: string })

/** Pointers are unique in an address space only. */
const isOne =
  ({ process, vma }: Pick<MappedVma, 'process' | 'vma'>) =>
  (each: MappedVma): boolean =>
    each.process === process && isSame(each.vma, vma)

export const vmaList = setup({
  types: {
    /** Newest first. */
    context: {} as { readonly entries: readonly MappedVma[] },
    events: {} as VmaListEvent,
    emitted: {} as Said,
  },
  guards: {
    isListed: ({ context, event }) => {
      assertEvent(event, 'ADD')
      return context.entries.some(isOne(event))
    },
  },
  actions: {
    add: assign(({ context, event }) => {
      assertEvent(event, 'ADD')
      const { process, vma, start, size } = event
      return { entries: [{ process, vma, start, size }, ...context.entries] }
    }),
    drop: assign(({ context, event }) => {
      assertEvent(event, 'DROP')
      const isDropped = isOne(event)
      return { entries: context.entries.filter((each) => !isDropped(each)) }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    first: emit(({ context, event }) => answer(event, 'ANSWER', { entry: context.entries[0] ?? null })),
    list: emit(({ context, event }) => answer(event, 'ANSWER', { entries: context.entries })),
    take: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TAKE')
      enqueue.emit(
        answer(event, 'ANSWER', { entries: context.entries.filter(({ process }) => process === event.process) }),
      )
      enqueue.assign({ entries: context.entries.filter(({ process }) => process !== event.process) })
    }),
  },
}).createMachine({
  id: 'vmaList',
  context: { entries: [] },
  initial: 'ready',
  states: {
    ready: {
      on: {
        ADD: [{ guard: 'isListed', actions: 'done' }, { actions: ['add', 'done'] }],
        DROP: { actions: ['drop', 'done'] },
        FIRST: { actions: 'first' },
        LIST: { actions: 'list' },
        TAKE: { actions: 'take' },
      },
    },
  },
})
