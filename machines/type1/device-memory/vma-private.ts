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
import { assign, emit, setup } from 'xstate'
import * as base from './base-steps.ts'
import * as structs from './private-steps.ts'
import * as steps from './steps.ts'

const callback = 'vfio_device_nb_cb'
const unregister = 'unregister_device_bg'

export const vmaPrivate = setup({
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
    takesNoPartAndIsStrict: structs.takesNoPartAndIsStrict,
    takesNoPart: structs.takesNoPart,
    isDoneInCallback: steps.isDoneInCallback,
    isDone: steps.isDone,
    isNotListed: steps.isNotListed,
    isQueuedTwice: steps.isQueuedTwice,
    isEnd: steps.isEnd,
    isGone: steps.isGone,
    queues: steps.queues,
    allocates: structs.allocates,
    drops: structs.drops,
    wraps: structs.wraps,
    opens: structs.opens,
    closes: structs.closes,
    isUnused: structs.isUnused,
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
    noSuchDevice: assign(steps.noSuchDevice),
    readPrivate: emit(structs.read),
    computePfn: assign(base.computePfn),
    describe: assign(structs.describe),
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

    allocatePrivate: emit(structs.allocate),
    finishMmap: emit(structs.finishMmap),
    wrap: emit(structs.wrap),
    getPrivate: emit(structs.get),
    putPrivate: emit(structs.put),
    freePrivate: emit(structs.free),

    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'vmaPrivate',
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
    unlinking: { entry: 'unlink', on: { ANSWER: 'queueing' } },
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
