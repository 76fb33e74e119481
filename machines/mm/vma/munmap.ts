/**
 * munmap of a range of addresses: what reaches out of it is split first, and a part that is split off is opened like any copy; then
 * everything in the range is cleared, taken out of the inode and closed, with mmap_lock held for write. The files are let go afterwards,
 * and whoever lets go the last time releases the device.
 *
 * Source: mm/mmap.c (__do_munmap), Linux 5.8 to 6.10; vma-steps.ts says more.
 * Left out: arguments that make no sense.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './vma-steps.ts'

export const munmap = setup({
  types: {} as steps.VmaTypes,
  guards: {
    noneToOpen: steps.noneToOpen,
    opensOther: steps.opensOther,
    opensWrapped: steps.opensWrapped,
    noneToClose: steps.noneToClose,
    closesOther: steps.closesOther,
    closesWrapped: steps.closesWrapped,
    isByList: steps.isByList,
    isByInode: steps.isByInode,
    noFile: steps.noFile,
    wasLast: steps.wasLast,
  },
  actions: {
    begin: assign(steps.begin),
    downWrite: emit(steps.downWrite),
    cut: emit(steps.cut),
    keepChange: assign(steps.keepChange),

    holdFile: emit(steps.holdFile),
    tellOpen: emit(steps.tellOpen),
    zapOpened: emit(steps.zapOpened),
    lockToLink: emit(steps.lockToLink),
    link: emit(steps.link),
    unlockLinked: emit(steps.unlockLinked),
    nextToOpen: assign(steps.nextToOpen),

    clear: emit(steps.clear),
    lockToUnlink: emit(steps.lockToUnlink),
    unlink: emit(steps.unlink),
    unlockUnlinked: emit(steps.unlockUnlinked),
    lockToDrop: emit(steps.lockToDrop),
    drop: emit(steps.drop),
    unlockDropped: emit(steps.unlockDropped),
    tellClose: emit(steps.tellClose),
    nextToClose: assign(steps.nextToClose),

    upWrite: emit(steps.upWrite),
    conclude: assign(steps.conclude),
    letGo: emit(steps.letGo),
    release: emit(steps.release),
    nextFile: assign(steps.nextFile),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'munmap',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'downWrite', on: { LOCKED: 'cutting' } },
    cutting: { entry: 'cut', on: { ANSWER: { target: 'opening', actions: 'keepChange' } } },

    opening: {
      always: [
        { guard: 'noneToOpen', target: 'closing' },
        { guard: 'opensOther', actions: 'nextToOpen' },
        { target: 'holding' },
      ],
    },
    holding: {
      entry: 'holdFile',
      on: { ANSWER: [{ guard: 'opensWrapped', target: 'sharing' }, { target: 'shared' }] },
    },
    sharing: { entry: 'tellOpen', on: { RETURN: 'shared' } },
    shared: {
      always: [
        { guard: 'isByList', target: 'zapping' },
        { guard: 'isByInode', target: 'lockingToLink' },
        { target: 'opening', actions: 'nextToOpen' },
      ],
    },
    zapping: { entry: 'zapOpened', on: { ANSWER: { target: 'opening', actions: 'nextToOpen' } } },
    lockingToLink: { entry: 'lockToLink', on: { LOCKED: 'linking' } },
    linking: { entry: 'link', on: { ANSWER: 'unlockingLinked' } },
    unlockingLinked: { entry: 'unlockLinked', on: { UNLOCKED: { target: 'opening', actions: 'nextToOpen' } } },

    closing: { always: [{ guard: 'noneToClose', target: 'unlocking' }, { target: 'clearing' }] },
    clearing: {
      entry: 'clear',
      on: {
        ANSWER: [
          { guard: 'closesOther', target: 'closing', actions: 'nextToClose' },
          { guard: 'isByList', target: 'lockingToDrop' },
          { guard: 'isByInode', target: 'lockingToUnlink' },
          { target: 'closed' },
        ],
      },
    },
    lockingToUnlink: { entry: 'lockToUnlink', on: { LOCKED: 'unlinking' } },
    unlinking: { entry: 'unlink', on: { ANSWER: 'unlockingUnlinked' } },
    unlockingUnlinked: { entry: 'unlockUnlinked', on: { UNLOCKED: 'closed' } },
    lockingToDrop: { entry: 'lockToDrop', on: { LOCKED: 'dropping' } },
    dropping: { entry: 'drop', on: { ANSWER: 'unlockingDropped' } },
    unlockingDropped: { entry: 'unlockDropped', on: { UNLOCKED: 'closed' } },
    closed: {
      always: [
        { guard: 'closesWrapped', target: 'unsharing' },
        { target: 'closing', actions: 'nextToClose' },
      ],
    },
    unsharing: { entry: 'tellClose', on: { RETURN: { target: 'closing', actions: 'nextToClose' } } },

    unlocking: { entry: ['upWrite', 'conclude'], on: { UNLOCKED: 'putting' } },
    putting: {
      always: [{ guard: 'noFile', target: 'idle', actions: ['finish', 'reset'] }, { target: 'lettingGo' }],
    },
    lettingGo: {
      entry: 'letGo',
      on: {
        ANSWER: [
          { guard: 'wasLast', target: 'releasing' },
          { target: 'putting', actions: 'nextFile' },
        ],
      },
    },
    releasing: { entry: 'release', on: { RETURN: { target: 'putting', actions: 'nextFile' } } },
  },
})
