/**
 * What an open device is bound to: the file of iommufd or the container that its group was in when it was opened, or, for one of the
 * device's own descriptors (/dev/vfio/devices), the file of iommufd that BIND_IOMMUFD named. Changed under dev_set->lock.
 *
 * Source: struct vfio_device_file, iommufd_device of struct vfio_device (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

type BindingContext = {
  /** The actor of the iommufd file or container. */
  readonly context: string | null
  /** What the container's IOMMU driver has for it; iommufd has none. */
  readonly backend: Pointer | null
  /** The descriptor of the device's own that is bound; null for those that came through a group. */
  readonly file: string | null
}
type BindingEvent =
  | (Heard & {
      readonly type: 'SET'
      readonly context: string
      readonly backend: Pointer | null
      readonly file?: string
    })
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
      return { context: event.context, backend: event.backend, file: event.file ?? null }
    }),
    clear: assign({ context: null, backend: null, file: null }),
    tell: emit(({ context, event }) => answer(event, 'BINDING', { ...context })),
  },
}).createMachine({
  id: 'binding',
  context: { context: null, backend: null, file: null },
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
