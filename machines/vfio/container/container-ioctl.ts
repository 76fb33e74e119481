/**
 * An ioctl on a container that is the IOMMU driver's business: handed to the driver that is set, with the driver's
 * data, and without any lock of the container. So the last group may leave meanwhile, and what the data points at is
 * freed (B-25). With `groupLock` it is held for read all along, as a fix of 2012 had it.
 *
 * Source: Linux 6.1 vfio_fops_unl_ioctl; 0b43c082338b "vfio: Use down_reads to protect iommu disconnects" (2012) for the lock, which
 * 4.19 and later do not take.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface ContainerIoctlInput {
  readonly task: string
  readonly container: string
  /** The driver's procedure. */
  readonly procedure: string
  /** container->group_lock, where it is held. */
  readonly groupLock?: string
}

type Fields = Readonly<Record<string, unknown>>

interface ContainerIoctlContext extends ContainerIoctlInput {
  readonly caller: string | null
  readonly args: Fields
  /** What the driver returned, while the lock is let go of. */
  readonly returned: Fields
}

type ContainerIoctlEvent =
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task, container, procedure, groupLock }: ContainerIoctlInput): ContainerIoctlContext => ({
  ...{ task, container, procedure },
  ...(groupLock !== undefined && { groupLock }),
  ...{ caller: null, args: {}, returned: {} },
})

const refused: Fields = { ret: '-EINVAL' }

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Fields => fields

export const containerIoctl = setup({
  types: {
    context: {} as ContainerIoctlContext,
    events: {} as ContainerIoctlEvent,
    emitted: {} as Said,
    input: {} as ContainerIoctlInput,
  },
  guards: {
    holdsLock: ({ context }) => context.groupLock !== undefined,
    hasNoDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data === null,
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, args: fieldsOf(event) })),
    lock: emit(({ context: { task, groupLock } }) => send(groupLock!, 'DOWN_READ', { task })),
    askDriver: emit(({ context: { task, container } }) => send(container, 'DRIVER', { task })),
    refuse: assign({ returned: refused }),
    call: emit(({ context: { task, container, procedure, args }, event }) => {
      assertEvent(event, 'DRIVER_IS')
      return send(callOf(task, container, procedure), 'CALL', { ...args, task, backend: event.data })
    }),
    forget: assign({ args: {} }),
    keep: assign(({ event }) => ({ returned: fieldsOf(event) })),
    unlock: emit(({ context: { task, groupLock } }) => send(groupLock!, 'UP_READ', { task })),
    finish: emit(({ context: { task, caller, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'containerIoctl',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'holdsLock', target: 'locking', actions: 'begin' },
          { target: 'asking driver', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'asking driver' } },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [
          { guard: 'hasNoDriver', target: 'leaving', actions: 'refuse' },
          { target: 'calling', actions: ['call', 'forget'] },
        ],
      },
    },
    calling: { on: { RETURN: { target: 'leaving', actions: 'keep' } } },
    leaving: {
      always: [
        { guard: 'holdsLock', target: 'unlocking' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
