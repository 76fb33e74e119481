/**
 * A device's file is closed, up to 5.18: the last to close puts it at rest, then there is one user of the container
 * less, which may take the group out of it.
 *
 * Source: Linux 4.19 and 5.15 vfio_device_fops_release.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from '../group/group.ts'
import { callOf, setLock } from '../names.ts'

export interface CountedReleaseDeviceInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly devSet: string
  readonly emulated: boolean
}

type CountedReleaseDeviceContext = CountedReleaseDeviceInput & {
  readonly caller: string | null
  readonly container: string | null
  readonly driver: Pointer | null
}
type CountedReleaseDeviceEvent =
  | (Heard & { readonly type: 'CLOSED'; readonly last: boolean })
  | GroupStateIs
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'REF_DROPPED' })

const start = ({ task, device, group, devSet, emulated }: CountedReleaseDeviceInput): CountedReleaseDeviceContext => ({
  ...{ task, device, group, devSet, emulated },
  ...{ caller: null, container: null, driver: null },
})

export const countedReleaseDevice = setup({
  types: {
    context: {} as CountedReleaseDeviceContext,
    events: {} as CountedReleaseDeviceEvent,
    emitted: {} as Said,
    input: {} as CountedReleaseDeviceInput,
  },
  guards: {
    isLast: ({ event }) => event.type === 'CLOSED' && event.last,
    isInContainer: ({ event }) => event.type === 'GROUP' && event.container !== null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'LOCK', { task })),
    close: emit(({ context: { task, device } }) => send(device, 'CLOSE', { task })),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    keepContainer: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { container: event.container }
    }),
    askDriver: emit(({ context: { task, container } }) => send(container!, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    putAtRest: emit(({ context: { task, device, emulated, container, driver } }) =>
      send(callOf(task, device, emulated ? 'emu_close' : 'pci_close'), 'CALL', { task, container, backend: driver }),
    ),
    unlockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'UNLOCK', { task })),
    dissolve: emit(({ context: { task, group } }) => send(callOf(task, group, 'dissolve'), 'CALL', { task })),
    dropRef: emit(({ context: { task, device } }) => send(device, 'DROP_REF', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'countedReleaseDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking set', actions: 'begin' } } },
    'locking set': { entry: 'lockSet', on: { LOCKED: 'closing' } },
    closing: { entry: 'close', on: { CLOSED: [{ guard: 'isLast', target: 'looking' }, { target: 'unlocking set' }] } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'isInContainer', target: 'asking driver', actions: 'keepContainer' },
          { target: 'putting at rest' },
        ],
      },
    },
    'asking driver': { entry: 'askDriver', on: { DRIVER_IS: { target: 'putting at rest', actions: 'keepDriver' } } },
    'putting at rest': { entry: 'putAtRest', on: { RETURN: 'unlocking set' } },
    'unlocking set': { entry: 'unlockSet', on: { UNLOCKED: 'dissolving' } },
    dissolving: { entry: 'dissolve', on: { RETURN: 'dropping reference' } },
    'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
