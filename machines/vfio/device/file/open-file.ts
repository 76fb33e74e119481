/**
 * Opening a device (VFIO_GROUP_GET_DEVICE_FD): it gets a user, its container another one, and its memory is switched on.
 *
 * Source: Linux 5.15 vfio_group_get_device_fd, vfio_pci_open_device, vfio_pci_core_enable.
 * Left out: the group and its descriptor (device-file.ts says what of it matters here), the reset when a device is enabled;
 * memory_lock, which nobody can want of a device that is not open.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../../say.ts'

export interface OpenDeviceFileInput {
  readonly task: string
  readonly device: string
  readonly at: {
    readonly file: string
    /** container_users of the device's container. */
    readonly users: string
    readonly devSet: string
    readonly life: string
    readonly hardware: string
  }
}

type OpenDeviceFileContext = OpenDeviceFileInput & {
  readonly caller: string | null
  readonly process: string | null
  readonly ret: 0 | string
}

type OpenDeviceFileEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, device, at }: OpenDeviceFileInput): OpenDeviceFileContext => ({
  ...{ task, device, at },
  caller: null,
  process: null,
  ret: 0,
})

export const openDeviceFile = setup({
  types: {
    context: {} as OpenDeviceFileContext,
    events: {} as OpenDeviceFileEvent,
    emitted: {} as Said,
    input: {} as OpenDeviceFileInput,
  },
  guards: {
    failed: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process }
    }),
    openFile: emit(({ context: { at, task } }) => send(at.file, 'OPEN', { task })),
    addUser: emit(({ context: { at, task } }) => send(at.users, 'ADD_USER', { task })),
    fail: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret }
    }),
    getDevice: emit(({ context: { at, task } }) => send(at.life, 'GET', { task })),
    lock: emit(({ context: { at, task } }) => send(at.devSet, 'LOCK', { task })),
    countOpen: emit(({ context: { at, task } }) => send(at.life, 'OPENED', { task })),
    own: emit(({ context: { at, task, device, process } }) =>
      send(at.hardware, 'SET_OWNER', { task, device, owner: process }),
    ),
    enable: emit(({ context: { at, task, device } }) => send(at.hardware, 'SET_MEMORY', { task, device, on: true })),
    unlock: emit(({ context: { at, task } }) => send(at.devSet, 'UNLOCK', { task })),
    install: emit(({ context: { at, task, process } }) => send(at.file, 'INSTALL', { task, process })),
    giveUp: emit(({ context: { at, task } }) => send(at.file, 'RELEASED', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'openDeviceFile',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'opening file', actions: 'begin' } } },
    'opening file': {
      entry: 'openFile',
      on: {
        ANSWER: [{ guard: 'failed', target: 'idle', actions: ['fail', 'finish', 'reset'] }, { target: 'adding user' }],
      },
    },
    'adding user': {
      entry: 'addUser',
      on: {
        ANSWER: [{ guard: 'failed', target: 'giving up', actions: 'fail' }, { target: 'getting device' }],
      },
    },
    'getting device': { entry: 'getDevice', on: { ANSWER: 'locking' } },
    locking: { entry: 'lock', on: { LOCKED: 'counting' } },
    counting: { entry: 'countOpen', on: { ANSWER: 'owning' } },
    owning: { entry: 'own', on: { ANSWER: 'enabling' } },
    enabling: { entry: 'enable', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'installing' } },
    installing: { entry: 'install', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    'giving up': { entry: 'giveUp', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
