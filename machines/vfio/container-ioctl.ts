/**
 * An ioctl on a container that is the IOMMU driver's business: handed to the driver that is set, with the driver's
 * data, and without any lock of the container. So the last group may leave meanwhile, and what the data points at is
 * freed (B-25).
 *
 * Source: Linux 6.1 vfio_fops_unl_ioctl.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../kernel/pointer.ts'
import { send, type Heard, type Said } from '../say.ts'
import { callOf } from './names.ts'

export interface ContainerIoctlInput {
  readonly task: string
  readonly container: string
  /** The driver's procedure. */
  readonly procedure: string
}

type Fields = Readonly<Record<string, unknown>>

interface ContainerIoctlContext extends ContainerIoctlInput {
  readonly caller: string | null
  readonly args: Fields
}

type ContainerIoctlEvent =
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task, container, procedure }: ContainerIoctlInput): ContainerIoctlContext => ({
  ...{ task, container, procedure },
  ...{ caller: null, args: {} },
})

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Fields => fields

export const containerIoctl = setup({
  types: {
    context: {} as ContainerIoctlContext,
    events: {} as ContainerIoctlEvent,
    emitted: {} as Said,
    input: {} as ContainerIoctlInput,
  },
  guards: {
    hasNoDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data === null,
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, args: fieldsOf(event) })),
    askDriver: emit(({ context: { task, container } }) => send(container, 'DRIVER', { task })),
    refuse: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: '-EINVAL' })),
    call: emit(({ context: { task, container, procedure, args }, event }) => {
      assertEvent(event, 'DRIVER_IS')
      return send(callOf(task, container, procedure), 'CALL', { ...args, task, backend: event.data })
    }),
    forget: assign({ args: {} }),
    pass: emit(({ context: { task, caller }, event }) => send(caller!, 'RETURN', { ...fieldsOf(event), task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'containerIoctl',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking driver', actions: 'begin' } } },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [
          { guard: 'hasNoDriver', target: 'idle', actions: ['refuse', 'reset'] },
          { target: 'calling', actions: ['call', 'forget'] },
        ],
      },
    },
    calling: { on: { RETURN: { target: 'idle', actions: ['pass', 'reset'] } } },
  },
})
