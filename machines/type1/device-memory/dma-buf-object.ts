/**
 * A dma-buf that vfio-pci exports for a BAR of its device (struct vfio_pci_dma_buf, VFIO_DEVICE_FEATURE_DMA_BUF of 6.19), and who
 * imports it: the attachments of iommufd, each a range of some container's IOVA space.
 *
 * `revoked` is written with memory_lock and dma_resv both held, so either is enough to read it. An importer that is told of a move
 * (move_notify) takes its mapping out of the IOMMU and never brings it back; the area stays, and is unmapped later as any other.
 *
 * Source: vfio_pci_dmabuf.c and iommufd's revocation (6.19). Left out: several buffers of one device (a second one is refused with
 * -EBUSY; who exports anew after a release takes over what is still attached, which nothing depends on) and slices of a BAR; closing the
 * buffer's descriptor before its device (then its release gives the registration back, and get_file_active keeps it and the clean-up
 * apart): a buffer lives until its device left it and nobody is attached any more; importers that can move (they would wait for
 * fences), attaching without peer2peer (-EOPNOTSUPP).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { pageSize } from '../../mm/extent.ts'
import { allocated, freed, note, type Heard, type Said } from '../../say.ts'

export interface Attachment {
  readonly container: string
  readonly iova: bigint
  readonly size: bigint
  /** False once the importer was told of a move. */
  readonly mapped: boolean
}

/** What is in the buffer. */
export interface Bar {
  readonly pfn: bigint
  readonly pages: bigint
}

interface DmaBufObjectInput {
  readonly device: string
}

interface DmaBufObjectContext {
  readonly device: string
  /** Null when it has left. */
  readonly vdev: string | null
  readonly bar: Bar | null
  readonly revoked: boolean
  readonly attachments: readonly Attachment[]
}

type DmaBufObjectEvent =
  | (Heard & { readonly type: 'EXPORT'; readonly bar: Bar; readonly revoked: boolean })
  | (Heard & { readonly type: 'READ' })
  | (Heard & { readonly type: 'ATTACH'; readonly container: string; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'DETACH'; readonly container: string; readonly iova: bigint })
  | (Heard & { readonly type: 'MOVE'; readonly revoked: boolean })
  /** The device goes: it is not in the device's list any more, and revoked for good. */
  | (Heard & { readonly type: 'CLEAN_UP' })

const start = ({ device }: DmaBufObjectInput): DmaBufObjectContext => ({
  device,
  vdev: null,
  bar: null,
  revoked: false,
  attachments: [],
})

/** In one order, however they came. */
const isBefore = (a: Attachment, b: Attachment): boolean =>
  a.container === b.container ? a.iova < b.iova : a.container < b.container

const isHere = (one: Attachment, { container, iova }: { readonly container: string; readonly iova: bigint }): boolean =>
  one.container === container && one.iova === iova

const cache = 'vfio_pci_dma_buf'

export const dmaBufObject = setup({
  types: {
    context: {} as DmaBufObjectContext,
    events: {} as DmaBufObjectEvent,
    emitted: {} as Said,
    input: {} as DmaBufObjectInput,
  },
  guards: {
    isRevoked: ({ context }) => context.revoked,
    isTooLong: ({ context, event }) => event.type === 'ATTACH' && event.size > context.bar!.pages * pageSize,
    isLastImporter: ({ context, event }) =>
      event.type === 'DETACH' && context.attachments.every((one) => isHere(one, event)),
    hasNoImporter: ({ context }) => context.attachments.length === 0,
  },
  actions: {
    export: assign(({ context, event }) => {
      assertEvent(event, 'EXPORT')
      return { vdev: context.device, bar: event.bar, revoked: event.revoked }
    }),
    attach: assign(({ context, event }) => {
      assertEvent(event, 'ATTACH')
      const { container, iova, size } = event
      const attachments = [...context.attachments, { container, iova, size, mapped: true }]
      return { attachments: attachments.sort((a, b) => (isBefore(a, b) ? -1 : 1)) }
    }),
    detach: assign(({ context, event }) => {
      assertEvent(event, 'DETACH')
      return { attachments: context.attachments.filter((one) => !isHere(one, event)) }
    }),
    move: assign(({ event }) => {
      assertEvent(event, 'MOVE')
      return { revoked: event.revoked }
    }),
    leave: assign({ vdev: null, revoked: true }),
    moveNotify: assign(({ context }) => ({
      attachments: context.attachments.map((one) => ({ ...one, mapped: false })),
    })),
    free: assign(({ context }) => start(context)),

    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    attached: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, pfn: context.bar!.pfn })),
    /** Who has it mapped, and must not have after this. */
    moved: emit(({ context, event }) =>
      answer(event, 'ANSWER', {
        ret: 0,
        mapped: context.attachments
          .filter(({ mapped }) => mapped)
          .map(({ container, iova, size }) => ({ container, iova, size })),
      }),
    ),
    readListed: emit(({ context, event }) => answer(event, 'ANSWER', { listed: true, revoked: context.revoked })),
    readUnlisted: emit(({ event }) => answer(event, 'ANSWER', { listed: false, revoked: true })),
    badDescriptor: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBADF' })),
    noDevice: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENODEV' })),
    invalid: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EINVAL' })),
    busy: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBUSY' })),
    allocated: emit(({ context }) => allocated(`${context.device}.dmabuf`, cache)),
    noteRevoked: emit(({ context }) => note(`${context.device}.dmabuf`, 'revoked')),
    notePermitted: emit(({ context }) => note(`${context.device}.dmabuf`, 'permitted again')),
    freed: emit(({ context }) => freed(`${context.device}.dmabuf`, cache)),
  },
}).createMachine({
  id: 'dmaBufObject',
  context: ({ input }) => start(input),
  initial: 'none',
  states: {
    none: {
      on: {
        EXPORT: { target: 'exported', actions: ['export', 'allocated', 'done'] },
        READ: { actions: 'readUnlisted' },
        ATTACH: { actions: 'badDescriptor' },
        DETACH: { actions: 'done' },
      },
    },
    exported: {
      on: {
        EXPORT: { actions: 'busy' },
        READ: { actions: 'readListed' },
        ATTACH: [
          { guard: 'isRevoked', actions: 'noDevice' },
          { guard: 'isTooLong', actions: 'invalid' },
          { actions: ['attach', 'attached'] },
        ],
        DETACH: { actions: ['detach', 'done'] },
        MOVE: [
          { guard: 'isRevoked', actions: ['move', 'notePermitted', 'moved', 'moveNotify'] },
          { actions: ['move', 'noteRevoked', 'moved', 'moveNotify'] },
        ],
        CLEAN_UP: [
          { guard: 'hasNoImporter', target: 'none', actions: ['moved', 'freed', 'free'] },
          { target: 'orphaned', actions: ['leave', 'noteRevoked', 'moved', 'moveNotify'] },
        ],
      },
    },
    /** Whoever opens the device next may export it anew. */
    orphaned: {
      on: {
        EXPORT: { target: 'exported', actions: ['export', 'done'] },
        READ: { actions: 'readUnlisted' },
        ATTACH: { actions: 'noDevice' },
        DETACH: [
          { guard: 'isLastImporter', target: 'none', actions: ['freed', 'done', 'free'] },
          { actions: ['detach', 'done'] },
        ],
      },
    },
  },
})
