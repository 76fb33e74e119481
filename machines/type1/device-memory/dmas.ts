/**
 * What type1 knows of the mappings of device memory in one container: struct vfio_dma in iommu->dma_list, and which pfnmaps hang on it
 * (struct pfnmap_obj, dma->pfnmap of the series of 2021). Everything here happens under iommu->lock. pfnmaps may hold references on the
 * vfio_iommu itself; after FREE and the last of those, whatever is asked is a use-after-free of it.
 *
 * A pfnmap covers the part of the mapping that it was registered for. It is found by its address alone, as the kernel's linear scan
 * does: whoever lives there next is taken for the same (BY_PFNMAP).
 *
 * Source: vfio_iommu_type1.c of 5.11 and the series above. Left out: protections, pinned pages (nothing here can be pinned), the
 * tree; ../type1.ts has them.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { isSame, named, type Pointer } from '../../kernel/heap/pointer.ts'
import { nextPointer, withLife, type Lives } from '../../kernel/heap/slots.ts'
import { allocated, counted, freed, used, type Heard, type Observed, type Said } from '../../say.ts'

interface Range {
  readonly iova: bigint
  readonly size: bigint
}

/** A pfnmap, the device whose memory it stands for, and what of the mapping it covers. */
export interface Covering extends Range {
  readonly ptr: Pointer
  readonly device: string
}

export interface Dma extends Range {
  readonly ptr: Pointer
  /** Whose memory it was mapped from; null when it was a dma-buf. */
  readonly process: string | null
  readonly vaddr: bigint
  /** The device whose dma-buf it was mapped from. */
  readonly dmabuf?: string
  readonly pfnmaps: readonly Covering[]
}

export interface DmasInput {
  readonly container: string
}

interface DmasContext {
  readonly container: string
  /** Sorted by iova. */
  readonly dmas: readonly Dma[]
  /** How many mappings have lived at each address. */
  readonly lives: Lives
  readonly refs: number
  /** The container let go of it; pfnmaps that nobody has unregistered yet still point to it. */
  readonly left: boolean
}

type DmasEvent =
  | (Heard & { readonly type: 'INSERT' } & Omit<Dma, 'ptr' | 'pfnmaps'>)
  | (Heard & { readonly type: 'FIND' } & Range)
  | (Heard & { readonly type: 'LINK'; readonly dma: Pointer; readonly pfnmap: Pointer } & Omit<Covering, 'ptr'>)
  | (Heard & { readonly type: 'UNLINK'; readonly dma: Pointer; readonly pfnmap: Pointer })
  | (Heard & { readonly type: 'BY_PFNMAP'; readonly pfnmap: Pointer })
  | (Heard & { readonly type: 'USE' | 'REMOVE'; readonly dma: Pointer; readonly site: string })
  | (Heard & { readonly type: 'LIST' | 'GET' | 'PUT' | 'FREE' })

interface Step {
  readonly context: DmasContext
  readonly event: DmasEvent
}

const idOf = ({ container }: DmasContext): string => `${container}.type1`

/** What mappings are called: `container0.dma0`. */
const nameOf = ({ container }: DmasContext): string => `${container}.dma`

const isTaken = ({ context, event }: Step): boolean => {
  assertEvent(event, 'INSERT')
  return context.dmas.some(({ iova, size }) => iova < event.iova + event.size && event.iova < iova + size)
}

/** The lowest mapping that lies in the range, whole. */
const found = ({ context, event }: Step): Dma | null => {
  assertEvent(event, 'FIND')
  const end = event.iova + event.size
  return context.dmas.find(({ iova, size }) => iova >= event.iova && iova + size <= end) ?? null
}

const hasAddress =
  ({ id }: Pointer) =>
  ({ ptr }: Covering): boolean =>
    ptr.id === id

const byPfnmap = ({ context, event }: Step): Dma | null => {
  assertEvent(event, 'BY_PFNMAP')
  return context.dmas.find(({ pfnmaps }) => pfnmaps.some(hasAddress(event.pfnmap))) ?? null
}

const pointedAt = ({ context, event }: Step): Dma | undefined => {
  assertEvent(event, ['USE', 'REMOVE', 'LINK', 'UNLINK'])
  return context.dmas.find(({ ptr }) => isSame(ptr, event.dma))
}

/** Who asks what, where the message does not say so itself. */
const sites: Readonly<Record<string, string>> = {
  INSERT: 'vfio_dma_do_map',
  FIND: 'vfio_dma_do_unmap',
  LINK: 'vaddr_get_pfn',
  UNLINK: 'vfio_remove_dma',
  BY_PFNMAP: 'pfnmap_find_dma',
  LIST: 'vfio_iommu_type1_release',
  GET: 'vaddr_get_pfn',
  PUT: 'vfio_iommu_put',
  FREE: 'vfio_iommu_type1_release',
}

const siteOf = ({ event }: Step): string => ('site' in event ? event.site : sites[event.type]!)

/** A pfnmap gets or puts a reference. The container's own is FREE's to put: who has none puts one that is not there. */
const references = (step: Step): Observed => {
  const { refs, left } = step.context
  const by = step.event.type === 'PUT' ? -1 : 1
  const own = left || (by < 0 && refs === 0) ? 0 : 1
  return counted(idOf(step.context), 'vfio_iommu', { field: 'kref', from: refs + own, by }, { site: siteOf(step) })
}

const change = (step: Step, to: (dma: Dma) => Dma): readonly Dma[] => {
  const dma = pointedAt(step)!
  return step.context.dmas.map((each) => (each === dma ? to(each) : each))
}

export const deviceMappings = setup({
  types: {
    context: {} as DmasContext,
    events: {} as DmasEvent,
    emitted: {} as Said,
    input: {} as DmasInput,
  },
  guards: {
    isTaken,
    isStale: (step) => pointedAt(step) === undefined,
    isReferenced: ({ context }) => context.refs > 0,
    isLast: ({ context }) => context.left && context.refs === 1,
    isLeft: ({ context }) => context.left,
  },
  actions: {
    insert: assign(({ context, event }) => {
      assertEvent(event, 'INSERT')
      const { iova, size, process, vaddr, dmabuf } = event
      const name = nameOf(context)
      const ptr = nextPointer(
        name,
        context.dmas.map(({ ptr: used }) => used),
        context.lives,
      )
      const dma = { ptr, iova, size, process, vaddr, ...(dmabuf !== undefined && { dmabuf }), pfnmaps: [] }
      return {
        dmas: [...context.dmas, dma].sort((a, b) => (a.iova < b.iova ? -1 : 1)),
        lives: withLife(name, context.lives, ptr),
      }
    }),
    link: assign((step) => {
      const { event } = step
      assertEvent(event, 'LINK')
      const { pfnmap: ptr, device, iova, size } = event
      return { dmas: change(step, (dma) => ({ ...dma, pfnmaps: [...dma.pfnmaps, { ptr, device, iova, size }] })) }
    }),
    unlink: assign((step) => {
      const { event } = step
      assertEvent(event, 'UNLINK')
      const others = ({ pfnmaps }: Dma) => pfnmaps.filter((each) => !hasAddress(event.pfnmap)(each))
      return { dmas: change(step, (dma) => ({ ...dma, pfnmaps: others(dma) })) }
    }),
    remove: assign((step) => ({ dmas: step.context.dmas.filter((dma) => dma !== pointedAt(step)) })),
    get: assign({ refs: ({ context }) => context.refs + 1 }),
    put: assign({ refs: ({ context }) => context.refs - 1 }),
    leave: assign({ left: true }),
    forgetAll: assign({ dmas: [], refs: 0, left: false }),

    inserted: emit(({ context, event }) => {
      assertEvent(event, 'INSERT')
      return answer(event, 'ANSWER', { ret: 0, dma: context.dmas.find(({ iova }) => iova === event.iova)!.ptr })
    }),
    hasNoBackend: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EINVAL', dma: null })),
    exists: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EEXIST', dma: null })),
    found: emit((step) => answer(step.event, 'ANSWER', { dma: found(step) })),
    foundByPfnmap: emit((step) => answer(step.event, 'ANSWER', { dma: byPfnmap(step) })),
    used: emit((step) => answer(step.event, 'ANSWER', { dma: pointedAt(step)! })),
    list: emit(({ context, event }) => answer(event, 'ANSWER', { dmas: context.dmas })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),

    allocated: emit(({ context, event }) => {
      assertEvent(event, 'INSERT')
      const { ptr } = context.dmas.find(({ iova }) => iova === event.iova)!
      return allocated(named(ptr), 'vfio_dma', { site: sites['INSERT']!, what: 'mapped' })
    }),
    freed: emit((step) => {
      assertEvent(step.event, 'REMOVE')
      return freed(named(step.event.dma), 'vfio_dma', { site: siteOf(step), live: pointedAt(step) !== undefined })
    }),
    over: emit((step) => freed(idOf(step.context), 'vfio_iommu', { site: siteOf(step) })),
    observe: emit((step) => {
      assertEvent(step.event, ['USE', 'LINK', 'UNLINK'])
      const live = pointedAt(step) !== undefined
      const access = step.event.type === 'USE' ? 'read' : 'write'
      return used(named(step.event.dma), 'vfio_dma', { site: siteOf(step), live, access })
    }),
    count: emit(references),
    usedIommu: emit((step) =>
      used(idOf(step.context), 'vfio_iommu', {
        site: siteOf(step),
        live: false,
        detail: 'struct vfio_iommu was freed when the last user left the container',
      }),
    ),
  },
}).createMachine({
  id: 'deviceMappings',
  context: ({ input }) => ({ container: input.container, dmas: [], lives: [], refs: 0, left: false }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        INSERT: [
          { guard: 'isLeft', actions: 'hasNoBackend' },
          { guard: 'isTaken', actions: 'exists' },
          { actions: ['insert', 'allocated', 'inserted'] },
        ],
        FIND: { actions: 'found' },
        LINK: [{ guard: 'isStale', actions: 'observe' }, { actions: ['observe', 'link', 'done'] }],
        UNLINK: [{ guard: 'isStale', actions: 'observe' }, { actions: ['observe', 'unlink', 'done'] }],
        BY_PFNMAP: { actions: 'foundByPfnmap' },
        USE: [{ guard: 'isStale', actions: 'observe' }, { actions: ['observe', 'used'] }],
        REMOVE: [{ guard: 'isStale', actions: 'freed' }, { actions: ['freed', 'remove', 'done'] }],
        LIST: { actions: 'list' },
        GET: { actions: ['count', 'get', 'done'] },
        PUT: [
          { guard: 'isLast', target: 'freed', actions: ['count', 'over', 'done', 'forgetAll'] },
          { guard: 'isReferenced', actions: ['count', 'put', 'done'] },
          { actions: ['count', 'done'] },
        ],
        FREE: [
          { guard: 'isReferenced', actions: ['leave', 'done'] },
          { target: 'freed', actions: ['over', 'done', 'forgetAll'] },
        ],
      },
    },
    freed: {
      on: {
        INSERT: { actions: 'usedIommu' },
        FIND: { actions: 'usedIommu' },
        LINK: { actions: 'usedIommu' },
        UNLINK: { actions: 'usedIommu' },
        BY_PFNMAP: { actions: 'usedIommu' },
        USE: { actions: 'usedIommu' },
        REMOVE: { actions: 'usedIommu' },
        LIST: { actions: 'usedIommu' },
        GET: { actions: 'usedIommu' },
        PUT: { actions: 'usedIommu' },
        FREE: { actions: 'usedIommu' },
      },
    },
  },
})
