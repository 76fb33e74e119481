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
import { assign, emit, setup } from 'xstate'
import * as base from './base-steps.ts'
import * as steps from './steps.ts'

const callback = 'vfio_device_nb_cb'
const unregister = 'unregister_device_bg'

export const vmaToPfn = setup({
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
    hasBaseOfFirst: base.hasBaseOfFirst,
    isForeignAndStrict: steps.isForeignAndStrict,
    isForeign: steps.isForeign,
    isDoneInCallback: steps.isDoneInCallback,
    isDone: steps.isDone,
    isNotListed: steps.isNotListed,
    isQueuedTwice: steps.isQueuedTwice,
    isEnd: steps.isEnd,
    isUnlinked: base.isUnlinked,
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
    noOperation: assign(base.noOperation),
    readBase: emit(base.readBase('vaddr_get_pfn')),
    computeFromFirst: assign(base.computeFromFirst),
    computePfn: assign(base.computePfn),
    describe: assign(base.describe),
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
    clearLink: emit(base.clearLink('vfio_remove_dma')),
    queue: emit(steps.queue),
    dropFirst: assign(steps.dropFirst),

    enterChain: emit(steps.enterChain),
    next: emit(steps.next),
    point: assign(steps.point),
    readCalledBack: emit(steps.readCalledBack(callback)),
    lockIommu: emit(steps.lockIommu),
    touchIommu: emit(base.touchIommu(callback)),
    followLink: emit(base.followLink(callback)),
    allow: emit(steps.allow),
    unlinkCalledBack: emit(steps.unlinkCalledBack),
    clearLinkOfCalledBack: emit(base.clearLinkOfCalledBack(callback)),
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
}).createMachine({
  id: 'vmaToPfn',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'getsPfn', target: 'locking mm', actions: 'begin' },
          { guard: 'forgets', target: 'forgetting', actions: ['begin', 'pointAll'] },
          { guard: 'works', target: 'unregistering', actions: ['begin', 'pointWork'] },
          { guard: 'tells', target: 'telling', actions: 'begin' },
          { actions: ['begin', 'finish', 'reset'] },
        ],
      },
    },

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
    'reading pte': {
      entry: 'readPte',
      on: {
        ANSWER: [
          { guard: 'hasNoPteAgain', target: 'unlocking mm', actions: 'noSuchPage' },
          { guard: 'hasNoPte', target: 'faulting' },
          { target: 'unlocking mm', actions: 'keepPfn' },
        ],
      },
    },
    faulting: {
      entry: 'fault',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unlocking mm', actions: 'noSuchPage' },
          { target: 'reading pte', actions: 'noteFault' },
        ],
      },
    },
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
    'unlocking mm': {
      entry: ['unlockMm', 'forgetLookup'],
      on: { UNLOCKED: { target: 'idle', actions: ['finishPfn', 'reset'] } },
    },

    // Forgetting, under iommu->lock: the pfnmaps of a mapping that goes are unregistered here, or left to a kworker.
    forgetting: {
      always: [
        { guard: 'isDoneInCallback', target: 'removing' },
        { guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isBackground', target: 'unlinking' },
        { target: 'unregistering' },
      ],
    },
    unlinking: { entry: 'unlink', on: { ANSWER: 'clearing' } },
    clearing: { entry: 'clearLink', on: { ANSWER: 'queueing' } },
    queueing: { entry: 'queue', on: { QUEUED: { target: 'forgetting', actions: 'dropFirst' } } },

    // Unregistering: here, and under iommu->lock, or working for somebody who left it to a kworker.
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

    // Telling: the chain of the device, and in it the callback of type1, which takes iommu->lock itself.
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
  },
})
