/**
 * A driver is bound to a device through sysfs: `driver_override`, then the driver's `bind`. Under the device's lock: it
 * must have no driver; a driver that uses DMA of its own cannot have it while a user of VFIO owns the group's (from
 * 5.19 on; before, the kernel gave up when it found out, `counted`); then the driver's probe. That of vfio-pci makes
 * the device known to VFIO, and the group with it if it is the first.
 *
 * Source: Linux 6.1 drivers/base/bus.c and dd.c, vfio_register_group_dev; 4.19 vfio_iommu_group_notifier (from memory).
 * Left out: what a driver does with its device.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { crash, printk, send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from '../group/group.ts'
import { allGroupsLock, deviceLock, iommuGroup } from '../names.ts'

export interface BindInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly counted: boolean
  /** The drivers there are, and whether their probe would take this device; with what they then say. */
  readonly drivers: Readonly<Record<string, { readonly suits: boolean; readonly says: string | null }>>
}

interface BindContext extends BindInput {
  readonly caller: string | null
  readonly driver: string | null
  readonly ret: number | string
}

type BindEvent =
  | (Heard & { readonly type: 'CALL'; readonly driver: string })
  | (Heard & { readonly type: 'BOUND'; readonly ret: number | string })
  | GroupStateIs
  | (Heard & { readonly type: 'VIABLE_IS'; readonly viable: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'REGISTERED' | 'DEVICE_ADDED' })

const INFO = 6

const start = ({ task, device, group, counted, drivers }: BindInput): BindContext => ({
  ...{ task, device, group, counted, drivers },
  ...{ caller: null, driver: null, ret: 0 },
})

export const bind = setup({
  types: {
    context: {} as BindContext,
    events: {} as BindEvent,
    emitted: {} as Said,
    input: {} as BindInput,
  },
  guards: {
    isNoDriver: ({ context, event }) => event.type === 'CALL' && !Object.hasOwn(context.drivers, event.driver),
    failed: ({ event }) => event.type === 'BOUND' && event.ret !== 0,
    isVfio: ({ context }) => context.driver === 'vfio-pci',
    isCounted: ({ context }) => context.counted,
    isUsed: ({ event }) => event.type === 'GROUP' && event.users > 0,
    isNotViable: ({ event }) => event.type === 'VIABLE_IS' && !event.viable,
    says: ({ context }) => context.drivers[context.driver!]!.says !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, driver: event.driver }
    }),
    noSuchFile: assign({ ret: '-ENOENT' }),
    lock: emit(({ context: { task, device } }) => send(deviceLock(device), 'LOCK', { task })),
    bind: emit(({ context: { task, device, group, driver, drivers } }) =>
      send(iommuGroup(group), 'BIND', { task, device, driver, suits: drivers[driver!]!.suits }),
    ),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'BOUND')
      return { ret: event.ret }
    }),
    lockGroups: emit(({ context: { task } }) => send(allGroupsLock, 'LOCK', { task })),
    register: emit(({ context: { task, device } }) => send(device, 'REGISTER', { task })),
    add: emit(({ context: { task, device, group } }) => send(group, 'ADD_DEVICE', { task, device })),
    unlockGroups: emit(({ context: { task } }) => send(allGroupsLock, 'UNLOCK', { task })),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    askViable: emit(({ context: { task, group }, event }) => {
      assertEvent(event, 'GROUP')
      const { devices, unbinding } = event
      return send(iommuGroup(group), 'VIABLE', { task, devices, unbinding })
    }),
    notViable: emit(({ context: { group, device, driver } }) =>
      crash('bug', 'kernel BUG in vfio_iommu_group_notifier', {
        object: group,
        detail: `${driver} is bound to ${device} while the group is in use`,
      }),
    ),
    say: emit(({ context: { driver, drivers } }) => printk(INFO, drivers[driver!]!.says!)),
    unlock: emit(({ context: { task, device } }) => send(deviceLock(device), 'UNLOCK', { task })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'bind',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isNoDriver', actions: ['begin', 'noSuchFile', 'finish', 'reset'] },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'binding' } },
    binding: {
      entry: 'bind',
      on: { BOUND: [{ guard: 'failed', target: 'unlocking', actions: 'keepRet' }, { target: 'probing' }] },
    },
    probing: {
      always: [
        { guard: 'isVfio', target: 'locking groups' },
        { guard: 'says', target: 'probed', actions: 'say' },
        { target: 'probed' },
      ],
    },
    'locking groups': { entry: 'lockGroups', on: { LOCKED: 'registering' } },
    registering: { entry: 'register', on: { REGISTERED: 'adding' } },
    adding: { entry: 'add', on: { DEVICE_ADDED: 'unlocking groups' } },
    'unlocking groups': { entry: 'unlockGroups', on: { UNLOCKED: 'unlocking' } },
    probed: { always: [{ guard: 'isCounted', target: 'looking' }, { target: 'unlocking' }] },

    // Up to 5.18 VFIO is told by a notifier of the IOMMU group, when it is too late.
    looking: {
      entry: 'look',
      on: { GROUP: [{ guard: 'isUsed', target: 'asking viable', actions: 'askViable' }, { target: 'unlocking' }] },
    },
    'asking viable': {
      on: { VIABLE_IS: [{ guard: 'isNotViable', actions: 'notViable' }, { target: 'unlocking' }] },
    },

    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
