/**
 * mmap of a BAR through the open file of a device: the mapping is made, the driver says what it maps and gives it vm_ops, and it is linked
 * to the inode of the device where there is one; all of it with mmap_lock held for write. Nothing is mapped yet: that is for faults
 * (fault.ts), unless the driver maps everything at once. Where VFIO puts vm_ops of its own around those of the driver (the mail of 4 March
 * 2021) it is asked before the driver and told afterwards what the driver said.
 *
 * Without a device it is a mapping of something else that has no struct page, and no vm_ops.
 *
 * Source: mm/mmap.c (mmap_region), drivers/vfio/vfio.c (vfio_device_fops_mmap), vfio_pci_mmap, Linux 5.4 to 6.10; "Re: [RFC PATCH 05/10]".
 * Left out: choosing an address, what else mmap may refuse. The place is taken before the driver is asked, which nobody can tell.
 */
import { assign, emit, setup } from 'xstate'
import * as shared from './areas-chart.ts'
import * as steps from './vma-steps.ts'

export const mmap = setup({
  types: {} as steps.VmaTypes,
  guards: {
    mapsOther: steps.mapsOther,
    isRefused: steps.isRefused,
    isShared: steps.isShared,
    isBadMmap: steps.isBadMmap,
    isFilled: steps.isFilled,
    isLinked: steps.isLinked,
    hasFailed: steps.hasFailed,
    noFile: steps.noFile,
    wasLast: steps.wasLast,
  },
  actions: {
    begin: assign(steps.begin),
    getFile: emit(steps.getFile),
    badDescriptor: assign(steps.badDescriptor),
    downWrite: emit(steps.downWrite),
    insert: emit(steps.insert),
    keepVma: assign(steps.keepVma),
    tellMmap: emit(steps.tellMmap),
    keepPrivate: assign(steps.keepPrivate),
    fail: assign(steps.fail),
    fill: emit(steps.fill),
    tellMmapped: emit(steps.tellMmapped),
    cut: emit(steps.cut),
    lockToLink: emit(steps.lockToLink),
    link: emit(steps.link),
    unlockLinked: emit(steps.unlockLinked),
    upWrite: emit(steps.upWrite),
    keepFile: assign(steps.keepFile),
    conclude: assign(steps.conclude),
    letGo: emit(steps.letGo),
    release: emit(steps.release),
    nextFile: assign(steps.nextFile),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'mmap',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'beginning', actions: 'begin' } } },
    beginning: { always: [{ guard: 'mapsOther', target: 'locking' }, { target: 'getting' }] },
    getting: {
      entry: 'getFile',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'idle', actions: ['badDescriptor', 'finish', 'reset'] },
          { target: 'locking' },
        ],
      },
    },
    locking: { entry: 'downWrite', on: { LOCKED: 'inserting' } },
    inserting: {
      entry: 'insert',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'unlocking', actions: ['keepVma', 'keepFile'] },
          { target: 'inserted', actions: 'keepVma' },
        ],
      },
    },
    inserted: { always: [{ guard: 'isShared', target: 'allocating' }, { target: 'asking' }] },
    allocating: { entry: 'tellMmap', on: { RETURN: { target: 'asking', actions: 'keepPrivate' } } },
    /** The driver's mmap. */

    asking: {
      always: [
        { guard: 'isBadMmap', target: 'asked', actions: ['fail', 'keepFile'] },
        { guard: 'isFilled', target: 'filling' },
        { target: 'asked' },
      ],
    },
    filling: { entry: 'fill', on: { ANSWER: 'asked' } },
    asked: { always: [{ guard: 'isShared', target: 'wrapping' }, { target: 'wrapped' }] },
    wrapping: { entry: 'tellMmapped', on: { RETURN: 'wrapped' } },
    wrapped: {
      always: [
        { guard: 'hasFailed', target: 'cutting' },
        { guard: 'isLinked', target: 'lockingToLink' },
        { target: 'unlocking' },
      ],
    },
    cutting: { entry: 'cut', on: { ANSWER: 'unlocking' } },
    lockingToLink: { entry: 'lockToLink', on: { LOCKED: 'linking' } },
    linking: { entry: 'link', on: { ANSWER: 'unlockingLinked' } },
    unlockingLinked: { entry: 'unlockLinked', on: { UNLOCKED: 'unlocking' } },

    ...shared.lettingGo,
  },
})
