/**
 * A driver is asked for the pages behind a vma: vfio_device_ops.vma_to_pfn, of which vfio_vma_to_pfn answers -EINVAL for a vma that is not
 * of a device file. "[PATCH v1 00/14]" of 8 Mar 2021, which the reply to "[RFC PATCH 05/10]" led to; never merged.
 *
 * So there is no pte to be followed and no fault to be taken: a pfn is the base that the driver names and the page in the vma. The base
 * is kept in the pfnmap, and as posted it is used for all of the mapping (`base: 'first-vma'`): a mapping that reaches into a second vma
 * gets pages that follow those of the first, whatever they are.
 *
 * The rest is the notifier of device-notifier.ts, but the pfnmap points to its mapping, instead of the linear search; both pointers are
 * cleared together, under iommu->lock, so a second notification before the kworker came finds nothing to do. A pfnmap that is
 * unregistered at once is freed under the lock that its mapping goes under, so nobody could see its pointer cleared. The vfio_iommu that
 * the lock is in is followed all the same: nothing says that it is still there.
 *
 * Left out: what steps.ts says; VM_READ and VM_WRITE against the mapping's protection (-EFAULT): every mapping here is for both. Without a
 * pte there is no fault either, so device memory that is disabled can be mapped.
 */
import { assign, emit } from 'xstate'
import * as base from './base-steps.ts'
import * as shared from './notified-chart.ts'
import * as steps from './steps.ts'

const callback = 'vfio_device_nb_cb'

export const vmaToPfn = shared.notified
  .extend({
    guards: {
      hasBaseOfFirst: base.hasBaseOfFirst,
      isForeignAndStrict: steps.isForeignAndStrict,
      isForeign: steps.isForeign,
      isUnlinked: base.isUnlinked,
    },
    actions: {
      noOperation: assign(base.noOperation),
      readBase: emit(base.readBase('vaddr_get_pfn')),
      computeFromFirst: assign(base.computeFromFirst),
      computePfn: assign(base.computePfn),
      describe: assign(base.describe),
      clearLink: emit(base.clearLink('vfio_remove_dma')),
      touchIommu: emit(base.touchIommu(callback)),
      followLink: emit(base.followLink(callback)),
      clearLinkOfCalledBack: emit(base.clearLinkOfCalledBack(callback)),
    },
  })
  .createMachine({
    id: 'vmaToPfn',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      ...shared.idle,

      // Getting a pfn, under iommu->lock: what the driver says. The page table is asked only about vmas of something else.
      'locking mm': { entry: 'lockMm', on: { LOCKED: 'finding vma' } },
      'finding vma': {
        entry: 'findVma',
        on: {
          ANSWER: [
            { guard: 'isNowhere', target: 'unlocking mm', actions: 'noSuchPage' },
            { target: 'looking for pfnmap', actions: 'keepVma' },
          ],
        },
      },
      'looking for pfnmap': {
        entry: 'readDma',
        on: {
          ANSWER: [
            { guard: 'hasBaseOfFirst', target: 'reading base', actions: 'keepDma' },
            { guard: 'isForeignAndStrict', target: 'unlocking mm', actions: 'noOperation' },
            { guard: 'isForeign', target: 'reading pte' },
            { guard: 'isCovered', target: 'unlocking mm', actions: 'computePfn' },
            { target: 'getting device', actions: ['keepDma', 'describe', 'computePfn'] },
          ],
        },
      },
      'reading base': { entry: 'readBase', on: { ANSWER: { target: 'unlocking mm', actions: 'computeFromFirst' } } },
      ...shared.readingPte('unlocking mm'),
      ...shared.adding,
      ...shared.unlockingMm,

      // Forgetting, under iommu->lock: the pfnmaps of a mapping that goes are unregistered here, or left to a kworker.
      forgetting: shared.forgetting.forgetting,
      unlinking: { entry: 'unlink', on: { ANSWER: 'clearing' } },
      clearing: { entry: 'clearLink', on: { ANSWER: 'queueing' } },
      queueing: shared.forgetting.queueing,

      ...shared.unregistering,
      ...shared.lettingGo,

      ...shared.telling,
      'locking iommu': { entry: 'lockIommu', on: { LOCKED: 'reading link' } },
      'reading link': {
        entry: 'readCalledBack',
        on: {
          ANSWER: [
            { guard: 'isUnlinked', target: 'finding none' },
            { target: 'following link', actions: 'keepFields' },
          ],
        },
      },
      'finding none': { entry: 'touchIommu', on: { ANSWER: 'unlocking iommu' } },
      'following link': {
        entry: 'followLink',
        on: {
          ANSWER: [
            { guard: 'changesPermissions', target: 'changing permissions', actions: 'keepDma' },
            { target: 'taking pfnmap', actions: 'keepDma' },
          ],
        },
      },
      'changing permissions': { entry: 'allow', on: { ANSWER: 'unlocking iommu' } },
      'taking pfnmap': { entry: 'unlinkCalledBack', on: { ANSWER: 'clearing link' } },
      'clearing link': { entry: 'clearLinkOfCalledBack', on: { ANSWER: 'unmapping' } },
      ...shared.unmapping,
    },
  })
