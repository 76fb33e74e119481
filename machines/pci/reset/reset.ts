/**
 * VFIO_DEVICE_RESET: the function is reset while nobody can get at its memory, which is off meanwhile, and what its config
 * space said is written back. The IOMMU is another matter: a DMA that comes during the reset meets memory that is off (B-14),
 * unless the protocol was told.
 *
 * Source: Linux 5.15 vfio_pci_ioctl (VFIO_DEVICE_RESET), pci_try_reset_function; the files named in memory-steps.ts.
 * Left out: a function that cannot be reset (-EINVAL), the device lock that pci_try_reset_function tries (-EAGAIN), how long a
 * reset takes.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from '../memory/memory-steps.ts'

export const deviceReset = setup({
  types: {} as steps.MemoryTypes,
  guards: {
    isOn: steps.isOn,
    zapsByList: steps.zapsByList,
    zapsByInode: steps.zapsByInode,
    tellsOffFirst: steps.tellsOffFirst,
    tellsOffLocked: steps.tellsOffLocked,
    tellsOnLocked: steps.tellsOnLocked,
    tellsOnLast: steps.tellsOnLast,
  },
  actions: {
    begin: assign(steps.begin),
    tellOff: emit(steps.tellOff),
    zap: emit(steps.callZap),
    lock: emit(steps.lock),
    unlockVmas: emit(steps.unlockVmas),
    resetDevice: emit(steps.resetDevice),
    save: assign(steps.save),
    restore: emit(steps.restore),
    tellOn: emit(steps.tellOn),
    unlock: emit(steps.unlock),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'deviceReset',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: { always: [{ guard: 'tellsOffFirst', target: 'telling first' }, { target: 'clearing' }] },
    'telling first': { entry: 'tellOff', on: { RETURN: 'clearing' } },
    clearing: { always: [{ guard: 'zapsByList', target: 'zapping list' }, { target: 'locking' }] },
    'zapping list': { entry: 'zap', on: { RETURN: 'locking under vmas' } },
    'locking under vmas': { entry: 'lock', on: { LOCKED: 'unlocking vmas' } },
    'unlocking vmas': { entry: 'unlockVmas', on: { UNLOCKED: 'locked' } },
    locking: { entry: 'lock', on: { LOCKED: [{ guard: 'zapsByInode', target: 'zapping' }, { target: 'locked' }] } },
    zapping: { entry: 'zap', on: { RETURN: 'locked' } },
    locked: { always: [{ guard: 'tellsOffLocked', target: 'telling off' }, { target: 'resetting' }] },
    'telling off': { entry: 'tellOff', on: { RETURN: 'resetting' } },
    resetting: { entry: 'resetDevice', on: { ANSWER: { target: 'reset done', actions: 'save' } } },
    'reset done': { always: [{ guard: 'isOn', target: 'restoring' }, { target: 'unlocking' }] },
    restoring: {
      entry: 'restore',
      on: { ANSWER: [{ guard: 'tellsOnLocked', target: 'telling on' }, { target: 'unlocking' }] },
    },
    'telling on': { entry: 'tellOn', on: { RETURN: 'unlocking' } },
    unlocking: {
      entry: 'unlock',
      on: {
        UNLOCKED: [
          { guard: 'tellsOnLast', target: 'telling last' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'telling last': { entry: 'tellOn', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
