/**
 * A page request is handled by the IOMMU core of 2017 and 2018: who is bound to the PASID is looked up, and his address
 * space kept (mmget_not_zero), with the core's lock held. Whoever puts it afterwards may be the last, and the process'
 * bonds would be dropped from here, by a thread that others wait for to be done with its queue. So the last of it is
 * left to a kworker (mmput_async).
 *
 * Source: drivers/iommu/io-pgfault.c of "[PATCH v2 00/40] Shared Virtual Addressing for the IOMMU" (May 2018), with the
 * lock that the PASIDs are under in the RFC of Feb 2017.
 * Left out: all parts of a group but the last, which carry nothing else here (a process has one page); permissions;
 * that groups are handled by a workqueue behind the page request queue's thread.
 */
import { assign, emit, setup } from 'xstate'
import { send, type Said } from '../../say.ts'
import * as steps from './fault-steps.ts'

export interface HandleFaultInput {
  readonly task: string
  readonly at: steps.FaultAt & {
    /** The IOMMU core's. */
    readonly lock: string
  }
}

type HandleFaultContext = HandleFaultInput & steps.FaultContext

const start = ({ task, at }: HandleFaultInput): HandleFaultContext => ({ task, at, ...steps.fresh })

export const handleFault = setup({
  types: {
    context: {} as HandleFaultContext,
    events: {} as steps.FaultEvent,
    emitted: {} as Said,
    input: {} as HandleFaultInput,
  },
  guards: {
    isMarker: steps.isMarker,
    isOverflow: steps.isOverflow,
    isPart: ({ event }) => event.type === 'CALL' && event.kind === 'request' && !event.last,
    hasToldAll: steps.hasToldAll,
    isNobodys: steps.isNobodys,
    isOver: steps.isOver,
    hasMm: steps.hasMm,
  },
  actions: {
    begin: assign((step) => steps.begin(step)),
    mark: emit((step) => steps.mark(step)),
    tellDrained: emit((step) => steps.tellDrained(step)),
    nextTold: assign((step) => steps.nextTold(step)),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    lookUp: emit((step) => steps.lookUp(step)),
    keepMm: assign((step) => steps.keepMm(step)),
    refuse: assign({ mm: null, ret: 'invalid' }),
    getMm: emit((step) => steps.getMm(step, 'iommu_fault_handle_single')),
    faultIn: emit((step) => steps.faultIn(step)),
    putMm: emit((step) => steps.putMm(step)),
    respond: emit((step) => steps.respond(step)),
    finish: emit((step) => steps.finish(step)),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'handleFault',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isMarker', target: 'marking', actions: ['begin', 'mark'] },
          { guard: 'isOverflow', target: 'telling', actions: 'begin' },
          { guard: 'isPart', actions: ['begin', 'finish', 'reset'] },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },

    marking: { on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    telling: {
      always: [{ guard: 'hasToldAll', target: 'idle', actions: ['finish', 'reset'] }, { target: 'telling a PASID' }],
    },
    'telling a PASID': { entry: 'tellDrained', on: { ANSWER: { target: 'telling', actions: 'nextTold' } } },

    locking: { entry: 'lock', on: { LOCKED: 'looking up' } },
    'looking up': {
      entry: 'lookUp',
      on: {
        ANSWER: [
          { guard: 'isNobodys', target: 'unlocking', actions: 'refuse' },
          { target: 'getting mm', actions: 'keepMm' },
        ],
      },
    },
    'getting mm': {
      entry: 'getMm',
      on: { ANSWER: [{ guard: 'isOver', target: 'unlocking', actions: 'refuse' }, { target: 'unlocking' }] },
    },
    unlocking: {
      entry: 'unlock',
      on: { UNLOCKED: [{ guard: 'hasMm', target: 'faulting in' }, { target: 'responding' }] },
    },
    'faulting in': { entry: 'faultIn', on: { ANSWER: 'putting mm' } },
    'putting mm': { entry: 'putMm', on: { RETURN: 'responding' } },
    responding: { entry: 'respond', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
