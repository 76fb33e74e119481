/**
 * "[PATCH 0/3] vfio: Device memory DMA mapping improvements" (Feb 2021, never merged): bus drivers register the vm_ops of their mappings with
 * vfio-core, and whoever has a vma can register a notifier for it, by way of the two functions that its driver gave. type1 hangs
 * a pfnmap on each mapping of device memory and takes the mapping away when the driver says that the device is closed.
 *
 * Registering happens under iommu->lock, mmap_lock and vm_ops_lock, in this order; unregistering under iommu->lock and vm_ops_lock; the
 * callback takes iommu->lock. With an rwsem as the head of the driver's chain that is an ABBA both ways (B-11). An entry that is gone from the
 * registry leaves the notifier on the chain and its references with nobody.
 *
 * As posted (forms.ts): the head is an rwsem, and it unregisters at once, queues at each notification and covers the first vma only.
 *
 * Left out: what steps.ts says. 2/3, the bus driver's part, could not be read; here it is as its authors would want it: the notification
 * comes from the release of the device, not from munmap; references are had before the chain and dropped after it, and after vm_ops_lock.
 * INIT_WORK comes after iommu->lock was dropped.
 */
import { assign, emit } from 'xstate'
import * as shared from './notified-chart.ts'
import * as steps from './steps.ts'

const unregister = 'vfio_unregister_vma_nb'

export const vmaOps = shared.notified
  .extend({
    guards: {
      isUnknownAndStrict: steps.isUnknownAndStrict,
      isUnknown: steps.isUnknown,
      isGone: steps.isGone,
    },
    actions: {
      lockOps: emit(steps.lockOps),
      lookUpOps: emit(steps.lookUpOps),
      lookUpOpsAgain: emit(steps.lookUpOpsAgain),
      unlockOps: emit(steps.unlockOps),
      noSuchDevice: assign(steps.noSuchDevice),
      describe: assign(steps.describe),
      findByPfnmap: emit(steps.findByPfnmap),
      readPfnmap: emit(steps.readPfnmap(unregister)),
      free: emit(steps.free(unregister)),
      readCalledBack: emit(steps.readCalledBack('vfio_vma_nb_cb')),
    },
  })
  .createMachine({
    id: 'vmaOps',
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
            { target: 'allocating', actions: ['keepDma', 'describe'] },
          ],
        },
      },
      allocating: { entry: 'allocate', on: { ANSWER: { target: 'locking registry', actions: 'keepPfnmap' } } },
      'locking registry': { entry: 'lockOps', on: { LOCKED: 'looking up driver' } },
      'looking up driver': {
        entry: 'lookUpOps',
        on: {
          ANSWER: [
            { guard: 'isUnknownAndStrict', target: 'leaving registry', actions: 'noSuchDevice' },
            { guard: 'isUnknown', target: 'leaving registry' },
            { target: 'getting device' },
          ],
        },
      },
      'getting device': { entry: 'getDevice', on: { ANSWER: 'adding user' } },
      'adding user': {
        entry: 'addUser',
        on: {
          ANSWER: [
            { guard: 'failed', target: 'putting device of new', actions: 'keepRet' },
            { guard: 'holdsIommu', target: 'getting iommu' },
            { target: 'registering' },
          ],
        },
      },
      'getting iommu': { entry: 'getIommu', on: { ANSWER: 'registering' } },
      registering: { always: [{ guard: 'isRwsem', target: 'locking chain to add' }, { target: 'adding' }] },
      'locking chain to add': { entry: 'lockChain', on: { LOCKED: 'adding' } },
      adding: {
        entry: 'addBlock',
        on: {
          ADDED: [{ guard: 'isRwsem', target: 'unlocking chain with new' }, { target: 'unlocking registry with new' }],
        },
      },
      'unlocking chain with new': { entry: 'unlockChain', on: { UNLOCKED: 'unlocking registry with new' } },
      'unlocking registry with new': { entry: 'unlockOps', on: { UNLOCKED: 'linking' } },
      linking: { entry: 'link', on: { ANSWER: 'unlocking mm' } },
      'putting device of new': { entry: 'putDevice', on: { ANSWER: 'letting go of driver' } },
      'letting go of driver': { entry: 'lookUpOpsAgain', on: { ANSWER: 'leaving registry' } },
      'leaving registry': { entry: 'unlockOps', on: { UNLOCKED: 'freeing new' } },
      'freeing new': { entry: 'free', on: { ANSWER: 'unlocking mm' } },
      ...shared.unlockingMm,

      ...shared.forgetting,

      // Unregistering: here, and under iommu->lock, or working for somebody who left it to a kworker.
      unregistering: {
        entry: 'readPfnmap',
        on: { ANSWER: { target: 'locking registry again', actions: 'keepFields' } },
      },
      'locking registry again': { entry: 'lockOps', on: { LOCKED: 'looking up driver again' } },
      'looking up driver again': {
        entry: 'lookUpOpsAgain',
        on: {
          ANSWER: [
            { guard: 'isUnknown', target: 'giving up' },
            { guard: 'isRwsem', target: 'locking chain' },
            { target: 'deleting' },
          ],
        },
      },
      'giving up': { entry: 'unlockOps', on: { UNLOCKED: 'freeing' } },
      'locking chain': { entry: 'lockChain', on: { LOCKED: 'deleting' } },
      deleting: {
        entry: 'deleteBlock',
        on: {
          DELETED: [{ guard: 'isNotListed', target: 'deleted', actions: 'doubleUnregister' }, { target: 'deleted' }],
        },
      },
      deleted: { always: [{ guard: 'isRwsem', target: 'unlocking chain' }, { target: 'unlocking registry' }] },
      'unlocking chain': { entry: 'unlockChain', on: { UNLOCKED: 'unlocking registry' } },
      'unlocking registry': {
        entry: 'unlockOps',
        on: { UNLOCKED: [{ guard: 'isSrcu', target: 'synchronizing' }, { target: 'dropping user' }] },
      },
      synchronizing: { entry: 'synchronize', on: { SYNCHRONIZED: 'dropping user' } },
      ...shared.lettingGo,

      ...shared.telling,
      ...shared.findingDma,
      ...shared.unmapping,
    },
  })
