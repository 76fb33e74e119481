/**
 * Detaches a device from the IOAS that it is attached to, if it is to one.
 *
 * Source: vfio_iommufd_physical_detach_ioas, iommufd_access_detach (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { detachFrom, type AttachDeviceInput } from './attach-device.ts'

type DetachDeviceContext = AttachDeviceInput & {
  readonly caller: string | null
  readonly device: string
}
type DetachDeviceEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string })
  | (Heard & { readonly type: 'DEVICE_IS'; readonly ioas: string | null })
  | (Heard & { readonly type: 'RETURN' | 'NOTED' })

const start = ({ task, context, hardware }: AttachDeviceInput): DetachDeviceContext => ({
  ...{ task, context, hardware, caller: null, device: '' },
})

export const detachDevice = setup({
  types: {
    context: {} as DetachDeviceContext,
    events: {} as DetachDeviceEvent,
    emitted: {} as Said,
    input: {} as AttachDeviceInput,
  },
  guards: {
    isAttached: ({ event }) => event.type === 'DEVICE_IS' && event.ioas !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device }
    }),
    look: emit(({ context: { task, context, device } }) => send(context, 'DEVICE', { task, device })),
    detach: emit(({ context, event }) => {
      assertEvent(event, 'DEVICE_IS')
      return detachFrom(context, context.device, event.ioas!)
    }),
    note: emit(({ context: { task, context, device } }) => send(context, 'DETACHED', { task, device })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'detachDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: {
      entry: 'look',
      on: {
        DEVICE_IS: [
          { guard: 'isAttached', target: 'detaching', actions: 'detach' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    detaching: { on: { RETURN: 'noting' } },
    noting: { entry: 'note', on: { NOTED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
