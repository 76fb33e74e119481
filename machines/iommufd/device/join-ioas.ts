/**
 * A device joins an IOAS (iommufd_device_attach with a page table that the kernel chooses): what the device cannot translate may
 * not be mapped from now on, its IOMMU group goes into the domain, and the first device brings the domain, into which
 * everything that is mapped already is put. What fails is undone.
 *
 * Source: drivers/iommu/iommufd/device.c, io_pagetable.c (7.x): ioas->mutex; iova_rwsem for the device's own ranges;
 * domains_rwsem and iova_rwsem for the domain.
 * Left out: igroup->lock; attaching again, which replaces the page table.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Backed } from '../ioas/area-list.ts'
import type { Domain } from '../ioas/iova-space.ts'

export interface IoasAt {
  readonly ioas: string
  readonly users: string
  /** ioas->mutex. */
  readonly mutex: string
  readonly domainsRwsem: string
  readonly iovaRwsem: string
  /** As the IOMMU knows the domain. */
  readonly domain: string
  readonly fill: string
  readonly unfill: string
}

export interface JoinIoasInput {
  readonly task: string
  readonly at: IoasAt
}

/** What is attached. */
export interface Attached {
  readonly device: string
  readonly group: string
  /** Every device of its group; none where there is no hardware. */
  readonly devices: readonly string[]
  readonly domain: Domain
  /** Addresses it uses otherwise, by first and last. */
  readonly ranges: readonly (readonly [bigint, bigint])[]
  /** Its page table, where the IOMMU has to know which of the IOAS's it is. */
  readonly table?: string
}

type JoinIoasContext = JoinIoasInput & {
  readonly caller: string | null
  readonly what: Attached | null
  readonly first: boolean
  readonly firstOfGroup: boolean
  /** Still to be filled. */
  readonly todo: readonly Backed[]
  /** Filled, and to be emptied again if it comes to that. */
  readonly done: readonly Backed[]
  readonly ret: 0 | string
}

type JoinIoasEvent =
  | (Heard & Attached & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'ADDED'; readonly first: boolean; readonly firstOfGroup: boolean })
  | (Heard & { readonly type: 'DOMAIN_ADDED'; readonly ret: 0 | string; readonly areas: readonly Backed[] })
  | (Heard & { readonly type: 'ANSWER' | 'RETURN'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ATTACHED' | 'DETACHED' | 'REMOVED' })

const start = ({ task, at }: JoinIoasInput): JoinIoasContext => ({
  ...{ task, at, caller: null, what: null, first: false, firstOfGroup: false },
  ...{ todo: [], done: [], ret: 0 },
})

export const joinIoas = setup({
  types: {
    context: {} as JoinIoasContext,
    events: {} as JoinIoasEvent,
    emitted: {} as Said,
    input: {} as JoinIoasInput,
  },
  guards: {
    failed: ({ context }) => context.ret !== 0,
    refused: ({ event }) => (event.type === 'ANSWER' || event.type === 'DOMAIN_ADDED') && event.ret !== 0,
    couldNotFill: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    bringsGroup: ({ context }) => context.firstOfGroup && context.what!.devices.length > 0,
    bringsDomain: ({ context }) => context.first,
    isFull: ({ context }) => context.todo.length === 0,
    isEmpty: ({ context }) => context.done.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, group, devices, domain, ranges, table } = event
      return { caller: from, what: { device, group, devices, domain, ranges, ...(table !== undefined && { table }) } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.mutex, 'LOCK', { task })),
    lockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'DOWN_WRITE', { task })),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    claim: emit(({ context: { at, task, what } }) =>
      send(at.ioas, 'CLAIM_RANGES', { task, owner: what!.device, ranges: what!.ranges }),
    ),
    unclaim: emit(({ context: { at, task, what } }) => send(at.ioas, 'DROP_RANGES', { task, owner: what!.device })),
    add: emit(({ context: { at, task, what } }) =>
      send(at.users, 'ADD', { task, device: what!.device, group: what!.group }),
    ),
    keepAdded: assign(({ event }) => {
      assertEvent(event, 'ADDED')
      return { first: event.first, firstOfGroup: event.firstOfGroup }
    }),
    remove: emit(({ context: { at, task, what } }) => send(at.users, 'REMOVE', { task, device: what!.device })),
    attachGroup: emit(({ context: { at, task, what } }) => {
      const { devices, table } = what!
      return send('dmar', 'ATTACH', { task, domain: at.domain, devices, ...(table !== undefined && { table }) })
    }),
    detachGroup: emit(({ context: { at, task, what } }) =>
      send('dmar', 'DETACH', { task, domain: at.domain, devices: what!.devices }),
    ),
    addDomain: emit(({ context: { at, task, what } }) => send(at.ioas, 'ADD_DOMAIN', { task, domain: what!.domain })),
    keepAreas: assign(({ event }) => {
      assertEvent(event, 'DOMAIN_ADDED')
      return { todo: event.areas }
    }),
    keepError: assign(({ event }) => {
      assertEvent(event, ['ANSWER', 'DOMAIN_ADDED', 'RETURN'])
      return { ret: event.ret }
    }),
    fillNext: emit(({ context: { at, task, todo } }) => send(at.fill, 'CALL', { task, ...todo[0]! })),
    advance: assign(({ context: { todo, done } }) => ({ todo: todo.slice(1), done: [todo[0]!, ...done] })),
    fillAll: emit(({ context: { at, task } }) => send(at.ioas, 'FILL_ALL', { task })),
    unfillNext: emit(({ context: { at, task, done } }) => send(at.unfill, 'CALL', { task, ...done[0]! })),
    goBack: assign(({ context: { done } }) => ({ done: done.slice(1) })),
    removeDomain: emit(({ context: { at, task } }) => send(at.ioas, 'REMOVE_DOMAIN', { task })),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    unlockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'UP_WRITE', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.mutex, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'joinIoas',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'locking to claim' } },

    'locking to claim': { entry: 'lockIova', on: { LOCKED: 'claiming' } },
    claiming: {
      entry: 'claim',
      on: {
        ANSWER: [
          { guard: 'refused', target: 'unlocking claimed', actions: 'keepError' },
          { target: 'unlocking claimed' },
        ],
      },
    },
    'unlocking claimed': {
      entry: 'unlockIova',
      on: { UNLOCKED: [{ guard: 'failed', target: 'unlocking' }, { target: 'adding' }] },
    },
    adding: {
      entry: 'add',
      on: { ADDED: { target: 'added', actions: 'keepAdded' } },
    },
    added: { always: [{ guard: 'bringsGroup', target: 'attaching group' }, { target: 'in domain' }] },
    'attaching group': { entry: 'attachGroup', on: { ATTACHED: 'in domain' } },
    'in domain': { always: [{ guard: 'bringsDomain', target: 'locking domains' }, { target: 'unlocking' }] },

    'locking domains': { entry: 'lockDomains', on: { LOCKED: 'locking iova' } },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'adding domain' } },
    'adding domain': {
      entry: 'addDomain',
      on: {
        DOMAIN_ADDED: [
          { guard: 'refused', target: 'unlocking iova', actions: 'keepError' },
          { target: 'going on', actions: 'keepAreas' },
        ],
      },
    },
    'going on': { always: [{ guard: 'isFull', target: 'settling' }, { target: 'filling' }] },
    filling: {
      entry: 'fillNext',
      on: {
        RETURN: [
          { guard: 'couldNotFill', target: 'going back', actions: 'keepError' },
          { target: 'going on', actions: 'advance' },
        ],
      },
    },
    settling: { entry: 'fillAll', on: { ANSWER: 'unlocking iova' } },
    'going back': { always: [{ guard: 'isEmpty', target: 'removing domain' }, { target: 'emptying' }] },
    emptying: { entry: 'unfillNext', on: { RETURN: { target: 'going back', actions: 'goBack' } } },
    'removing domain': { entry: 'removeDomain', on: { ANSWER: 'unlocking iova' } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': {
      entry: 'unlockDomains',
      on: { UNLOCKED: [{ guard: 'failed', target: 'giving up' }, { target: 'unlocking' }] },
    },

    'giving up': { always: [{ guard: 'bringsGroup', target: 'detaching group' }, { target: 'removing' }] },
    'detaching group': { entry: 'detachGroup', on: { DETACHED: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: 'locking to unclaim' } },
    'locking to unclaim': { entry: 'lockIova', on: { LOCKED: 'unclaiming' } },
    unclaiming: { entry: 'unclaim', on: { ANSWER: 'unlocking unclaimed' } },
    'unlocking unclaimed': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking' } },

    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
