/**
 * The vm_private_data of every mapping of device memory is shared: VFIO itself puts a counted struct there (device, pfn_base, the
 * driver's vm_ops) before it calls the driver's mmap, and its own vm_ops around the driver's, so a vma leads to its device and pages.
 * Alex Williamson's reply of 4 Mar 2021 to "[RFC PATCH 05/10] vfio: Create a vfio_device from vma lookup"; pseudo code, never posted.
 *
 *   mmap    the struct is allocated; when the driver has been called and left vm_private_data alone, vm_ops are wrapped, else the
 *           struct is freed. What the driver's mmap returned is not looked at (`wrapsFailed`): where it failed the struct is leaked
 *   open    a vma is copied (fork, split, mremap): one more reference;  close: one less, and the last one frees it
 *   map     vm_ops say who takes part; pfn_base and the offset are the pfn. From there on it is the notifier of device-notifier.ts
 *
 * The struct holds no reference on the device; the vma's file does that. Where the mail is silent this is the reading that suits it:
 * pfn_base is that of the region and the offset counts from there, so a vma that was split finds its pages; the notifier is the one of
 * the same series, with its holes; what does not take part cannot be mapped under strict_mmio_maps, else is mapped by its ptes.
 * Without a pte there is no fault either, so device memory that is disabled can be mapped.
 * A fault handler that takes the struct for its own data crashes in the fault (`convertedDriver`, ../../mm/vma/fault.ts).
 *
 * Left out: what steps.ts says; `release_notification`, which says whether a driver tells at all (here all do); a kref that
 * overflows. pfn_base is not kept in the struct: it is the same for as long as the device exists.
 */
import { assign, emit } from 'xstate'
import * as base from './base-steps.ts'
import * as structs from './private-steps.ts'
import * as shared from './notified-chart.ts'
import * as steps from './steps.ts'

export const vmaPrivate = shared.notified
  .extend({
    guards: {
      takesNoPartAndIsStrict: structs.takesNoPartAndIsStrict,
      takesNoPart: structs.takesNoPart,
      isGone: steps.isGone,
      allocates: structs.allocates,
      drops: structs.drops,
      wraps: structs.wraps,
      opens: structs.opens,
      closes: structs.closes,
      isUnused: structs.isUnused,
    },
    actions: {
      noSuchDevice: assign(steps.noSuchDevice),
      readPrivate: emit(structs.read),
      computePfn: assign(base.computePfn),
      describe: assign(structs.describe),
      findByPfnmap: emit(steps.findByPfnmap),
      allocatePrivate: emit(structs.allocate),
      finishMmap: emit(structs.finishMmap),
      wrap: emit(structs.wrap),
      getPrivate: emit(structs.get),
      putPrivate: emit(structs.put),
      freePrivate: emit(structs.free),
    },
  })
  .createMachine({
    id: 'vmaPrivate',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      idle: {
        on: {
          CALL: [
            ...shared.calls,
            { guard: 'allocates', target: 'allocating private', actions: 'begin' },
            { guard: 'drops', target: 'freeing private', actions: 'begin' },
            { guard: 'wraps', target: 'wrapping', actions: 'begin' },
            { guard: 'opens', target: 'getting private', actions: 'begin' },
            { guard: 'closes', target: 'putting private', actions: 'begin' },
            { actions: ['begin', 'finish', 'reset'] },
          ],
        },
      },

      // Getting a pfn, under iommu->lock: what the struct says. The page table is asked only about vmas that take no part.
      'locking mm': { entry: 'lockMm', on: { LOCKED: 'finding vma' } },
      'finding vma': {
        entry: 'findVma',
        on: {
          ANSWER: [
            { guard: 'isNowhere', target: 'unlocking mm', actions: 'noSuchPage' },
            { guard: 'takesNoPartAndIsStrict', target: 'unlocking mm', actions: 'noSuchDevice' },
            { guard: 'takesNoPart', target: 'reading pte', actions: 'keepVma' },
            { target: 'reading private', actions: 'keepVma' },
          ],
        },
      },
      'reading private': {
        entry: 'readPrivate',
        on: { ANSWER: { target: 'looking for pfnmap', actions: ['describe', 'computePfn'] } },
      },
      'looking for pfnmap': {
        entry: 'readDma',
        on: {
          ANSWER: [
            { guard: 'isCovered', target: 'unlocking mm' },
            { target: 'getting device', actions: 'keepDma' },
          ],
        },
      },
      ...shared.readingPte('unlocking mm'),
      ...shared.adding,
      ...shared.unlockingMm,

      ...shared.forgetting,

      ...shared.unregistering,
      ...shared.lettingGo,

      ...shared.telling,
      ...shared.findingDma,
      ...shared.unmapping,

      // The life of the struct, under mmap_lock for write.
      'allocating private': {
        entry: 'allocatePrivate',
        on: { ANSWER: { target: 'idle', actions: ['finishMmap', 'reset'] } },
      },
      wrapping: { entry: 'wrap', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
      'getting private': { entry: 'getPrivate', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
      'putting private': {
        entry: 'putPrivate',
        on: {
          ANSWER: [
            { guard: 'isUnused', target: 'freeing private' },
            { target: 'idle', actions: ['finish', 'reset'] },
          ],
        },
      },
      'freeing private': { entry: 'freePrivate', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    },
  })
