/**
 * iommu_sva_unbind_device: a reference to a handle is given back. With the last one the device loses its PASID: nobody
 * finds the bond any more, the entry goes, what was cached of it goes, and the page request queue is drained. The last
 * handle of a domain takes the domain along, and with it a count of the mm (mmdrop), which may have been the last: then
 * mm->iommu_mm is gone too. As merged that was read afterwards (B-56, CVE-2026-23429).
 *
 * The last bond of a device takes away what its page faults were reported with. What still waits there for the rest of
 * its group has to be freed (B-59, CVE-2025-21770: there it is groups that wait for their response; here a group is
 * answered by whoever takes it from the queue, so it is the parts of groups).
 *
 * It returns nothing, so what may fail, invalidation, is tried again until it works (qi_submit_sync does so).
 *
 * The kernel erases the bond after it has drained, because no request can come any more: whoever unbinds has stopped
 * his device. Here it is erased first, as devices may not have stopped: a fault that is handled after the drain finds
 * no mm then that is about to go.
 *
 * Source: drivers/iommu/iommu-sva.c, iommu_detach_device_pasid, Linux 6.9; iopf_queue_remove_device.
 * Left out: RCU, which frees the parameter later.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { SvmForm } from './forms.ts'
import type { FaultParamAt, IommuMm } from './sva-bind.ts'

export interface SvaUnbindInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'drains' | 'invalidates' | 'readsIommuMm' | 'freesPending'>
  readonly at: {
    /** iommu_sva_lock */
    readonly lock: string
    readonly bonds: string
    readonly mms: string
    readonly iommuMms: string
    readonly domains: string
    readonly handles: string
    readonly params: string
    readonly faults: string
    readonly translation: string
    /** The page request queue. */
    readonly queue: string
    readonly mmdrop: string
    readonly devices: Readonly<Record<string, FaultParamAt>>
  }
}

/** struct iommu_sva. */
interface Handle {
  readonly device: string
  readonly mm: Pointer
  readonly domain: Pointer
  readonly pasid: number
}

type SvaUnbindContext = SvaUnbindInput & {
  readonly caller: string | null
  readonly handle: Pointer | null
  readonly fields: Handle | null
  readonly iommuMm: Pointer | null
  /** What is left of iommu_mm's. */
  readonly handles: IommuMm['handles']
  readonly param: Pointer | null
  /** To be freed. */
  readonly partials: readonly Pointer[]
}

type SvaUnbindEvent =
  | (Heard & { readonly type: 'CALL'; readonly handle: Pointer })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: number | string
      readonly value?: number
      readonly ptr?: Pointer | null
      readonly fields?: Partial<Handle> & {
        readonly iommuMm?: Pointer
        readonly handles?: IommuMm['handles']
        readonly partials?: readonly { readonly ptr: Pointer }[]
      }
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

interface Step {
  readonly context: SvaUnbindContext
  readonly event: SvaUnbindEvent
}

const site = 'iommu_sva_unbind_device'

const start = ({ task, form, at }: SvaUnbindInput): SvaUnbindContext => ({
  ...{ task, form, at },
  ...{ caller: null, handle: null, fields: null, iommuMm: null, handles: [], param: null, partials: [] },
})

const answered = ({ event }: Step) => {
  assertEvent(event, 'ANSWER')
  return event
}

const reporting = ({ at, fields }: SvaUnbindContext): FaultParamAt => at.devices[fields!.device]!

export const svaUnbind = setup({
  types: {
    context: {} as SvaUnbindContext,
    events: {} as SvaUnbindEvent,
    emitted: {} as Said,
    input: {} as SvaUnbindInput,
  },
  guards: {
    wasLast: (step) => answered(step).value === 0,
    hasFailed: (step) => answered(step).ret !== 0,
    invalidates: ({ context }) => context.form.invalidates,
    drains: ({ context }) => context.form.drains,
    readsAfterFree: ({ context }) => context.form.readsIommuMm === 'after-free',
    freesPending: ({ context }) => context.form.freesPending && context.partials.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, handle: event.handle }
    }),
    readHandle: emit(({ context: { at, task, handle } }) => send(at.handles, 'USE', { task, ptr: handle, site })),
    keepFields: assign((step) => {
      const { device, mm, domain, pasid } = answered(step).fields as Handle
      return { fields: { device, mm, domain, pasid } }
    }),
    readMm: emit(({ context: { at, task, fields } }) => send(at.mms, 'USE', { task, ptr: fields!.mm, site })),
    keepIommuMm: assign((step) => ({ iommuMm: answered(step).fields!.iommuMm! })),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),

    putHandle: emit(({ context: { at, task, handle } }) =>
      send(at.handles, 'ADD', { task, ptr: handle, site, field: 'users', by: -1 }),
    ),
    readIommuMm: emit(({ context: { at, task, iommuMm } }) => send(at.iommuMms, 'USE', { task, ptr: iommuMm, site })),
    keepHandles: assign((step) => ({
      handles: answered(step).fields!.handles!.filter(({ ptr }) => !isSame(ptr, step.context.handle!)),
    })),

    erase: emit(({ context: { at, task, fields } }) => {
      const { device, pasid, mm } = fields!
      return send(at.bonds, 'DEL', { task, device, pasid, mm })
    }),
    clearEntry: emit(({ context: { at, task, fields } }) => {
      const { device, pasid } = fields!
      return send(at.translation, 'CLEAR_ENTRY', { task, device, pasid })
    }),
    invalidate: emit(({ context: { at, task, fields } }) => {
      const { device, pasid } = fields!
      return send(at.translation, 'INVALIDATE', { task, device, pasid })
    }),
    drain: emit(({ context: { at, task } }) => send(at.queue, 'DRAIN', { task })),

    putDomain: emit(({ context: { at, task, fields } }) =>
      send(at.domains, 'ADD', { task, ptr: fields!.domain, site, field: 'users', by: -1 }),
    ),
    unlinkHandle: emit(({ context: { at, task, iommuMm, handles } }) =>
      send(at.iommuMms, 'SET', { task, ptr: iommuMm, site, fields: { handles } }),
    ),
    unlinkDomain: emit(({ context: { at, task, iommuMm, handles } }) =>
      send(at.iommuMms, 'SET', { task, ptr: iommuMm, site, fields: { handles, domain: null } }),
    ),
    freeDomain: emit(({ context: { at, task, fields } }) =>
      send(at.domains, 'FREE', { task, ptr: fields!.domain, site: 'iommu_domain_free' }),
    ),
    dropMm: emit(({ context: { at, task, fields } }) => send(at.mmdrop, 'CALL', { task, mm: fields!.mm })),

    countBond: emit(({ context }) => send(reporting(context).faultParam, 'COUNT', { task: context.task, by: -1 })),
    lockParam: emit(({ context }) => send(reporting(context).paramLock, 'LOCK', { task: context.task })),
    readParam: emit(({ context }) => send(reporting(context).faultParam, 'READ', { task: context.task })),
    keepParam: assign((step) => ({ param: answered(step).ptr! })),
    readPartials: emit(({ context: { at, task, param } }) =>
      send(at.params, 'USE', { task, ptr: param, site: 'iopf_queue_remove_device' }),
    ),
    keepPartials: assign((step) => ({
      partials: answered(step).fields!.partials!.map(({ ptr }) => ptr),
    })),
    freePartial: emit(({ context: { at, task, partials } }) =>
      send(at.faults, 'FREE', { task, ptr: partials[0], site: 'iopf_queue_remove_device' }),
    ),
    nextPartial: assign(({ context }) => ({ partials: context.partials.slice(1) })),
    clearParam: emit(({ context }) => send(reporting(context).faultParam, 'SET', { task: context.task, ptr: null })),
    putParam: emit(({ context: { at, task, param } }) =>
      send(at.params, 'ADD', { task, ptr: param, site: 'iopf_put_dev_fault_param', field: 'users', by: -1 }),
    ),
    freeParam: emit(({ context: { at, task, param } }) =>
      send(at.params, 'FREE', { task, ptr: param, site: 'iopf_put_dev_fault_param' }),
    ),
    unlockParam: emit(({ context }) => send(reporting(context).paramLock, 'UNLOCK', { task: context.task })),

    conclude: assign(({ context }) => {
      const { caller, handle } = context
      return { ...start(context), caller, handle }
    }),
    freeHandle: emit(({ context: { at, task, handle } }) => send(at.handles, 'FREE', { task, ptr: handle, site })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'svaUnbind',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'reading handle', actions: 'begin' } } },
    'reading handle': { entry: 'readHandle', on: { ANSWER: { target: 'reading mm', actions: 'keepFields' } } },
    'reading mm': { entry: 'readMm', on: { ANSWER: { target: 'locking', actions: 'keepIommuMm' } } },
    locking: { entry: 'lock', on: { LOCKED: 'putting handle' } },
    'putting handle': {
      entry: 'putHandle',
      on: { ANSWER: [{ guard: 'wasLast', target: 'reading iommu_mm' }, { target: 'unlocking' }] },
    },
    'reading iommu_mm': { entry: 'readIommuMm', on: { ANSWER: { target: 'erasing', actions: 'keepHandles' } } },

    erasing: { entry: 'erase', on: { ANSWER: 'detaching' } },
    detaching: {
      entry: 'clearEntry',
      on: { ANSWER: [{ guard: 'invalidates', target: 'invalidating' }, { target: 'invalidated' }] },
    },
    invalidating: {
      entry: 'invalidate',
      on: { ANSWER: [{ guard: 'hasFailed', target: 'invalidating', reenter: true }, { target: 'invalidated' }] },
    },
    invalidated: { always: [{ guard: 'drains', target: 'draining' }, { target: 'putting domain' }] },
    draining: { entry: 'drain', on: { ANSWER: 'putting domain' } },

    'putting domain': {
      entry: 'putDomain',
      on: { ANSWER: [{ guard: 'wasLast', target: 'unlinking domain' }, { target: 'unlinking handle' }] },
    },
    'unlinking handle': { entry: 'unlinkHandle', on: { ANSWER: 'counting the bond' } },
    'unlinking domain': { entry: 'unlinkDomain', on: { ANSWER: 'freeing domain' } },
    'freeing domain': { entry: 'freeDomain', on: { ANSWER: 'dropping mm' } },
    'dropping mm': {
      entry: 'dropMm',
      on: {
        RETURN: [{ guard: 'readsAfterFree', target: 'reading iommu_mm again' }, { target: 'counting the bond' }],
      },
    },
    'reading iommu_mm again': { entry: 'readIommuMm', on: { ANSWER: 'counting the bond' } },

    'counting the bond': {
      entry: 'countBond',
      on: { ANSWER: [{ guard: 'wasLast', target: 'locking param' }, { target: 'unlocking with nothing left' }] },
    },
    'locking param': { entry: 'lockParam', on: { LOCKED: 'reading param' } },
    'reading param': { entry: 'readParam', on: { ANSWER: { target: 'reading partials', actions: 'keepParam' } } },
    'reading partials': {
      entry: 'readPartials',
      on: { ANSWER: { target: 'freeing partials', actions: 'keepPartials' } },
    },
    'freeing partials': {
      always: [{ guard: 'freesPending', target: 'freeing a partial' }, { target: 'clearing param' }],
    },
    'freeing a partial': {
      entry: 'freePartial',
      on: { ANSWER: { target: 'freeing partials', actions: 'nextPartial' } },
    },
    'clearing param': { entry: 'clearParam', on: { ANSWER: 'putting param' } },
    'putting param': {
      entry: 'putParam',
      on: { ANSWER: [{ guard: 'wasLast', target: 'freeing param' }, { target: 'unlocking param' }] },
    },
    'freeing param': { entry: 'freeParam', on: { ANSWER: 'unlocking param' } },
    'unlocking param': { entry: 'unlockParam', on: { UNLOCKED: 'unlocking with nothing left' } },

    'unlocking with nothing left': { entry: ['unlock', 'conclude'], on: { UNLOCKED: 'freeing handle' } },
    'freeing handle': { entry: 'freeHandle', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
