/**
 * A write to COMMAND.MEMORY through a device's config space. Before memory goes, every processor's mapping is zapped; whoever
 * faults after that waits for memory_lock and finds memory off (SIGBUS). Without a zap the mappings stay, and an access is an
 * Unsupported Request: CVE-2020-12888 (B-30).
 *
 * The same for the power of the device: D3hot by its power management registers, and low power by VFIO_DEVICE_FEATURE. From 5.18 on it goes the
 * same way; before, the state is set and nothing else ("vfio/pci: Invalidate mmaps and block the access in D3hot power state").
 *
 * Source: Linux 5.15 vfio_basic_config_write, vfio_pci_zap_and_down_write_memory_lock; the files named in memory-steps.ts.
 * Left out: the rest of the config space; I/O space, which shares the path; that low power is entered once only.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './memory-steps.ts'

export const setMemory = setup({
  types: {} as steps.MemoryTypes,
  guards: {
    isCareless: steps.isCareless,
    isOn: steps.isOn,
    zapsByList: steps.zapsByList,
    zapsByInode: ({ context, event }) => !context.on && steps.zapsByInode({ context, event }),
    tellsOffFirst: steps.tellsOffFirst,
    tellsOffLocked: ({ context, event }) => !context.on && steps.tellsOffLocked({ context, event }),
    tellsOnLocked: steps.tellsOnLocked,
    tellsOnLast: steps.tellsOnLast,
  },
  actions: {
    begin: assign(steps.begin),
    tellOff: emit(steps.tellOff),
    zap: emit(steps.callZap),
    lock: emit(steps.lock),
    unlockVmas: emit(steps.unlockVmas),
    set: emit(steps.set),
    tellOn: emit(steps.tellOn),
    unlock: emit(steps.unlock),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'setMemory',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: {
      always: [
        { guard: 'isCareless', target: 'setting alone' },
        { guard: 'isOn', target: 'locking' },
        { guard: 'tellsOffFirst', target: 'telling first' },
        { target: 'clearing' },
      ],
    },
    'setting alone': { entry: 'set', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    'telling first': { entry: 'tellOff', on: { RETURN: 'clearing' } },
    clearing: { always: [{ guard: 'zapsByList', target: 'zapping list' }, { target: 'locking' }] },
    'zapping list': { entry: 'zap', on: { RETURN: 'locking under vmas' } },
    'locking under vmas': { entry: 'lock', on: { LOCKED: 'unlocking vmas' } },
    'unlocking vmas': { entry: 'unlockVmas', on: { UNLOCKED: 'locked' } },
    locking: { entry: 'lock', on: { LOCKED: [{ guard: 'zapsByInode', target: 'zapping' }, { target: 'locked' }] } },
    zapping: { entry: 'zap', on: { RETURN: 'locked' } },
    locked: { always: [{ guard: 'tellsOffLocked', target: 'telling off' }, { target: 'setting' }] },
    'telling off': { entry: 'tellOff', on: { RETURN: 'setting' } },
    setting: {
      entry: 'set',
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
