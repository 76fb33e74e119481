/**
 * The inode of a device on the pseudo file system of VFIO, and its address space: every mapping of the device, whoever made it, by the
 * pages of the file that it maps (vm_pgoff). With it unmap_mapping_range() finds what to zap. i_mmap_rwsem is held for write by whoever
 * links or unlinks, for read by whoever walks.
 *
 * Source: mm/memory.c (unmap_mapping_range), mm/mmap.c; b7c5e64fecfa "vfio: Create vfio_fs_type with inode per device" (6.10); "[RFC PATCH
 * 01/10]" of 22 Feb 2021 for the idea.
 * Left out: that it is a tree.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'
import { pageSize } from '../extent.ts'
import type { Vma } from './areas.ts'

interface Linked {
  readonly process: string
  readonly vma: Pointer
  readonly start: bigint
  readonly size: bigint
  readonly pgoff: bigint
}

/** Addresses of a process. */
export interface Range {
  readonly process: string
  readonly start: bigint
  readonly size: bigint
}

type InodeEvent =
  | (Heard & { readonly type: 'LINK'; readonly process: string; readonly vmas: readonly Vma[] })
  | (Heard & { readonly type: 'UNLINK'; readonly process: string; readonly vma: Pointer })
  | (Heard & { readonly type: 'OVERLAPPING'; readonly pgoff: bigint; readonly pages: bigint })

/** Mappings keep the place they got first: one that was moved or copied comes behind the one it came from. */
const place = (mappings: readonly Linked[], next: Linked): readonly Linked[] =>
  mappings.some(({ vma }) => isSame(vma, next.vma))
    ? mappings.map((each) => (isSame(each.vma, next.vma) ? next : each))
    : [...mappings, next]

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)

/** The part of a mapping that maps these pages of the file. */
function overlap({ process, start, size, pgoff }: Linked, from: bigint, pages: bigint): readonly Range[] {
  const first = larger(pgoff, from)
  const end = smaller(pgoff + size / pageSize, from + pages)
  if (first >= end) return []
  return [{ process, start: start + (first - pgoff) * pageSize, size: (end - first) * pageSize }]
}

export const inode = setup({
  types: {
    context: {} as { readonly mappings: readonly Linked[] },
    events: {} as InodeEvent,
    emitted: {} as Said,
  },
  actions: {
    link: assign(({ context, event }) => {
      assertEvent(event, 'LINK')
      const linked = event.vmas.map(({ ptr, start, size, pgoff }) => ({
        ...{ process: event.process, vma: ptr },
        ...{ start, size, pgoff },
      }))
      return { mappings: linked.reduce(place, context.mappings) }
    }),
    unlink: assign(({ context, event }) => {
      assertEvent(event, 'UNLINK')
      return { mappings: context.mappings.filter(({ vma }) => !isSame(vma, event.vma)) }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    tell: emit(({ context, event }) => {
      assertEvent(event, 'OVERLAPPING')
      const ranges = context.mappings.flatMap((each) => overlap(each, event.pgoff, event.pages))
      return answer(event, 'ANSWER', { ranges })
    }),
  },
}).createMachine({
  id: 'inode',
  context: { mappings: [] },
  initial: 'ready',
  states: {
    ready: {
      on: {
        LINK: { actions: ['link', 'done'] },
        UNLINK: { actions: ['unlink', 'done'] },
        OVERLAPPING: { actions: 'tell' },
      },
    },
  },
})
