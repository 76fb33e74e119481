/**
 * Binds a device to an iommufd file, or lets go of it: the file gets an object for it and is held by it, and the DMA of its IOMMU
 * group is claimed with the first of the group's devices and given back with the last. A device that is still attached is
 * detached before it is let go.
 *
 * Source: iommufd_device_bind, iommufd_device_unbind, vfio_iommufd_physical_unbind (7.x).
 * Left out: interrupt remapping (-EPERM), cache coherency of the device (-EINVAL), which this machine's devices have.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { iommuGroup } from '../../vfio/names.ts'

export interface BindDeviceInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
  /** PASIDs may be attached. */
  readonly pasids?: boolean
}

interface Bindable {
  readonly device: string
  readonly group: string
  /** No IOMMU, so no DMA to claim. */
  readonly emulated: boolean
}

type BindDeviceContext = BindDeviceInput & {
  readonly caller: string | null
  readonly what: Bindable | null
  readonly unbinds: boolean
  readonly devid: number | null
  readonly ret: number | string
}
type BindDeviceEvent =
  | (Heard & Bindable & { readonly type: 'CALL'; readonly how: 'bind' | 'unbind' })
  | (Heard & { readonly type: 'BOUND'; readonly first: boolean; readonly devid: number })
  | (Heard & { readonly type: 'UNBOUND'; readonly last: boolean })
  | (Heard & { readonly type: 'CLAIMED'; readonly ret: number | string })
  | (Heard & { readonly type: 'RELEASED' | 'RETURN' })

const start = ({ task, context, pasids = false }: BindDeviceInput): BindDeviceContext => ({
  ...(pasids && { pasids }),
  ...{ task, context, caller: null, what: null, unbinds: false, devid: null, ret: 0 },
})

export const bindDevice = setup({
  types: {
    context: {} as BindDeviceContext,
    events: {} as BindDeviceEvent,
    emitted: {} as Said,
    input: {} as BindDeviceInput,
  },
  guards: {
    unbinds: ({ event }) => event.type === 'CALL' && event.how === 'unbind',
    hasToClaim: ({ context, event }) => event.type === 'BOUND' && event.first && !context.what!.emulated,
    isNotOurs: ({ event }) => event.type === 'CLAIMED' && event.ret !== 0,
    hasToRelease: ({ context, event }) =>
      event.type === 'UNBOUND' && event.last && !context.what!.emulated && context.ret === 0,
    hasPasids: ({ context }) => context.pasids === true && !context.what!.emulated,
    failed: ({ context }) => context.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, group, emulated } = event
      return { caller: from, what: { device, group, emulated } }
    }),
    bind: emit(({ context: { task, context, what } }) =>
      send(context, 'BIND', { task, device: what!.device, group: what!.group }),
    ),
    claim: emit(({ context: { task, what } }) => send(iommuGroup(what!.group), 'CLAIM', { task })),
    keepNumber: assign(({ event }) => {
      assertEvent(event, 'BOUND')
      return { devid: event.devid }
    }),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'CLAIMED')
      return { ret: event.ret }
    }),
    hold: emit(({ context: { task, context } }) => send(`${task}.${context}.hold`, 'CALL', { task, how: 'get' })),
    detach: emit(({ context: { task, context, what } }) =>
      send(`${task}.${context}.detach_device`, 'CALL', { task, device: what!.device }),
    ),
    detachPasids: emit(({ context: { task, context, what } }) =>
      send(`${task}.${context}.detach_pasid`, 'CALL', { task, device: what!.device }),
    ),
    unbind: emit(({ context: { task, context, what } }) => send(context, 'UNBIND', { task, device: what!.device })),
    releaseOwner: emit(({ context: { task, what } }) => send(iommuGroup(what!.group), 'RELEASE', { task })),
    letGo: emit(({ context: { task, context } }) => send(`${task}.${context}.hold`, 'CALL', { task, how: 'put' })),
    finish: emit(({ context: { caller, task, devid, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && devid !== null && { devid }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'bindDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'unbinds', target: 'detaching', actions: 'begin' },
          { target: 'binding', actions: 'begin' },
        ],
      },
    },
    binding: {
      entry: 'bind',
      on: {
        BOUND: [
          { guard: 'hasToClaim', target: 'claiming', actions: 'keepNumber' },
          { target: 'holding', actions: 'keepNumber' },
        ],
      },
    },
    claiming: {
      entry: 'claim',
      on: { CLAIMED: [{ guard: 'isNotOurs', target: 'unbinding', actions: 'keepRet' }, { target: 'holding' }] },
    },
    holding: { entry: 'hold', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },

    detaching: {
      entry: 'detach',
      on: { RETURN: [{ guard: 'hasPasids', target: 'detaching pasids' }, { target: 'unbinding' }] },
    },
    'detaching pasids': { entry: 'detachPasids', on: { RETURN: 'unbinding' } },
    unbinding: {
      entry: 'unbind',
      on: { UNBOUND: [{ guard: 'hasToRelease', target: 'releasing owner' }, { target: 'unbound' }] },
    },
    'releasing owner': { entry: 'releaseOwner', on: { RELEASED: 'unbound' } },
    unbound: {
      always: [{ guard: 'failed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'letting go' }],
    },
    'letting go': { entry: 'letGo', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
