/**
 * The first open of a device with an emulated IOMMU: its driver begins afresh (open_device), then the device is listed with
 * the backend of its container, so that it hears of unmaps (vfio_device_container_register).
 *
 * Source: Linux 6.1 vfio_device_open; the caller holds dev_set->lock and group->group_rwsem.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Backend } from '../type1/pin/pages.ts'
import { send, type Heard, type Said } from '../say.ts'

export interface MdevOpenInput {
  readonly task: string
  readonly device: string
  readonly at: { readonly driver: string; readonly driverLock: string }
}

type MdevOpenContext = MdevOpenInput & {
  readonly caller: string | null
  readonly container: string | null
  readonly backend: Backend | null
}
type MdevOpenEvent =
  | (Heard & { readonly type: 'CALL'; readonly container: string; readonly backend: Backend })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ANSWER' })

const start = ({ task, device, at }: MdevOpenInput): MdevOpenContext => ({
  ...{ task, device, at },
  caller: null,
  container: null,
  backend: null,
})

export const mdevOpen = setup({
  types: {
    context: {} as MdevOpenContext,
    events: {} as MdevOpenEvent,
    emitted: {} as Said,
    input: {} as MdevOpenInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, container: event.container, backend: event.backend }
    }),
    lock: emit(({ context: { at, task } }) => send(at.driverLock, 'LOCK', { task })),
    open: emit(({ context: { at, task, container, backend } }) =>
      send(at.driver, 'OPEN', { task, container, backend }),
    ),
    unlock: emit(({ context: { at, task } }) => send(at.driverLock, 'UNLOCK', { task })),
    register: emit(({ context: { task, container, device } }) =>
      send(`${task}.${container}.${device}.register_device`, 'CALL', { task }),
    ),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mdevOpen',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'opening' } },
    opening: { entry: 'open', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'registering' } },
    registering: { entry: 'register', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
