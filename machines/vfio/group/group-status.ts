/**
 * VFIO_GROUP_GET_STATUS: whether the group could be used (viable), and whether it is in a container. From 5.19 on
 * viable means that nobody else has its DMA, and a group in a container has that itself; before, every device was
 * looked at, without a lock.
 *
 * Source: Linux 6.1 vfio_group_ioctl_get_status; 4.19 VFIO_GROUP_GET_STATUS, vfio_group_viable.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from './group.ts'
import { groupLock, iommuGroup } from '../names.ts'

export interface GroupStatusInput {
  readonly task: string
  readonly group: string
  readonly counted: boolean
}

interface GroupStatusContext extends GroupStatusInput {
  readonly caller: string | null
  readonly file: string | null
  readonly isSet: boolean
  readonly returned: { readonly ret: number | string; readonly flags?: number }
}

type GroupStatusEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string; readonly argsz: number })
  | GroupStateIs
  | (Heard & { readonly type: 'OWNER_IS'; readonly claimed: boolean })
  | (Heard & { readonly type: 'VIABLE_IS'; readonly viable: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

/** sizeof(struct vfio_group_status) */
const size = 8
const VIABLE = 1
const CONTAINER_SET = 2

const start = ({ task, group, counted }: GroupStatusInput): GroupStatusContext => ({
  ...{ task, group, counted },
  ...{ caller: null, file: null, isSet: false, returned: { ret: 0 } },
})

const status = (viable: boolean, isSet: boolean) => ({
  returned: { ret: 0, flags: (viable ? VIABLE : 0) | (isSet ? CONTAINER_SET : 0) },
})

export const groupStatus = setup({
  types: {
    context: {} as GroupStatusContext,
    events: {} as GroupStatusEvent,
    emitted: {} as Said,
    input: {} as GroupStatusInput,
  },
  guards: {
    isSmall: ({ event }) => event.type === 'CALL' && event.argsz < size,
    isCounted: ({ context }) => context.counted,
    isDead: ({ event }) => event.type === 'GROUP' && event.dead,
    isInContainer: ({ event }) => event.type === 'GROUP' && event.container !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, file: event.file }
    }),
    fail: assign({ returned: (_, { ret }: { ret: string }) => ({ ret }) }),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_READ', { task })),
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    inContainer: assign(status(true, true)),
    keepIsSet: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { isSet: event.container !== null }
    }),
    askOwner: emit(({ context: { task, group } }) => send(iommuGroup(group), 'OWNER', { task })),
    keepOwner: assign(({ event }) => {
      assertEvent(event, 'OWNER_IS')
      return status(!event.claimed, false)
    }),
    askViable: emit(({ context: { task, group }, event }) => {
      assertEvent(event, 'GROUP')
      const { devices, unbinding } = event
      return send(iommuGroup(group), 'VIABLE', { task, devices, unbinding })
    }),
    keepViable: assign(({ context, event }) => {
      assertEvent(event, 'VIABLE_IS')
      return status(event.viable, context.isSet)
    }),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_READ', { task })),
    finish: emit(({ context: { task, caller, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'groupStatus',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isSmall', actions: ['begin', { type: 'fail', params: { ret: '-EINVAL' } }, 'finish', 'reset'] },
          { guard: 'isCounted', target: 'looking at counts', actions: 'begin' },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },

    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'isDead', target: 'unlocking', actions: { type: 'fail', params: { ret: '-ENODEV' } } },
          { guard: 'isInContainer', target: 'unlocking', actions: 'inContainer' },
          { target: 'asking owner' },
        ],
      },
    },
    'asking owner': { entry: 'askOwner', on: { OWNER_IS: { target: 'unlocking', actions: 'keepOwner' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'looking at counts': {
      entry: 'look',
      on: { GROUP: { target: 'asking viable', actions: ['keepIsSet', 'askViable'] } },
    },
    'asking viable': { on: { VIABLE_IS: { target: 'idle', actions: ['keepViable', 'finish', 'reset'] } } },
  },
})
