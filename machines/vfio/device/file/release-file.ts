/**
 * What happens with the last reference on a device's file: the protocol is told, the memory is switched off for the reset and
 * restored to what it was before the device was opened, which is on (so it was observed on Linux 6.1), the protocol is told that
 * the device is disabled, and the device gives back its user of the container, its reference and, last, itself: after that
 * somebody else may open it. A DMA that reaches it from then on is answered, by a device that is nobody's or a stranger's (B-13).
 *
 * The protocol is told with dev_set->lock held, which is where the series of 2021 notify (reflck->lock in their day) and where
 * vfio-pci cleans up its dma-bufs. v1 sends its close notification from here, too: its patch 2/3 was not read, and munmap,
 * under mmap_lock, would be a worse place.
 *
 * Source: Linux 5.15 vfio_device_fops_release, vfio_pci_close_device; "[RFC PATCH 07/10] vfio/pci: Notify on device release";
 * vfio-pci of 6.19 (vfio_pci_dma_buf_cleanup, on either side of the disable: B-37).
 * Left out: the reset itself, and everything else that vfio_pci_core_disable gives back.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../../say.ts'

export interface ReleaseDeviceFileInput {
  readonly task: string
  readonly device: string
  readonly at: {
    readonly devSet: string
    readonly life: string
    /** The protocol, as this task runs it. */
    readonly protocol: string
    readonly hardware: string
    /** Gives a user of the device's container back (close-container.ts). */
    readonly closeContainer: string
    readonly file: string
  }
}

type ReleaseDeviceFileContext = ReleaseDeviceFileInput & { readonly caller: string | null }

type ReleaseDeviceFileEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly last?: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, device, at }: ReleaseDeviceFileInput): ReleaseDeviceFileContext => ({
  ...{ task, device, at },
  caller: null,
})

export const releaseDeviceFile = setup({
  types: {
    context: {} as ReleaseDeviceFileContext,
    events: {} as ReleaseDeviceFileEvent,
    emitted: {} as Said,
    input: {} as ReleaseDeviceFileInput,
  },
  guards: {
    isLast: ({ event }) => {
      assertEvent(event, 'ANSWER')
      return event.last === true
    },
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { at, task } }) => send(at.devSet, 'LOCK', { task })),
    countClose: emit(({ context: { at, task } }) => send(at.life, 'CLOSED', { task })),
    tellRelease: emit(({ context: { at, task, device } }) =>
      send(at.protocol, 'CALL', { task, do: 'RELEASE', device }),
    ),
    restore: emit(({ context: { at, task, device } }) => send(at.hardware, 'SET_MEMORY', { task, device, on: true })),
    disable: emit(({ context: { at, task, device } }) => send(at.hardware, 'SET_MEMORY', { task, device, on: false })),
    tellDisabled: emit(({ context: { at, task, device } }) =>
      send(at.protocol, 'CALL', { task, do: 'DISABLED', device }),
    ),
    unlock: emit(({ context: { at, task } }) => send(at.devSet, 'UNLOCK', { task })),
    dropUser: emit(({ context: { at, task } }) => send(at.closeContainer, 'CALL', { task })),
    putDevice: emit(({ context: { at, task } }) => send(at.life, 'PUT', { task })),
    disown: emit(({ context: { at, task, device } }) => send(at.hardware, 'SET_OWNER', { task, device, owner: null })),
    released: emit(({ context: { at, task } }) => send(at.file, 'RELEASED', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'releaseDeviceFile',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'counting' } },
    counting: {
      entry: 'countClose',
      on: { ANSWER: [{ guard: 'isLast', target: 'telling release' }, { target: 'unlocking' }] },
    },
    'telling release': { entry: 'tellRelease', on: { RETURN: 'disabling' } },
    disabling: { entry: 'disable', on: { ANSWER: 'restoring' } },
    restoring: { entry: 'restore', on: { ANSWER: 'telling disabled' } },
    'telling disabled': { entry: 'tellDisabled', on: { RETURN: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'dropping user' } },
    'dropping user': { entry: 'dropUser', on: { RETURN: 'putting device' } },
    'putting device': { entry: 'putDevice', on: { ANSWER: 'disowning' } },
    disowning: { entry: 'disown', on: { ANSWER: 'freeing file' } },
    'freeing file': { entry: 'released', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
