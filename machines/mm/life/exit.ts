/**
 * A process ends: first it gives up its address space (exit_mm), then its descriptors are closed (exit_files). So devices lose the address space
 * while the process has not unbound anything, and what the last close unbinds is bound to an address space that is over.
 *
 * Source: kernel/exit.c (do_exit). Left out: __fput as a task work, which still runs after exit_mm.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface SvmExitInput {
  readonly task: string
  readonly at: {
    readonly processes: Readonly<Record<string, string>>
    /** Call. */
    readonly mmput: string
    /** Calls, one for each device the process may have open; one that it has not open refuses. */
    readonly closes: readonly string[]
  }
}

type SvmExitContext = SvmExitInput & {
  readonly caller: string | null
  readonly process: string | null
  readonly mm: Pointer | null
  /** How many of the closes are through. */
  readonly closed: number
}

type SvmExitEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly mm: Pointer | null })
  | (Heard & { readonly type: 'RETURN' })

const start = ({ task, at }: SvmExitInput): SvmExitContext => ({
  ...{ task, at },
  ...{ caller: null, process: null, mm: null, closed: 0 },
})

export const svmExit = setup({
  types: {
    context: {} as SvmExitContext,
    events: {} as SvmExitEvent,
    emitted: {} as Said,
    input: {} as SvmExitInput,
  },
  guards: {
    hasMm: ({ event }) => event.type === 'ANSWER' && event.mm !== null,
    allClosed: ({ context: { at, closed } }) => closed === at.closes.length,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process }
    }),
    exit: emit(({ context: { at, task, process } }) => send(at.processes[process!]!, 'EXIT', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { mm: event.mm }
    }),
    put: emit(({ context: { at, task, mm } }) => send(at.mmput, 'CALL', { task, mm })),
    forget: assign({ mm: null }),
    close: emit(({ context: { at, task, process, closed } }) => send(at.closes[closed]!, 'CALL', { task, process })),
    next: assign({ closed: ({ context }) => context.closed + 1 }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'svmExit',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'exiting', actions: 'begin' } } },
    exiting: {
      entry: 'exit',
      on: { ANSWER: [{ guard: 'hasMm', target: 'putting', actions: 'keep' }, { target: 'closing' }] },
    },
    putting: { entry: ['put', 'forget'], on: { RETURN: 'closing' } },
    closing: {
      always: [{ guard: 'allClosed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'closing one' }],
    },
    'closing one': { entry: 'close', on: { RETURN: { target: 'closing', actions: 'next' } } },
  },
})
