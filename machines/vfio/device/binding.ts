/**
 * How an open device is bound to iommufd: through which file of iommufd, and for which of the device's own descriptors. Through a
 * group's descriptor that happens when the device is opened; a descriptor of the device's own (/dev/vfio/devices) is good for nothing
 * until it is bound (BIND_IOMMUFD). Changed under dev_set->lock.
 *
 * Source: struct vfio_device_file, iommufd_device of struct vfio_device (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

type BindingContext = {
  /** The iommufd file's actor. */
  readonly context: string | null
  /** The descriptor of the device's own that is bound; null for those that came through a group. */
  readonly file: string | null
}
type BindingEvent =
  | (Heard & { readonly type: 'SET'; readonly context: string; readonly file?: string })
  | (Heard & { readonly type: 'CLEAR' | 'GET' })

export const binding = setup({
  types: {
    context: {} as BindingContext,
    events: {} as BindingEvent,
    emitted: {} as Said,
    input: {} as Readonly<Record<string, never>>,
  },
  actions: {
    set: assign(({ event }) => {
      assertEvent(event, 'SET')
      return { context: event.context, file: event.file ?? null }
    }),
    clear: assign({ context: null, file: null }),
    tell: emit(({ context: { context, file }, event }) => answer(event, 'BINDING', { context, file })),
  },
}).createMachine({
  id: 'binding',
  context: { context: null, file: null },
  initial: 'ready',
  states: {
    ready: {
      on: {
        SET: { actions: ['set', 'tell'] },
        /** Before `clear`: what it was. */
        CLEAR: { actions: ['tell', 'clear'] },
        GET: { actions: 'tell' },
      },
    },
  },
})
