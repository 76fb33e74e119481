/**
 * Mappings of device memory among those of a type1 backend, and which pfnmaps hang on them (struct pfnmap_obj, dma->pfnmap of the series of
 * 2021). pfnmaps may hold references on the vfio_iommu itself; after FREE and the last of those, whatever is asked is a use-after-free of it.
 * Pure.
 *
 * A pfnmap covers the part of the mapping that it was registered for. It is found by its address alone, as the kernel's linear scan
 * does: whoever lives there next is taken for the same (BY_PFNMAP).
 *
 * Source: vfio_iommu_type1.c of 5.11 and the series above. Left out: protections.
 */
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { allocated, counted, freed, used, type Heard, type Observed } from '../../say.ts'
import * as list from '../backend/dma-list.ts'
import { isOfDevice, type Covering, type DeviceDma, type Dma } from '../backend/dma-list.ts'
import type { Reply, Type1Context } from '../backend/vfio-iommu.ts'

export interface Range {
  readonly iova: bigint
  readonly size: bigint
}

export type DeviceMemoryEvent =
  | (Heard &
      Range & {
        readonly type: 'INSERT'
        /** Who maps it, and where it is in his memory. */
        readonly process: string
        readonly vaddr: bigint
        readonly dmabuf?: string
      })
  | (Heard & { readonly type: 'FIND_WHOLE' } & Range)
  | (Heard & { readonly type: 'LINK_PFNMAP'; readonly dma: Pointer; readonly pfnmap: Pointer } & Omit<Covering, 'ptr'>)
  | (Heard & { readonly type: 'UNLINK_PFNMAP'; readonly dma: Pointer; readonly pfnmap: Pointer })
  | (Heard & { readonly type: 'BY_PFNMAP'; readonly pfnmap: Pointer })
  | (Heard & { readonly type: 'USE'; readonly dma: Pointer; readonly site: string })
  | (Heard & { readonly type: 'LIST' | 'GET' | 'PUT' | 'FREE' })

/** Who asks what, where the message does not say so itself. */
export const sites = {
  INSERT: 'vfio_dma_do_map',
  FIND_WHOLE: 'vfio_dma_do_unmap',
  LINK_PFNMAP: 'vaddr_get_pfn',
  UNLINK_PFNMAP: 'vfio_remove_dma',
  BY_PFNMAP: 'pfnmap_find_dma',
  LIST: 'vfio_iommu_type1_release',
  GET: 'vaddr_get_pfn',
  PUT: 'vfio_iommu_put',
  FREE: 'vfio_iommu_type1_release',
} as const

const siteOf = (event: DeviceMemoryEvent): string =>
  'site' in event ? event.site : sites[event.type as keyof typeof sites]

export const nameOf = ({ prefix = '' }: Type1Context): string => `${prefix}type1`

const answered = (fields: Readonly<Record<string, unknown>>, next?: Partial<Type1Context>): Reply => ({
  ...{ type: 'ANSWER', fields },
  ...(next && { next }),
})
const done = (said: readonly Observed[], next?: Partial<Type1Context>): Reply => ({
  ...answered({ ret: 0 }, next),
  said,
})

/** Whoever lives at the address of this pfnmap. */
const hasAddress =
  ({ id }: Pointer) =>
  ({ ptr }: Covering): boolean =>
    ptr.id === id

/** The lowest mapping that lies in the range, whole. */
const wholeIn = ({ dmas }: Type1Context, { iova: from, size: length }: Range): Dma | null =>
  dmas.find(({ iova, size }) => iova >= from && iova + size <= from + length) ?? null

/** A pfnmap gets or puts a reference. The container's own is FREE's to put: who has none puts one that is not there. */
const references = (context: Type1Context, event: DeviceMemoryEvent): Observed => {
  const { refs, left } = context
  const by = event.type === 'PUT' ? -1 : 1
  const own = left || (by < 0 && refs === 0) ? 0 : 1
  return counted(nameOf(context), 'vfio_iommu', { field: 'kref', from: refs + own, by }, { site: siteOf(event) })
}

/** The container let go of it, and this is the last that points to it. */
export const isLast = ({ left, refs }: Type1Context): boolean => left && refs === 1

const nothingLeft = { dmas: [], refs: 0, left: false }

function inserted(context: Type1Context, event: DeviceMemoryEvent & { readonly type: 'INSERT' }): Reply {
  const { iova, size, process: mm, vaddr, dmabuf } = event
  if (context.left) return answered({ ret: '-EINVAL', dma: null })
  if (list.find(context, iova, size) !== undefined) return answered({ ret: '-EEXIST', dma: null })
  const ptr = list.nextPointer(context)
  const backing = { vaddr, ...(dmabuf !== undefined && { dmabuf }), pfnmaps: [] }
  return {
    ...answered({ ret: 0, dma: ptr }, list.insert(context, { iova, size, prot: 'rw', mm }, backing)),
    said: [allocated(named(ptr), 'vfio_dma', { site: siteOf(event), what: 'mapped' })],
  }
}

/** What is done with a mapping by its address. Of one that is gone there is nothing to answer. */
function at(
  context: Type1Context,
  event: DeviceMemoryEvent & { readonly type: 'USE' | 'LINK_PFNMAP' | 'UNLINK_PFNMAP' },
): Reply {
  const dma = list.follow(context, event.dma)
  const access = event.type === 'USE' ? 'read' : 'write'
  const said = [used(named(event.dma), 'vfio_dma', { site: siteOf(event), live: dma !== undefined, access })]
  if (dma === undefined) return { said }
  if (event.type === 'USE') return { ...answered({ dma }), said }
  const { pfnmaps } = dma as DeviceDma
  const now =
    event.type === 'LINK_PFNMAP'
      ? [...pfnmaps, coveringOf(event)]
      : pfnmaps.filter((each) => !hasAddress(event.pfnmap)(each))
  return done(
    said,
    list.update(context, event.dma, (same) => ({ ...same, pfnmaps: now })),
  )
}

const coveringOf = ({
  pfnmap: ptr,
  device,
  iova,
  size,
}: DeviceMemoryEvent & { readonly type: 'LINK_PFNMAP' }): Covering => ({ ptr, device, iova, size })

export function replyTo(context: Type1Context, event: DeviceMemoryEvent): Reply {
  switch (event.type) {
    case 'INSERT':
      return inserted(context, event)
    case 'FIND_WHOLE':
      return answered({ dma: wholeIn(context, event) })
    case 'BY_PFNMAP':
      return answered({
        dma: context.dmas.find((dma) => isOfDevice(dma) && dma.pfnmaps.some(hasAddress(event.pfnmap))) ?? null,
      })
    case 'USE':
    case 'LINK_PFNMAP':
    case 'UNLINK_PFNMAP':
      return at(context, event)
    case 'LIST':
      return answered({ dmas: context.dmas })
    case 'GET':
      return done([references(context, event)], { refs: context.refs + 1 })
    case 'PUT': {
      const put = references(context, event)
      if (isLast(context)) return done([put, over(context, event)], nothingLeft)
      return done([put], context.refs > 0 ? { refs: context.refs - 1 } : undefined)
    }
    case 'FREE':
      return context.refs > 0 ? done([], { left: true }) : done([over(context, event)], nothingLeft)
  }
}

const over = (context: Type1Context, event: DeviceMemoryEvent): Observed =>
  freed(nameOf(context), 'vfio_iommu', { site: siteOf(event) })
