/**
 * VFIO_DEVICE_PCI_HOT_RESET of a set of devices: the bus is reset with the memory_lock of all of them held. Since that is
 * "prone to deadlock", all of it but the lock of the set is only tried: whoever meets a lock that is taken gives back what he
 * has and says -EBUSY. The other form waits for each lock instead, and so holds one device's vma_lock while it wants the
 * mmap_lock of somebody who faults and wants that vma_lock (B-33).
 *
 * By list, all vmas are zapped first (which leaves every vma_lock held), then one memory_lock after the other is taken and its
 * vma_lock dropped. By inode, each device is zapped as soon as its memory_lock is held. The IOMMU side is told of each device
 * as soon as its memory_lock is held, before the next one is tried, and of memory that is on before that lock is given back. So
 * one that says -EBUSY has told of devices that were never reset, and only who is told of returns (revoke) hears that they are
 * still there. Told outside the locks, that holds for all devices.
 *
 * Source: Linux 5.15 vfio_pci_ioctl (VFIO_DEVICE_PCI_HOT_RESET); 6.10 vfio_pci_dev_set_hot_reset for the inode; 6.19 for what
 * dma-bufs are told.
 * Left out: whether the caller owns the whole set (hot-reset.ts of the small Linux), a bus that cannot be reset.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Form } from '../../type1/device-memory/forms.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface HotResetSetInput extends Pick<Form, 'zap' | 'memory' | 'tellsMemory'> {
  readonly task: string
  readonly at: {
    /** dev_set->lock. */
    readonly devSet: string
    readonly devices: Readonly<
      Record<string, { readonly memoryLock: string; readonly zap?: string; readonly vmaLock?: string }>
    >
    readonly protocol?: string
    readonly hardware: string
  }
  readonly tries?: boolean
}

type HotResetSetContext = Required<HotResetSetInput> & {
  readonly caller: string | null
  /** In the order in which the set has them. */
  readonly devices: readonly string[]
  /** Told outside the locks: so many of them have been, in the round that goes on. */
  readonly told: number
  /** So many of them were zapped by list: their vma_lock is held, except where memory_lock is. */
  readonly zapped: number
  /** Of so many memory_lock is held. */
  readonly locked: number
  /** Those whose memory was on. */
  readonly on: readonly string[]
  readonly ret: 0 | '-EBUSY'
}

type HotResetSetEvent =
  | (Heard & { readonly type: 'CALL'; readonly devices: readonly string[] })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string })
  /** To IS_ON a truth, to RESET a list. */
  | (Heard & { readonly type: 'ANSWER'; readonly on?: boolean | readonly string[] })
  | (Heard & { readonly type: 'LOCKED' | 'BUSY' | 'UNLOCKED' })

const start = ({ task, at, zap, memory, tellsMemory, tries = true }: HotResetSetInput): HotResetSetContext => ({
  ...{ task, at, zap, memory, tellsMemory, tries },
  caller: null,
  devices: [],
  told: 0,
  zapped: 0,
  locked: 0,
  on: [],
  ret: 0,
})

/** The device whose memory_lock was taken last. */
const newest = ({ devices, locked }: HotResetSetContext): string => devices[locked - 1]!
const locksOf = ({ at, devices }: HotResetSetContext, index: number) => at.devices[devices[index]!]!
const isUnderLock = ({ tellsMemory }: HotResetSetContext): boolean => tellsMemory === 'under-memory-lock'
const tell = ({ at, task }: HotResetSetContext, device: string, on: boolean) =>
  send(at.protocol!, 'CALL', { task, do: 'MEMORY', device, on })

export const hotResetSet = setup({
  types: {
    context: {} as HotResetSetContext,
    events: {} as HotResetSetEvent,
    emitted: {} as Said,
    input: {} as HotResetSetInput,
  },
  guards: {
    tellsFirst: ({ context }) => context.memory !== 'keep' && !isUnderLock(context),
    tellsLocked: ({ context }) => context.memory !== 'keep' && isUnderLock(context),
    tellsReturn: ({ context }) => context.memory === 'revoke' && isUnderLock(context),
    tellsLast: ({ context }) => context.memory === 'revoke' && !isUnderLock(context),
    isEveryoneTold: ({ context }) => context.told === context.devices.length,
    isOn: ({ event }) => event.type === 'ANSWER' && event.on === true,
    zapsByList: ({ context }) => context.zap === 'by-list',
    zapsByInode: ({ context }) => context.zap === 'by-inode',
    isZapped: ({ context }) => context.zapped === context.devices.length,
    isBusy: ({ event }) => event.type === 'RETURN' && event.ret === '-EBUSY',
    isLocked: ({ context }) => context.locked === context.devices.length,
    holdsVmas: ({ context }) => context.zapped > context.locked,
    holdsMemory: ({ context }) => context.locked > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, devices: event.devices }
    }),
    lockSet: emit(({ context: { at, task } }) => send(at.devSet, 'LOCK', { task })),
    unlockSet: emit(({ context: { at, task } }) => send(at.devSet, 'UNLOCK', { task })),

    tellOff: emit(({ context }) => tell(context, context.devices[context.told]!, false)),
    tellLocked: emit(({ context }) => tell(context, newest(context), false)),
    askLocked: emit(({ context }) =>
      send(context.at.hardware, 'IS_ON', { task: context.task, device: newest(context) }),
    ),
    tellReturn: emit(({ context }) => tell(context, newest(context), true)),
    askOn: emit(({ context: { at, task, devices, told } }) =>
      send(at.hardware, 'IS_ON', { task, device: devices[told] }),
    ),
    tellOn: emit(({ context }) => tell(context, context.devices[context.told]!, true)),
    countTold: assign({ told: ({ context }) => context.told + 1 }),
    beginRound: assign({ told: 0 }),

    zapNext: emit(({ context }) =>
      send(locksOf(context, context.zapped).zap!, 'CALL', { task: context.task, try: context.tries }),
    ),
    countZapped: assign({ zapped: ({ context }) => context.zapped + 1 }),
    lockNext: emit(({ context }) => {
      const { task, tries, locked } = context
      return send(locksOf(context, locked).memoryLock, tries ? 'TRY_WRITE' : 'DOWN_WRITE', { task })
    }),
    countLocked: assign({ locked: ({ context }) => context.locked + 1 }),
    /** Of the device whose memory_lock was taken last. */
    unlockVmas: emit(({ context }) =>
      send(locksOf(context, context.locked - 1).vmaLock!, 'UNLOCK', { task: context.task }),
    ),
    zapLocked: emit(({ context }) =>
      send(locksOf(context, context.locked - 1).zap!, 'CALL', { task: context.task, try: context.tries }),
    ),
    busy: assign({ ret: '-EBUSY' }),

    resetBus: emit(({ context: { at, task, devices } }) => send(at.hardware, 'RESET', { task, devices })),
    save: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { on: event.on as readonly string[] }
    }),
    restore: emit(({ context: { at, task, on } }) => send(at.hardware, 'RESTORE', { task, devices: on })),

    giveVmasBack: emit(({ context }) =>
      send(locksOf(context, context.zapped - 1).vmaLock!, 'UNLOCK', { task: context.task }),
    ),
    uncountZapped: assign({ zapped: ({ context }) => context.zapped - 1 }),
    giveMemoryBack: emit(({ context }) =>
      send(locksOf(context, context.locked - 1).memoryLock, 'UP_WRITE', { task: context.task }),
    ),
    uncountLocked: assign({ locked: ({ context }) => context.locked - 1 }),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'hotResetSet',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: { always: [{ guard: 'tellsFirst', target: 'first round' }, { target: 'locking set' }] },
    'first round': { always: [{ guard: 'isEveryoneTold', target: 'locking set' }, { target: 'telling first' }] },
    'telling first': { entry: 'tellOff', on: { RETURN: { target: 'first round', actions: 'countTold' } } },

    'locking set': {
      entry: ['lockSet', 'beginRound'],
      on: { LOCKED: [{ guard: 'zapsByList', target: 'clearing' }, { target: 'gathering' }] },
    },
    clearing: { always: [{ guard: 'isZapped', target: 'gathering' }, { target: 'zapping list' }] },
    'zapping list': {
      entry: 'zapNext',
      on: {
        RETURN: [
          { guard: 'isBusy', target: 'giving back', actions: 'busy' },
          { target: 'clearing', actions: 'countZapped' },
        ],
      },
    },
    gathering: { always: [{ guard: 'isLocked', target: 'resetting' }, { target: 'locking memory' }] },
    'locking memory': {
      entry: 'lockNext',
      on: {
        LOCKED: [
          { guard: 'zapsByList', target: 'unlocking vmas', actions: 'countLocked' },
          { target: 'locked', actions: 'countLocked' },
        ],
        BUSY: { target: 'giving back', actions: 'busy' },
      },
    },
    'unlocking vmas': { entry: 'unlockVmas', on: { UNLOCKED: 'locked' } },
    locked: { always: [{ guard: 'tellsLocked', target: 'telling off' }, { target: 'told off' }] },
    'telling off': { entry: 'tellLocked', on: { RETURN: 'told off' } },
    'told off': { always: [{ guard: 'zapsByInode', target: 'zapping' }, { target: 'gathering' }] },
    zapping: { entry: 'zapLocked', on: { RETURN: 'gathering' } },

    resetting: { entry: 'resetBus', on: { ANSWER: { target: 'restoring', actions: 'save' } } },
    restoring: { entry: 'restore', on: { ANSWER: 'giving back' } },

    'giving back': {
      always: [{ guard: 'holdsVmas', target: 'giving vmas back' }, { target: 'giving memory back' }],
    },
    'giving vmas back': {
      entry: 'giveVmasBack',
      on: { UNLOCKED: { target: 'giving back', actions: 'uncountZapped' } },
    },
    'giving memory back': {
      always: [{ guard: 'holdsMemory', target: 'leaving' }, { target: 'unlocking set' }],
    },
    leaving: { always: [{ guard: 'tellsReturn', target: 'looking' }, { target: 'unlocking memory' }] },
    looking: {
      entry: 'askLocked',
      on: { ANSWER: [{ guard: 'isOn', target: 'telling return' }, { target: 'unlocking memory' }] },
    },
    'telling return': { entry: 'tellReturn', on: { RETURN: 'unlocking memory' } },
    'unlocking memory': {
      entry: 'giveMemoryBack',
      on: { UNLOCKED: { target: 'giving memory back', actions: 'uncountLocked' } },
    },
    'unlocking set': {
      entry: 'unlockSet',
      on: {
        UNLOCKED: [
          { guard: 'tellsLast', target: 'last round' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'last round': {
      always: [{ guard: 'isEveryoneTold', target: 'idle', actions: ['finish', 'reset'] }, { target: 'asking' }],
    },
    asking: {
      entry: 'askOn',
      on: {
        ANSWER: [
          { guard: 'isOn', target: 'telling last' },
          { target: 'last round', actions: 'countTold' },
        ],
      },
    },
    'telling last': { entry: 'tellOn', on: { RETURN: { target: 'last round', actions: 'countTold' } } },
  },
})
