/**
 * iommu_sva_bind_device: a device gets to use the address space of a process. The address space has one PASID for all
 * devices (mm->iommu_mm), which it gets with its first bind, and one domain for as long as a device is bound to it: the
 * domain keeps the mm (mmgrab), not what is mapped in it. Binding the same pair again takes a reference to what is
 * there.
 *
 * The first bind of a device makes what its page faults are reported with, before there is a PASID it could fault on.
 *
 * Source: drivers/iommu/iommu-sva.c and iommu_attach_device_pasid, Linux 6.9; iopf_queue_add_device. Before 6.2 each
 * IOMMU's driver had its own way with this.
 * Left out: IOMMUs of several kinds, which may need a domain each; a PASID that is too large for the device
 * (-EOVERFLOW); allocations that fail; groups of several devices.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

/** struct iommu_mm_data. */
export interface IommuMm {
  readonly pasid: number
  /** The one on sva_domains. */
  readonly domain: Pointer | null
  /** Of the devices that are bound to it: what is found there by PASID (pasid_array). */
  readonly handles: readonly { readonly device: string; readonly ptr: Pointer }[]
}

/** Where page faults of a device are reported. */
export interface FaultParamAt {
  readonly faultParam: string
  /** Guards what `faultParam` points to. */
  readonly paramLock: string
}

export interface SvaBindInput {
  readonly task: string
  readonly at: {
    /** iommu_sva_lock */
    readonly lock: string
    readonly bonds: string
    readonly mms: string
    readonly iommuMms: string
    readonly domains: string
    readonly handles: string
    readonly params: string
    readonly allocPasid: string
    readonly translation: string
    readonly devices: Readonly<Record<string, FaultParamAt>>
  }
}

type SvaBindContext = SvaBindInput & {
  readonly caller: string | null
  readonly device: string | null
  readonly mm: Pointer | null
  readonly iommuMm: Pointer | null
  readonly fields: IommuMm | null
  readonly handle: Pointer | null
  readonly pasid: number | null
  readonly ret: number | string
}

type SvaBindEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly mm: Pointer })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string; readonly pasid?: number })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ptr?: Pointer
      readonly value?: number
      readonly fields?: { readonly iommuMm?: Pointer | null }
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

interface Step {
  readonly context: SvaBindContext
  readonly event: SvaBindEvent
}

const site = 'iommu_sva_bind_device'

const start = ({ task, at }: SvaBindInput): SvaBindContext => ({
  ...{ task, at },
  ...{ caller: null, device: null, mm: null, iommuMm: null, fields: null, handle: null, pasid: null, ret: 0 },
})

const answered = ({ event }: Step) => {
  assertEvent(event, 'ANSWER')
  return event
}

const reporting = ({ at, device }: SvaBindContext): FaultParamAt => at.devices[device!]!

const boundHandle = ({ context: { fields, device } }: Step): Pointer | undefined =>
  fields!.handles.find((each) => each.device === device)?.ptr

export const svaBind = setup({
  types: {
    context: {} as SvaBindContext,
    events: {} as SvaBindEvent,
    emitted: {} as Said,
    input: {} as SvaBindInput,
  },
  guards: {
    hasPasid: (step) => answered(step).fields!.iommuMm !== null,
    isRefused: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    isBound: (step) => boundHandle(step) !== undefined,
    isFirstOfDevice: (step) => answered(step).value === 1,
    hasDomain: ({ context }) => context.fields!.domain !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device, mm: event.mm }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),

    readMm: emit(({ context: { at, task, mm } }) => send(at.mms, 'USE', { task, ptr: mm, site })),
    keepIommuMm: assign((step) => ({ iommuMm: answered(step).fields!.iommuMm! })),
    readIommuMm: emit(({ context: { at, task, iommuMm } }) => send(at.iommuMms, 'USE', { task, ptr: iommuMm, site })),
    keepFields: assign((step) => ({ fields: answered(step).fields as IommuMm })),
    allocPasid: emit(({ context: { at, task, mm } }) => send(at.allocPasid, 'CALL', { task, mm })),
    keepError: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    keepPasid: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { fields: { pasid: event.pasid!, domain: null, handles: [] } }
    }),
    allocIommuMm: emit(({ context: { at, task, fields } }) =>
      send(at.iommuMms, 'ALLOC', { task, fields, site: 'iommu_alloc_mm_data' }),
    ),
    keepNewIommuMm: assign((step) => ({ iommuMm: answered(step).ptr! })),
    publish: emit(({ context: { at, task, mm, iommuMm } }) =>
      send(at.mms, 'SET', { task, ptr: mm, site, fields: { iommuMm } }),
    ),

    findHandle: assign((step) => ({ handle: boundHandle(step)!, pasid: step.context.fields!.pasid })),
    getHandle: emit(({ context: { at, task, handle } }) =>
      send(at.handles, 'ADD', { task, ptr: handle, site, field: 'users', by: 1 }),
    ),

    countBond: emit(({ context }) => send(reporting(context).faultParam, 'COUNT', { task: context.task, by: 1 })),
    lockParam: emit(({ context }) => send(reporting(context).paramLock, 'LOCK', { task: context.task })),
    allocParam: emit(({ context: { at, task } }) =>
      send(at.params, 'ALLOC', { task, fields: { users: 1, partials: [] }, site: 'iopf_queue_add_device' }),
    ),
    setParam: emit((step) =>
      send(reporting(step.context).faultParam, 'SET', { task: step.context.task, ptr: answered(step).ptr }),
    ),
    unlockParam: emit(({ context }) => send(reporting(context).paramLock, 'UNLOCK', { task: context.task })),

    getDomain: emit(({ context: { at, task, fields } }) =>
      send(at.domains, 'ADD', { task, ptr: fields!.domain, site, field: 'users', by: 1 }),
    ),
    grabMm: emit(({ context: { at, task, mm } }) =>
      send(at.mms, 'ADD', { task, ptr: mm, site: 'mmgrab', field: 'count', by: 1 }),
    ),
    allocDomain: emit(({ context: { at, task, mm } }) =>
      send(at.domains, 'ALLOC', { task, fields: { users: 1, mm }, site: 'iommu_sva_domain_alloc' }),
    ),
    keepDomain: assign((step) => ({ fields: { ...step.context.fields!, domain: answered(step).ptr! } })),

    store: emit(({ context: { at, task, device, fields, mm } }) =>
      send(at.bonds, 'ADD', { task, device, pasid: fields!.pasid, mm }),
    ),
    setEntry: emit(({ context: { at, task, device, fields, mm } }) =>
      send(at.translation, 'SET_ENTRY', { task, device, pasid: fields!.pasid, mm }),
    ),
    allocHandle: emit(({ context: { at, task, device, mm, fields } }) =>
      send(at.handles, 'ALLOC', {
        task,
        fields: { users: 1, device, mm, domain: fields!.domain, pasid: fields!.pasid },
        site,
      }),
    ),
    keepHandle: assign((step) => ({ handle: answered(step).ptr!, pasid: step.context.fields!.pasid })),
    link: emit(({ context: { at, task, device, iommuMm, fields, handle } }) =>
      send(at.iommuMms, 'SET', {
        task,
        ptr: iommuMm,
        site,
        fields: { domain: fields!.domain, handles: [...fields!.handles, { device, ptr: handle }] },
      }),
    ),

    conclude: assign(({ context }) => {
      const { caller, handle, pasid, ret } = context
      return { ...start(context), caller, handle, pasid, ret }
    }),
    finish: emit(({ context: { caller, task, handle, pasid, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && { pasid, handle }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'svaBind',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'reading mm' } },

    'reading mm': {
      entry: 'readMm',
      on: {
        ANSWER: [
          { guard: 'hasPasid', target: 'reading iommu_mm', actions: 'keepIommuMm' },
          { target: 'allocating PASID' },
        ],
      },
    },
    'reading iommu_mm': { entry: 'readIommuMm', on: { ANSWER: { target: 'searching', actions: 'keepFields' } } },
    'allocating PASID': {
      entry: 'allocPasid',
      on: {
        RETURN: [
          { guard: 'isRefused', target: 'unlocking', actions: 'keepError' },
          { target: 'allocating iommu_mm', actions: 'keepPasid' },
        ],
      },
    },
    'allocating iommu_mm': {
      entry: 'allocIommuMm',
      on: { ANSWER: { target: 'publishing iommu_mm', actions: 'keepNewIommuMm' } },
    },
    'publishing iommu_mm': { entry: 'publish', on: { ANSWER: 'searching' } },

    searching: {
      always: [
        { guard: 'isBound', target: 'taking a reference', actions: 'findHandle' },
        { target: 'counting the bond' },
      ],
    },
    'taking a reference': { entry: 'getHandle', on: { ANSWER: 'unlocking' } },

    'counting the bond': {
      entry: 'countBond',
      on: { ANSWER: [{ guard: 'isFirstOfDevice', target: 'locking param' }, { target: 'choosing a domain' }] },
    },
    'locking param': { entry: 'lockParam', on: { LOCKED: 'allocating param' } },
    'allocating param': { entry: 'allocParam', on: { ANSWER: 'setting param' } },
    'setting param': { entry: 'setParam', on: { ANSWER: 'unlocking param' } },
    'unlocking param': { entry: 'unlockParam', on: { UNLOCKED: 'choosing a domain' } },

    'choosing a domain': {
      always: [{ guard: 'hasDomain', target: 'counting in the domain' }, { target: 'grabbing mm' }],
    },
    'counting in the domain': { entry: 'getDomain', on: { ANSWER: 'storing' } },
    'grabbing mm': { entry: 'grabMm', on: { ANSWER: 'allocating domain' } },
    'allocating domain': { entry: 'allocDomain', on: { ANSWER: { target: 'storing', actions: 'keepDomain' } } },

    storing: { entry: 'store', on: { ANSWER: 'attaching' } },
    attaching: { entry: 'setEntry', on: { ANSWER: 'allocating handle' } },
    'allocating handle': { entry: 'allocHandle', on: { ANSWER: { target: 'linking', actions: 'keepHandle' } } },
    linking: { entry: 'link', on: { ANSWER: 'unlocking' } },

    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
