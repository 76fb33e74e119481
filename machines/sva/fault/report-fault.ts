/**
 * A page request is reported by the IOMMU's driver and handled by the SVA code (iommu_report_device_fault,
 * iommu_sva_handle_mm). What the device has for that, its fault parameter, is found first: with a lock and a reference,
 * or as it once was by following the pointer and hoping that the device stays (B-59, CVE-2024-35843). A part of a group
 * is kept there until the last part comes, and nobody is answered until then; a missing return once handled each part
 * as well (CVE-2024-44994), so the device had two answers to one group.
 *
 * iommu_sva_lock is not taken: who unbinds holds it while he waits for this. He has erased the bond before he waits, so
 * an mm that is found here stays until this is over.
 *
 * Source: drivers/iommu/io-pgfault.c and iommu-sva.c, Linux 6.9 and its fixes.
 * Left out: that groups are handled by a workqueue behind the page request queue's thread; all parts of a group fault
 * in the one page that a process has, once.
 */
import { assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Said } from '../../say.ts'
import * as steps from './fault-steps.ts'
import type { SvmForm } from '../bond/forms.ts'
import type { FaultParamAt } from '../bond/sva-bind.ts'

export interface ReportFaultInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'locksFaultParam' | 'keepsPartials'>
  readonly at: steps.FaultAt & {
    readonly params: string
    readonly faults: string
    readonly groups: string
    readonly faultParams: Readonly<Record<string, FaultParamAt>>
  }
}

/** A part of a group (struct iopf_fault). */
interface Part {
  readonly ptr: Pointer
  readonly pasid: number
  readonly prgi: number
}

type ReportFaultContext = ReportFaultInput &
  steps.FaultContext & {
    readonly param: Pointer | null
    /** What the parameter is to keep. */
    readonly partials: readonly Part[]
    /** The parts that came before the last one: of the group's. */
    readonly parts: readonly Pointer[]
    readonly group: Pointer | null
  }

interface Step {
  readonly context: ReportFaultContext
  readonly event: steps.FaultEvent
}

const site = 'iommu_report_device_fault'

const start = ({ task, form, at }: ReportFaultInput): ReportFaultContext => ({
  ...{ task, form, at },
  ...steps.fresh,
  ...{ param: null, partials: [], parts: [], group: null },
})

const reporting = ({ at, request }: ReportFaultContext): FaultParamAt => at.faultParams[request!.device]!

const partialsIn = (step: Step): readonly Part[] =>
  (steps.answered(step).fields as { readonly partials: readonly Part[] }).partials

const isOfGroup =
  ({ context: { request } }: Step) =>
  ({ pasid, prgi }: Part): boolean =>
    pasid === request!.pasid && prgi === request!.prgi

export const reportFault = setup({
  types: {
    context: {} as ReportFaultContext,
    events: {} as steps.FaultEvent,
    emitted: {} as Said,
    input: {} as ReportFaultInput,
  },
  guards: {
    isMarker: steps.isMarker,
    isOverflow: steps.isOverflow,
    hasToldAll: steps.hasToldAll,
    isNobodys: steps.isNobodys,
    isOver: steps.isOver,
    locks: ({ context }) => context.form.locksFaultParam,
    isLockedAndNone: (step) => step.context.form.locksFaultParam && steps.answered(step).ptr === null,
    isNone: (step) => steps.answered(step).ptr === null,
    isPart: ({ context }) => !context.request!.last,
    isKept: ({ context }) => context.form.keepsPartials && !context.request!.last,
    completes: (step) => partialsIn(step).some(isOfGroup(step)),
    isAnswered: ({ context }) => context.param === null,
    hasParts: ({ context }) => context.parts.length > 0,
    wasLast: (step) => steps.answered(step).value === 0,
  },
  actions: {
    begin: assign((step) => steps.begin(step)),
    mark: emit((step) => steps.mark(step)),
    tellDrained: emit((step) => steps.tellDrained(step)),
    nextTold: assign((step) => steps.nextTold(step)),

    lockParam: emit(({ context }) => send(reporting(context).paramLock, 'LOCK', { task: context.task })),
    unlockParam: emit(({ context }) => send(reporting(context).paramLock, 'UNLOCK', { task: context.task })),
    readParam: emit(({ context }) => send(reporting(context).faultParam, 'READ', { task: context.task })),
    keepParam: assign((step) => ({ param: steps.answered(step).ptr! })),
    useParam: emit(({ context: { at, task, param } }) => send(at.params, 'USE', { task, ptr: param, site })),
    keepPartials: assign((step) => ({ partials: partialsIn(step) })),
    getParam: emit(({ context: { at, task, param } }) =>
      send(at.params, 'ADD', { task, ptr: param, site, field: 'users', by: 1 }),
    ),

    allocPart: emit(({ context: { at, task, request } }) => {
      const { pasid, prgi } = request!
      return send(at.faults, 'ALLOC', { task, fields: { pasid, prgi }, site: 'report_partial_fault' })
    }),
    addPart: assign((step) => {
      const { pasid, prgi } = step.context.request!
      return { partials: [...step.context.partials, { ptr: steps.answered(step).ptr!, pasid, prgi }] }
    }),
    collect: assign((step) => {
      const isPart = isOfGroup(step)
      const all = partialsIn(step)
      return {
        partials: all.filter((each) => !isPart(each)),
        parts: all.filter(isPart).map(({ ptr }) => ptr),
      }
    }),
    setPartials: emit(({ context: { at, task, param, partials } }) =>
      send(at.params, 'SET', { task, ptr: param, site, fields: { partials } }),
    ),
    forgetPartials: assign({ partials: [] }),

    allocGroup: emit(({ context: { at, task, request, parts } }) => {
      const { pasid, prgi } = request!
      return send(at.groups, 'ALLOC', { task, fields: { pasid, prgi, faults: parts }, site: 'iopf_group_alloc' })
    }),
    keepGroup: assign((step) => ({ group: steps.answered(step).ptr! })),
    lookUp: emit((step) => steps.lookUp(step)),
    keepMm: assign((step) => steps.keepMm(step)),
    refuse: assign({ mm: null, ret: 'invalid' }),
    getMm: emit((step) => steps.getMm(step, 'iommu_sva_handle_mm')),
    faultIn: emit((step) => steps.faultIn(step)),
    putMm: emit((step) => steps.putMm(step)),
    respond: emit((step) => steps.respond(step)),
    forgetRequest: assign({ request: null, mm: null, ret: steps.fresh.ret }),

    freePart: emit(({ context: { at, task, parts } }) =>
      send(at.faults, 'FREE', { task, ptr: parts[0], site: 'iopf_free_group' }),
    ),
    nextPart: assign(({ context }) => ({ parts: context.parts.slice(1) })),
    freeGroup: emit(({ context: { at, task, group } }) =>
      send(at.groups, 'FREE', { task, ptr: group, site: 'iopf_free_group' }),
    ),
    putParam: emit(({ context: { at, task, param } }) =>
      send(at.params, 'ADD', { task, ptr: param, site: 'iopf_put_dev_fault_param', field: 'users', by: -1 }),
    ),
    freeParam: emit(({ context: { at, task, param } }) =>
      send(at.params, 'FREE', { task, ptr: param, site: 'iopf_put_dev_fault_param' }),
    ),
    finish: emit((step) => steps.finish(step)),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'reportFault',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isMarker', target: 'marking', actions: ['begin', 'mark'] },
          { guard: 'isOverflow', target: 'telling', actions: 'begin' },
          { guard: 'locks', target: 'locking param', actions: 'begin' },
          { target: 'reading param', actions: 'begin' },
        ],
      },
    },

    marking: { on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    telling: {
      always: [{ guard: 'hasToldAll', target: 'idle', actions: ['finish', 'reset'] }, { target: 'telling a PASID' }],
    },
    'telling a PASID': { entry: 'tellDrained', on: { ANSWER: { target: 'telling', actions: 'nextTold' } } },

    'locking param': { entry: 'lockParam', on: { LOCKED: 'reading param' } },
    'reading param': {
      entry: 'readParam',
      on: {
        ANSWER: [
          { guard: 'isLockedAndNone', target: 'unlocking nothing' },
          { guard: 'isNone', target: 'failing' },
          { target: 'using param', actions: 'keepParam' },
        ],
      },
    },
    'unlocking nothing': { entry: 'unlockParam', on: { UNLOCKED: 'failing' } },
    failing: {
      always: [{ guard: 'isPart', target: 'idle', actions: ['finish', 'reset'] }, { target: 'responding' }],
    },
    'using param': {
      entry: 'useParam',
      on: {
        ANSWER: [
          { guard: 'isKept', target: 'allocating a part', actions: 'keepPartials' },
          { guard: 'completes', target: 'collecting', actions: 'collect' },
          { guard: 'locks', target: 'getting param' },
          { target: 'allocating group' },
        ],
      },
    },

    'allocating a part': { entry: 'allocPart', on: { ANSWER: { target: 'keeping a part', actions: 'addPart' } } },
    'keeping a part': {
      entry: ['setPartials', 'forgetPartials'],
      on: {
        ANSWER: [
          { guard: 'locks', target: 'unlocking a part' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'unlocking a part': { entry: 'unlockParam', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    collecting: {
      entry: ['setPartials', 'forgetPartials'],
      on: { ANSWER: [{ guard: 'locks', target: 'getting param' }, { target: 'allocating group' }] },
    },
    'getting param': { entry: 'getParam', on: { ANSWER: 'unlocking param' } },
    'unlocking param': { entry: 'unlockParam', on: { UNLOCKED: 'allocating group' } },
    'allocating group': { entry: 'allocGroup', on: { ANSWER: { target: 'looking up', actions: 'keepGroup' } } },

    'looking up': {
      entry: 'lookUp',
      on: {
        ANSWER: [
          { guard: 'isNobodys', target: 'responding', actions: 'refuse' },
          { target: 'getting mm', actions: 'keepMm' },
        ],
      },
    },
    'getting mm': {
      entry: 'getMm',
      on: { ANSWER: [{ guard: 'isOver', target: 'responding', actions: 'refuse' }, { target: 'faulting in' }] },
    },
    'faulting in': { entry: 'faultIn', on: { ANSWER: 'putting mm' } },
    'putting mm': { entry: 'putMm', on: { RETURN: 'responding' } },
    responding: {
      entry: 'respond',
      on: {
        ANSWER: [
          { guard: 'isAnswered', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'freeing', actions: 'forgetRequest' },
        ],
      },
    },

    freeing: { always: [{ guard: 'hasParts', target: 'freeing a part' }, { target: 'freeing group' }] },
    'freeing a part': { entry: 'freePart', on: { ANSWER: { target: 'freeing', actions: 'nextPart' } } },
    'freeing group': {
      entry: 'freeGroup',
      on: {
        ANSWER: [
          { guard: 'locks', target: 'putting param' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'putting param': {
      entry: 'putParam',
      on: {
        ANSWER: [
          { guard: 'wasLast', target: 'freeing param' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'freeing param': { entry: 'freeParam', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
