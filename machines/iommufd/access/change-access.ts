/**
 * The driver of a device without an IOMMU comes to an IOAS, or leaves it. From when it has come on everything that is mapped has to be
 * whole pages, and it is told of every unmap; when it leaves it is told that all of it is unmapped, and whoever is just telling it
 * something else is waited for.
 *
 * Source: iommufd_access_attach, iommufd_access_change_ioas, iopt_add_access (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { callOf } from '../../vfio/names.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { addressSpace } from '../ioas/area-list.ts'

export interface ChangeAccessInput {
  readonly task: string
  readonly how: 'add' | 'remove'
  readonly at: {
    readonly ioas: string
    readonly accesses: string
    readonly domainsRwsem: string
    readonly iovaRwsem: string
  }
}

type ChangeAccessContext = ChangeAccessInput & {
  readonly caller: string | null
  readonly device: string
  readonly ret: number | string
}
type ChangeAccessEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ADDED' | 'DELETED' | 'RETURN' })

const start = ({ task, how, at }: ChangeAccessInput): ChangeAccessContext => ({
  ...{ task, how, at, caller: null, device: '', ret: 0 },
})

export const changeAccess = setup({
  types: {
    context: {} as ChangeAccessContext,
    events: {} as ChangeAccessEvent,
    emitted: {} as Said,
    input: {} as ChangeAccessInput,
  },
  guards: {
    leaves: ({ context }) => context.how === 'remove',
    refused: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device }
    }),
    tell: emit(({ context: { task, device } }) =>
      send(callOf(task, device, 'dma_unmap'), 'CALL', { task, iova: 0n, size: addressSpace - 1n }),
    ),
    lockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'DOWN_WRITE', { task })),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    change: emit(({ context: { at, task, how, device } }) =>
      send(at.ioas, how === 'add' ? 'ADD_ACCESS' : 'REMOVE_ACCESS', { task, device }),
    ),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret }
    }),
    add: emit(({ context: { at, task, device } }) => send(at.accesses, 'ADD', { task, device })),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    unlockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'UP_WRITE', { task })),
    delete: emit(({ context: { at, task, device } }) => send(at.accesses, 'DELETE', { task, device })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'changeAccess',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'beginning', actions: 'begin' } } },
    beginning: { always: [{ guard: 'leaves', target: 'telling' }, { target: 'locking domains' }] },
    telling: { entry: 'tell', on: { RETURN: 'locking domains' } },
    'locking domains': { entry: 'lockDomains', on: { LOCKED: 'locking iova' } },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'changing' } },
    changing: {
      entry: 'change',
      on: {
        ANSWER: [
          { guard: 'refused', target: 'unlocking iova', actions: 'keepRet' },
          { guard: 'leaves', target: 'unlocking iova' },
          { target: 'adding' },
        ],
      },
    },
    adding: { entry: 'add', on: { ADDED: 'unlocking iova' } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': {
      entry: 'unlockDomains',
      on: {
        UNLOCKED: [
          { guard: 'leaves', target: 'deleting' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    deleting: { entry: 'delete', on: { DELETED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
