/**
 * What calls have in common that change the areas of a process: the words of their steps, and the states in which several do the same. Each chart says where
 * they stand in it, and what is its own.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './vma-steps.ts'

export const changing = setup({
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
})

/** Such an area is opened: its file is held, whoever wrapped its operations is told, and it is found by the file from then on. */
export const opened = {
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
} as const

/** Each area that was made by cutting another is opened as its copy. */
export const opening = {
  opening: {
    always: [
      { guard: 'noneToOpen', target: 'closing' },
      { guard: 'opensOther', actions: 'nextToOpen' },
      { target: 'holding' },
    ],
  },
  ...opened,
} as const

/** Each area that goes is closed, and its pages are taken out of the page table. */
export const closing = {
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
} as const

/** Files that nobody maps any more are let go of, without the lock. */
export const lettingGo = {
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
} as const
