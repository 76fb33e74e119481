/**
 * A process executes another program: a new address space takes the place of the old one, which is put. Descriptors stay open, and nothing is
 * unbound: what was bound is bound to the old address space, and the PASIDs the process knew of were in that.
 *
 * Source: fs/exec.c (bprm_mm_init, exec_mmap). Left out: descriptors that close on exec; whatever may fail before the point of no return.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface SvmExecInput {
  readonly task: string
  readonly at: {
    readonly processes: Readonly<Record<string, string>>
    /** Slab of the address spaces. */
    readonly mms: string
    /** Call. */
    readonly mmput: string
  }
}

type SvmExecContext = SvmExecInput & {
  readonly caller: string | null
  readonly process: string | null
  /** First the new one, then the one to be put. */
  readonly mm: Pointer | null
  readonly ret: 0 | string
}

type SvmExecEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly ptr?: Pointer; readonly mm?: Pointer | null })
  | (Heard & { readonly type: 'RETURN' })

const start = ({ task, at }: SvmExecInput): SvmExecContext => ({
  ...{ task, at },
  ...{ caller: null, process: null, mm: null, ret: 0 },
})

export const svmExec = setup({
  types: {
    context: {} as SvmExecContext,
    events: {} as SvmExecEvent,
    emitted: {} as Said,
    input: {} as SvmExecInput,
  },
  guards: {
    isOver: ({ event }) => event.type === 'ANSWER' && event.mm === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process }
    }),
    alloc: emit(({ context: { at, task, process } }) =>
      send(at.mms, 'ALLOC', { task, fields: { process, users: 1, count: 1, iommuMm: null }, site: 'mm_alloc' }),
    ),
    keepNew: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { mm: event.ptr! }
    }),
    exec: emit(({ context: { at, task, process, mm } }) => send(at.processes[process!]!, 'EXEC', { task, mm })),
    keepOld: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { mm: event.mm! }
    }),
    /** The process was killed meanwhile: nobody is there to run in the new address space. */
    fail: assign({ ret: '-ESRCH' }),
    put: emit(({ context: { at, task, mm } }) => send(at.mmput, 'CALL', { task, mm })),
    /** All that is left is to return. */
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller, ret: context.ret })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'svmExec',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'allocating', actions: 'begin' } } },
    allocating: { entry: 'alloc', on: { ANSWER: { target: 'changing', actions: 'keepNew' } } },
    changing: {
      entry: 'exec',
      on: {
        ANSWER: [
          { guard: 'isOver', target: 'putting', actions: 'fail' },
          { target: 'putting', actions: 'keepOld' },
        ],
      },
    },
    putting: {
      entry: ['put', 'conclude'],
      on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } },
    },
  },
})
