/**
 * What the protocols have in common that hang a pfnmap on a mapping and are told of the device's release (device-notifier.ts, vma-ops.ts, vma-private.ts,
 * vma-to-pfn.ts): the words of their steps, and the states in which all of them, or all but one, do the same. Each chart says where they stand in it,
 * and what is its own.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

const callback = 'vfio_device_nb_cb'
const unregister = 'unregister_device_bg'

export const notified = setup({
  types: {} as steps.ProtocolTypes,
  guards: {
    getsPfn: steps.getsPfn,
    forgets: steps.forgets,
    works: steps.works,
    tells: steps.tells,
    isUnprotected: steps.isUnprotected,
    isWorking: steps.isWorking,
    isRwsem: steps.isRwsem,
    isSrcu: steps.isSrcu,
    isBackground: steps.isBackground,
    holdsIommu: steps.holdsIommu,
    changesPermissions: steps.changesPermissions,
    failed: steps.failed,
    isNowhere: steps.isNowhere,
    hasNoPteAgain: steps.hasNoPteAgain,
    hasNoPte: steps.hasNoPte,
    isCovered: steps.isCovered,
    isDoneInCallback: steps.isDoneInCallback,
    isDone: steps.isDone,
    isNotListed: steps.isNotListed,
    isQueuedTwice: steps.isQueuedTwice,
    isEnd: steps.isEnd,
    queues: steps.queues,
  },
  actions: {
    begin: assign(steps.begin),
    pointAll: assign(steps.pointAll),
    pointWork: assign(steps.pointWork),
    lockMm: emit(steps.lockMm),
    unlockMm: emit(steps.unlockMm),
    findVma: emit(steps.findVma),
    keepVma: assign(steps.keepVma),
    readPte: emit(steps.readPte),
    keepPfn: assign(steps.keepPfn),
    fault: emit(steps.fault),
    noteFault: assign(steps.noteFault),
    noSuchPage: assign(steps.noSuchPage),
    readDma: emit(steps.readDma),
    keepDma: assign(steps.keepDma),
    getDevice: emit(steps.getDevice),
    allocate: emit(steps.allocate),
    keepPfnmap: assign(steps.keepPfnmap),
    addUser: emit(steps.addUser),
    keepRet: assign(steps.keepRet),
    getIommu: emit(steps.getIommu),
    lockChain: emit(steps.lockChain),
    addBlock: emit(steps.addBlock),
    unlockChain: emit(steps.unlockChain),
    link: emit(steps.link),
    forgetLookup: assign(steps.forgetLookup),
    finishPfn: emit(steps.finishPfn),
    readPfnmap: emit(steps.readPfnmap(unregister)),
    keepFields: assign(steps.keepFields),
    deleteBlock: emit(steps.deleteBlock),
    doubleUnregister: emit(steps.doubleUnregister),
    willUnregisterTwice: emit(steps.willUnregisterTwice),
    synchronize: emit(steps.synchronize),
    dropUser: emit(steps.dropUser),
    putDevice: emit(steps.putDevice),
    putIommu: emit(steps.putIommu),
    free: emit(steps.free(unregister)),
    unlink: emit(steps.unlink),
    queue: emit(steps.queue),
    dropFirst: assign(steps.dropFirst),
    enterChain: emit(steps.enterChain),
    next: emit(steps.next),
    point: assign(steps.point),
    readCalledBack: emit(steps.readCalledBack(callback)),
    lockIommu: emit(steps.lockIommu),
    allow: emit(steps.allow),
    unlinkCalledBack: emit(steps.unlinkCalledBack),
    unmap: emit(steps.unmap),
    pointOthers: assign(steps.pointOthers),
    remove: emit(steps.remove),
    unlockIommu: emit(steps.unlockIommu),
    forgetCallback: assign(steps.forgetCallback),
    queueCalledBack: emit(steps.queueCalledBack),
    leaveChain: emit(steps.leaveChain),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
})

/** What all of them are called for. */
export const calls = [
  { guard: 'getsPfn', target: 'locking mm', actions: 'begin' },
  { guard: 'forgets', target: 'forgetting', actions: ['begin', 'pointAll'] },
  { guard: 'works', target: 'unregistering', actions: ['begin', 'pointWork'] },
  { guard: 'tells', target: 'telling', actions: 'begin' },
] as const

export const idle = { idle: { on: { CALL: [...calls, { actions: ['begin', 'finish', 'reset'] }] } } } as const

/** A page that has no entry yet is faulted in, as the kernel does for the user. */
const faulting = {
  faulting: {
    entry: 'fault',
    on: {
      RETURN: [
        { guard: 'failed', target: 'unlocking mm', actions: 'noSuchPage' },
        { target: 'reading pte', actions: 'noteFault' },
      ],
    },
  },
} as const

/** Whose an address is. */
export const findingVma = {
  'locking mm': { entry: 'lockMm', on: { LOCKED: 'finding vma' } },
  'finding vma': {
    entry: 'findVma',
    on: {
      ANSWER: [
        { guard: 'isNowhere', target: 'unlocking mm', actions: 'noSuchPage' },
        { target: 'reading pte', actions: 'keepVma' },
      ],
    },
  },
} as const

/** The page table says which page it is, and this comes next. */
export const readingPte = <Next extends string>(next: Next) =>
  ({
    'reading pte': {
      entry: 'readPte',
      on: {
        ANSWER: [
          { guard: 'hasNoPteAgain', target: 'unlocking mm', actions: 'noSuchPage' },
          { guard: 'hasNoPte', target: 'faulting' },
          { target: next, actions: 'keepPfn' },
        ],
      },
    },
    ...faulting,
  }) as const

/** A pfnmap for a device: allocated, a user of the container, on the chain of the device, and linked to its mapping. */
export const adding = {
  'getting device': { entry: 'getDevice', on: { ANSWER: 'allocating' } },
  allocating: { entry: 'allocate', on: { ANSWER: { target: 'adding user', actions: 'keepPfnmap' } } },
  'adding user': {
    entry: 'addUser',
    on: {
      ANSWER: [
        { guard: 'failed', target: 'freeing new', actions: 'keepRet' },
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
    on: { ADDED: [{ guard: 'isRwsem', target: 'unlocking chain with new' }, { target: 'linking' }] },
  },
  'unlocking chain with new': { entry: 'unlockChain', on: { UNLOCKED: 'linking' } },
  linking: { entry: 'link', on: { ANSWER: 'unlocking mm' } },
  'freeing new': { entry: 'free', on: { ANSWER: 'putting device of new' } },
  'putting device of new': { entry: 'putDevice', on: { ANSWER: 'unlocking mm' } },
} as const

/** Back to whoever has asked for the pfn. */
export const unlockingMm = {
  'unlocking mm': {
    entry: ['unlockMm', 'forgetLookup'],
    on: { UNLOCKED: { target: 'idle', actions: ['finishPfn', 'reset'] } },
  },
} as const

/** Under iommu->lock: the pfnmaps of a mapping that goes are unregistered here, or left to a kworker. */
export const forgetting = {
  forgetting: {
    always: [
      { guard: 'isDoneInCallback', target: 'removing' },
      { guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] },
      { guard: 'isBackground', target: 'unlinking' },
      { target: 'unregistering' },
    ],
  },
  unlinking: { entry: 'unlink', on: { ANSWER: 'queueing' } },
  queueing: { entry: 'queue', on: { QUEUED: { target: 'forgetting', actions: 'dropFirst' } } },
} as const

/** Here, and under iommu->lock, or working for somebody who left it to a kworker. */
export const unregistering = {
  unregistering: {
    entry: 'readPfnmap',
    on: {
      ANSWER: [
        { guard: 'isRwsem', target: 'locking chain', actions: 'keepFields' },
        { target: 'deleting', actions: 'keepFields' },
      ],
    },
  },
  'locking chain': { entry: 'lockChain', on: { LOCKED: 'deleting' } },
  deleting: {
    entry: 'deleteBlock',
    on: {
      DELETED: [{ guard: 'isNotListed', target: 'deleted', actions: 'doubleUnregister' }, { target: 'deleted' }],
    },
  },
  deleted: {
    always: [
      { guard: 'isRwsem', target: 'unlocking chain' },
      { guard: 'isSrcu', target: 'synchronizing' },
      { target: 'dropping user' },
    ],
  },
  'unlocking chain': { entry: 'unlockChain', on: { UNLOCKED: 'dropping user' } },
  synchronizing: { entry: 'synchronize', on: { SYNCHRONIZED: 'dropping user' } },
} as const

/** Of what the pfnmap held: the user, the device, the IOMMU; and of the pfnmap itself. */
export const lettingGo = {
  'dropping user': { entry: 'dropUser', on: { RETURN: 'putting device' } },
  'putting device': {
    entry: 'putDevice',
    on: { ANSWER: [{ guard: 'holdsIommu', target: 'letting go of iommu' }, { target: 'freeing' }] },
  },
  'letting go of iommu': {
    always: [{ guard: 'isWorking', target: 'locking iommu to put' }, { target: 'putting iommu' }],
  },
  'locking iommu to put': { entry: 'lockIommu', on: { LOCKED: 'putting iommu' } },
  'putting iommu': {
    entry: 'putIommu',
    on: { ANSWER: [{ guard: 'isWorking', target: 'unlocking iommu to free' }, { target: 'freeing' }] },
  },
  'unlocking iommu to free': { entry: 'unlockIommu', on: { UNLOCKED: 'freeing' } },
  freeing: {
    entry: 'free',
    on: {
      ANSWER: [
        { guard: 'isWorking', target: 'idle', actions: ['finish', 'reset'] },
        { target: 'forgetting', actions: 'dropFirst' },
      ],
    },
  },
} as const

/** The chain of the device, and in it the callback of type1, which takes iommu->lock itself. */
export const telling = {
  telling: { always: [{ guard: 'isUnprotected', target: 'walking' }, { target: 'entering chain' }] },
  'entering chain': { entry: 'enterChain', on: { LOCKED: 'walking' } },
  walking: {
    entry: 'next',
    on: {
      NB: [
        { guard: 'isEnd', target: 'told' },
        { target: 'calling back', actions: 'point' },
      ],
    },
  },
  'calling back': { entry: 'readCalledBack', on: { ANSWER: { target: 'locking iommu', actions: 'keepFields' } } },
} as const

/** The mapping that the pfnmap is of by now, if there is one. */
export const findingDma = {
  'locking iommu': { entry: 'lockIommu', on: { LOCKED: 'finding dma' } },
  'finding dma': {
    entry: 'findByPfnmap',
    on: {
      ANSWER: [
        { guard: 'isGone', target: 'unlocking iommu' },
        { guard: 'changesPermissions', target: 'changing permissions', actions: 'keepDma' },
        { target: 'taking pfnmap', actions: 'keepDma' },
      ],
    },
  },
  'changing permissions': { entry: 'allow', on: { ANSWER: 'unlocking iommu' } },
  'taking pfnmap': { entry: 'unlinkCalledBack', on: { ANSWER: 'unmapping' } },
} as const

/** What was found goes; then the next on the chain is told. */
export const unmapping = {
  unmapping: { entry: 'unmap', on: { ANSWER: { target: 'forgetting', actions: 'pointOthers' } } },
  removing: { entry: 'remove', on: { REMOVED: 'unlocking iommu' } },
  'unlocking iommu': {
    entry: 'unlockIommu',
    on: {
      UNLOCKED: [
        { guard: 'queues', target: 'preparing work' },
        { target: 'walking', actions: 'forgetCallback' },
      ],
    },
  },
  'preparing work': { entry: 'readCalledBack', on: { ANSWER: 'queueing own' } },
  'queueing own': {
    entry: 'queueCalledBack',
    on: {
      QUEUED: [
        { guard: 'isQueuedTwice', target: 'walking', actions: ['willUnregisterTwice', 'forgetCallback'] },
        { target: 'walking', actions: 'forgetCallback' },
      ],
    },
  },
  told: {
    always: [{ guard: 'isUnprotected', target: 'idle', actions: ['finish', 'reset'] }, { target: 'leaving chain' }],
  },
  'leaving chain': { entry: 'leaveChain', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
} as const
