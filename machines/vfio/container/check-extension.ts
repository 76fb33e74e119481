/**
 * VFIO_CHECK_EXTENSION: the driver that is set answers for itself, with its own data at hand; when none is set, the
 * first that knows the extension. There is one driver here, type1. Never an error: what nobody knows is 0.
 *
 * Source: Linux 6.1 vfio_container_ioctl_check_extension.
 * Left out: the noiommu driver, off unless a module parameter says otherwise.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, containerLock, driversLock } from '../names.ts'

export interface CheckExtensionInput {
  readonly task: string
  readonly container: string
}

interface CheckExtensionContext extends CheckExtensionInput {
  readonly caller: string | null
  readonly ext: bigint
  readonly driver: Pointer | null
  readonly ret: number | string
}

type CheckExtensionEvent =
  | (Heard & { readonly type: 'CALL'; readonly ext: bigint })
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, container }: CheckExtensionInput): CheckExtensionContext => ({
  ...{ task, container },
  ...{ caller: null, ext: 0n, driver: null, ret: 0 },
})

export const checkExtension = setup({
  types: {
    context: {} as CheckExtensionContext,
    events: {} as CheckExtensionEvent,
    emitted: {} as Said,
    input: {} as CheckExtensionInput,
  },
  guards: {
    hasDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data !== null,
    askedDriver: ({ context }) => context.driver !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, ext: event.ext }
    }),
    lock: emit(({ context: { task, container } }) => send(containerLock(container), 'DOWN_READ', { task })),
    askDriver: emit(({ context: { task, container } }) => send(container, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    lockDrivers: emit(({ context: { task } }) => send(driversLock, 'LOCK', { task })),
    ask: emit(({ context: { task, container, ext, driver } }) =>
      send(callOf(task, container, 'backend_extension'), 'CALL', { task, ext, backend: driver }),
    ),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    unlockDrivers: emit(({ context: { task } }) => send(driversLock, 'UNLOCK', { task })),
    unlock: emit(({ context: { task, container } }) => send(containerLock(container), 'UP_READ', { task })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'checkExtension',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'asking driver' } },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [{ guard: 'hasDriver', target: 'asking', actions: 'keepDriver' }, { target: 'locking drivers' }],
      },
    },
    'locking drivers': { entry: 'lockDrivers', on: { LOCKED: 'asking' } },
    asking: {
      entry: 'ask',
      on: {
        RETURN: [
          { guard: 'askedDriver', target: 'unlocking', actions: 'keepRet' },
          { target: 'unlocking drivers', actions: 'keepRet' },
        ],
      },
    },
    'unlocking drivers': { entry: 'unlockDrivers', on: { UNLOCKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
