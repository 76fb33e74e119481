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
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

const callback = 'vfio_vma_nb_cb'
const unregister = 'vfio_unregister_vma_nb'

export const vmaOps = setup({
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
    isUnknownAndStrict: steps.isUnknownAndStrict,
    isUnknown: steps.isUnknown,
    isDoneInCallback: steps.isDoneInCallback,
    isDone: steps.isDone,
    isNotListed: steps.isNotListed,
    isQueuedTwice: steps.isQueuedTwice,
    isEnd: steps.isEnd,
    isGone: steps.isGone,
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
    lockOps: emit(steps.lockOps),
    lookUpOps: emit(steps.lookUpOps),
    lookUpOpsAgain: emit(steps.lookUpOpsAgain),
    unlockOps: emit(steps.unlockOps),
    noSuchDevice: assign(steps.noSuchDevice),
    describe: assign(steps.describe),
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
    findByPfnmap: emit(steps.findByPfnmap),
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
}).createMachine({
  id: 'vmaOps',
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

    // Getting a pfn, under iommu->lock: what the page table says, and a pfnmap for whatever device that is.
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
    'reading pte': {
      entry: 'readPte',
      on: {
        ANSWER: [
          { guard: 'hasNoPteAgain', target: 'unlocking mm', actions: 'noSuchPage' },
          { guard: 'hasNoPte', target: 'faulting' },
          { target: 'looking for pfnmap', actions: 'keepPfn' },
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
    unlinking: { entry: 'unlink', on: { ANSWER: 'queueing' } },
    queueing: { entry: 'queue', on: { QUEUED: { target: 'forgetting', actions: 'dropFirst' } } },

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
