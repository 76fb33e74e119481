/**
 * Detaches a device from the IOAS that it is attached to, if it is to one.
 *
 * Source: vfio_iommufd_physical_detach_ioas, iommufd_access_detach (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { closeOld, detachFrom, type AttachDeviceInput } from './attach-device.ts'

/** Where it asks for pages, and through which page table, if nobody of its group does afterwards. */
interface Queue {
  readonly queueBefore?: string | null
  readonly tableBefore?: string | null
}

type DetachDeviceContext = AttachDeviceInput &
  Required<Queue> & {
    readonly caller: string | null
    readonly device: string
  }
type DetachDeviceEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string })
  | (Heard & Queue & { readonly type: 'DEVICE_IS'; readonly ioas: string | null })
  | (Heard & { readonly type: 'RETURN' | 'NOTED' | 'ANSWER' })

const start = ({ task, context, hardware }: AttachDeviceInput): DetachDeviceContext => ({
  ...{ task, context, hardware, caller: null, device: '', queueBefore: null, tableBefore: null },
})

export const detachDevice = setup({
  types: {
    context: {} as DetachDeviceContext,
    events: {} as DetachDeviceEvent,
    emitted: {} as Said,
    input: {} as AttachDeviceInput,
  },
  guards: {
    asked: ({ context }) => context.queueBefore !== null,
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
    keepQueue: assign(({ event }) => {
      assertEvent(event, 'DEVICE_IS')
      const { queueBefore = null, tableBefore = null } = event
      return { queueBefore, tableBefore }
    }),
    closeQueue: emit(({ context }) => closeOld(context)),
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
          { guard: 'isAttached', target: 'detaching', actions: ['keepQueue', 'detach'] },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    detaching: { on: { RETURN: [{ guard: 'asked', target: 'closing queue' }, { target: 'noting' }] } },
    'closing queue': { entry: 'closeQueue', on: { ANSWER: 'noting' } },
    noting: { entry: 'note', on: { NOTED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
