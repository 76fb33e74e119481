/**
 * "[RFC PATCH 00/10] vfio: Device memory DMA mapping improvements" (Feb 2021, never merged): a vma leads to its device, every device has a
 * chain of notifiers that is called when it is released, and type1 hangs a pfnmap on each mapping of device memory.
 *
 * Registering gets a reference on the device and a user of the *device's* container, so that it stays isolated while the mapping exists;
 * that is what makes it work across containers. In the callback the mapping goes, and a kworker unregisters: "cannot unregister
 * notifier from callback chain". The chain is an SRCU one because registering happens under iommu->lock and the callback takes
 * it; but unregistering waits for callbacks, too, and vfio_remove_dma does that under iommu->lock (B-11).
 *
 * As posted (forms.ts): unregisters at once, queues at each notification, covers the first vma only, reads vm_ops->open unchecked.
 *
 * Left out: what steps.ts says. INIT_WORK comes after iommu->lock was dropped, as the callback of the first series had it; the walk
 * goes on with whatever comes next on the chain, whoever left it meanwhile. User and device are let go of in the order in which the work
 * function does, after the chain.
 */
import { assign, emit } from 'xstate'
import * as shared from './notified-chart.ts'
import * as steps from './steps.ts'

export const deviceNotifier = shared.notified
  .extend({
    guards: {
      readsNoOps: steps.readsNoOps,
      isForeignAndStrict: steps.isForeignAndStrict,
      isForeign: steps.isForeign,
      isGone: steps.isGone,
    },
    actions: {
      oops: emit(steps.oops('vfio_device_get_from_vma')),
      noSuchDevice: assign(steps.noSuchDevice),
      describe: assign(steps.describe),
      findByPfnmap: emit(steps.findByPfnmap),
    },
  })
  .createMachine({
    id: 'deviceNotifier',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      ...shared.idle,

      // Getting a pfn, under iommu->lock: what the page table says, and a pfnmap for whatever device that is.
      ...shared.findingVma,
      ...shared.readingPte('looking for pfnmap'),
      'looking for pfnmap': {
        entry: 'readDma',
        on: {
          ANSWER: [
            { guard: 'isCovered', target: 'unlocking mm' },
            { guard: 'readsNoOps', target: 'dead', actions: 'oops' },
            { guard: 'isForeignAndStrict', target: 'unlocking mm', actions: 'noSuchDevice' },
            { guard: 'isForeign', target: 'unlocking mm' },
            { target: 'getting device', actions: ['keepDma', 'describe'] },
          ],
        },
      },
      ...shared.adding,
      ...shared.unlockingMm,
      dead: {},

      ...shared.forgetting,

      ...shared.unregistering,
      ...shared.lettingGo,

      ...shared.telling,
      ...shared.findingDma,
      ...shared.unmapping,
    },
  })
