/**
 * A dma-buf that vfio-pci makes of parts of a BAR. Whoever maps it into an IOAS (iommufd does, nobody else may) imports it: while the device's memory is
 * off, or its file closed, that cannot be had, and what was imported before is lost for good, even if memory comes back.
 *
 * Source: vfio_pci_core_feature_dma_buf, vfio_pci_dma_buf_move, vfio_pci_dma_buf_cleanup (drivers/vfio/pci/vfio_pci_dmabuf.c), iopt_revoke_notify
 * (drivers/iommu/iommufd/pages.c, 7.x). A buffer of the system's heap is one that iommufd does not map.
 * Left out: dma_resv, which nobody else takes here; that the buffer goes with its last file.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { pageSize, type Extent } from '../../mm/extent.ts'
import type { Heard, Said } from '../../say.ts'

interface ExportedBarContext {
  readonly device: string | null
  /** What is in it, one part behind the other; none before it is made. */
  readonly parts: readonly Extent[]
  readonly isRevoked: boolean
  /** The device was closed: it does not come back. */
  readonly isOver: boolean
  /** How many times it was imported, and which of the imports are lost: all up to this one. */
  readonly imports: number
  readonly lost: number
}

type ExportedBarEvent =
  | (Heard & {
      readonly type: 'MAKE'
      readonly device: string
      readonly parts: readonly Extent[]
      readonly isRevoked: boolean
    })
  | (Heard & { readonly type: 'IMPORT'; readonly start: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'PIN'; readonly import: number; readonly first: number; readonly pages: number })
  | (Heard & { readonly type: 'MOVE'; readonly device: string; readonly isRevoked: boolean; readonly isOver: boolean })

const refusal = ({ parts, isRevoked }: ExportedBarContext, event: ExportedBarEvent): string | undefined => {
  assertEvent(event, 'IMPORT')
  const [only] = parts
  if (only === undefined || parts.length > 1) return '-EOPNOTSUPP'
  if (event.start + event.size > BigInt(only.pages) * pageSize) return '-EINVAL'
  return isRevoked ? '-ENODEV' : undefined
}

export const exportedBar = setup({
  types: {
    context: {} as ExportedBarContext,
    events: {} as ExportedBarEvent,
    emitted: {} as Said,
    input: {} as Readonly<Record<string, never>>,
  },
  guards: {
    isRefused: ({ context, event }) => refusal(context, event) !== undefined,
    isOfOther: ({ context, event }) => event.type === 'MOVE' && event.device !== context.device,
    isLost: ({ context, event }) => event.type === 'PIN' && event.import <= context.lost,
  },
  actions: {
    make: assign(({ event }) => {
      assertEvent(event, 'MAKE')
      const { device, parts, isRevoked } = event
      return { device, parts, isRevoked }
    }),
    made: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    refused: emit(({ context, event }) => answer(event, 'IMPORTED', { ret: refusal(context, event)! })),
    import: assign({ imports: ({ context }) => context.imports + 1 }),
    imported: emit(({ context, event }) => answer(event, 'IMPORTED', { ret: 0, import: context.imports })),
    pinned: emit(({ context: { parts }, event }) => {
      assertEvent(event, 'PIN')
      const { first, pages } = event
      return answer(event, 'PINNED', { ret: 0, extents: [{ in: parts[0]!.in, n: parts[0]!.n + first, pages }] })
    }),
    nothingPinned: emit(({ event }) => answer(event, 'PINNED', { ret: 0, extents: [] })),
    /** Before `move`: whether there is something that is lost now. */
    moved: emit(({ context: { imports, lost }, event }) => {
      assertEvent(event, 'MOVE')
      return answer(event, 'MOVED', { loses: event.isRevoked && imports > lost })
    }),
    notMoved: emit(({ event }) => answer(event, 'MOVED', { loses: false })),
    move: assign(({ context, event }) => {
      assertEvent(event, 'MOVE')
      const isRevoked = event.isRevoked || context.isOver
      const isOver = event.isOver || context.isOver
      return { isRevoked, isOver, lost: isRevoked ? context.imports : context.lost }
    }),
  },
}).createMachine({
  id: 'exportedBar',
  context: { device: null, parts: [], isRevoked: false, isOver: false, imports: 0, lost: 0 },
  initial: 'ready',
  states: {
    ready: {
      on: {
        MAKE: { actions: ['make', 'made'] },
        IMPORT: [{ guard: 'isRefused', actions: 'refused' }, { actions: ['import', 'imported'] }],
        PIN: [{ guard: 'isLost', actions: 'nothingPinned' }, { actions: 'pinned' }],
        MOVE: [{ guard: 'isOfOther', actions: 'notMoved' }, { actions: ['moved', 'move'] }],
      },
    },
  },
})
