/**
 * fork, as far as mappings of devices go: with the mmap_lock of both held for write every mapping of the parent is copied into the child
 * and opened there. What the parent had faulted in is copied along, as nobody could fault it in for want of a struct page
 * (copy_page_range of a VM_PFNMAP mapping), and so the child is mapped before the driver hears of it. By list its open clears the copy
 * again: the child faults, and only then is it on the list. By inode nobody is called; the copy is linked behind the mapping it came from
 * before anything is in it, and whoever zaps comes to the parent's entries first.
 *
 * Since 6.9 a copy is opened before it is linked and filled (B-35: nobody must find it half made). By list the open then clears what is
 * not there yet, and what is copied afterwards is on no list. Stable kernels took that over, took it back, and took it over again.
 *
 * Source: kernel/fork.c (dup_mmap; 35e351780fa9 for the other order), mm/memory.c (vma_needs_copy, copy_page_range), Linux 5.8 to 6.10.
 * Left out: by list, that the copy is linked, where nobody looks; mappings that say they are not to be copied.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './vma-steps.ts'

export const fork = setup({
  types: {} as steps.VmaTypes,
  guards: {
    noneToOpen: steps.noneToOpen,
    opensFirst: steps.opensFirst,
    opensOther: steps.opensOther,
    opensWrapped: steps.opensWrapped,
    isByList: steps.isByList,
    isByInode: steps.isByInode,
  },
  actions: {
    beginFork: assign(steps.beginFork),
    downWriteParent: emit(steps.downWriteParent),
    downWrite: emit(steps.downWrite),
    list: emit(steps.list),
    copy: emit(steps.copy),
    keepChange: assign(steps.keepChange),
    holdFile: emit(steps.holdFile),
    lockToLink: emit(steps.lockToLink),
    link: emit(steps.link),
    unlockLinked: emit(steps.unlockLinked),
    holdEntries: emit(steps.holdEntries),
    readEntries: emit(steps.readEntries),
    fillEntries: emit(steps.fillEntries),
    tellOpen: emit(steps.tellOpen),
    zapOpened: emit(steps.zapOpened),
    nextToOpen: assign(steps.nextToOpen),
    upWrite: emit(steps.upWrite),
    upWriteParent: emit(steps.upWriteParent),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'fork',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'lockingParent', actions: 'beginFork' } } },
    lockingParent: { entry: 'downWriteParent', on: { LOCKED: 'locking' } },
    locking: { entry: 'downWrite', on: { LOCKED: 'listing' } },
    listing: { entry: 'list', on: { ANSWER: 'copying' } },
    copying: { entry: 'copy', on: { ANSWER: { target: 'opening', actions: 'keepChange' } } },

    opening: {
      always: [
        { guard: 'noneToOpen', target: 'unlocking' },
        { guard: 'opensOther', target: 'filling' },
        { guard: 'opensFirst', target: 'telling' },
        { target: 'holding' },
      ],
    },
    holding: {
      entry: 'holdFile',
      on: { ANSWER: [{ guard: 'isByInode', target: 'lockingToLink' }, { target: 'filling' }] },
    },
    lockingToLink: { entry: 'lockToLink', on: { LOCKED: 'linking' } },
    linking: { entry: 'link', on: { ANSWER: 'unlockingLinked' } },
    unlockingLinked: { entry: 'unlockLinked', on: { UNLOCKED: 'filling' } },

    filling: { entry: 'holdEntries', on: { ANSWER: 'reading' } },
    reading: { entry: 'readEntries', on: { ANSWER: 'writing' } },
    writing: {
      entry: 'fillEntries',
      on: {
        ANSWER: [
          { guard: 'opensOther', target: 'next' },
          { guard: 'opensFirst', target: 'next' },
          { target: 'telling' },
        ],
      },
    },

    telling: { always: [{ guard: 'opensWrapped', target: 'sharing' }, { target: 'shared' }] },
    sharing: { entry: 'tellOpen', on: { RETURN: 'shared' } },
    shared: { always: [{ guard: 'isByList', target: 'zapping' }, { target: 'told' }] },
    zapping: { entry: 'zapOpened', on: { ANSWER: 'told' } },
    told: { always: [{ guard: 'opensFirst', target: 'holding' }, { target: 'next' }] },
    next: { always: { target: 'opening', actions: 'nextToOpen' } },

    unlocking: { entry: 'upWrite', on: { UNLOCKED: 'unlockingParent' } },
    unlockingParent: { entry: 'upWriteParent', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
