/**
 * A task: one thread of control with a script of calls, one after the other. What it got back is kept in `results`,
 * unless the story does not ask for it (`remember: false`): then runs that differ only in what somebody once got back
 * are one.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface Step {
  /** Id of the call. */
  readonly call: string
  readonly args: Readonly<Record<string, unknown>>
  /** Name of the result, when the call's id is not the word a property should use. */
  readonly as?: string
}

/** What one call returned: `ret`, and whatever came with it (the `size` of an unmap). */
export interface Result {
  readonly call: string
  readonly ret: number | string
  readonly [field: string]: unknown
}

export interface TaskInput {
  readonly task: string
  /** Whose memory it works with, where whoever is called does not know it. */
  readonly mm?: string
  readonly script: readonly Step[]
  readonly remember?: boolean
}

type TaskContext = TaskInput & { readonly remember: boolean; readonly pc: number; readonly results: readonly Result[] }
export type Return = Heard & { readonly type: 'RETURN'; readonly ret: number | string }
type TaskEvent = (Heard & { readonly type: 'START' }) | Return

/** Before its first step. */
export const atStart = <Input extends Omit<TaskInput, 'script'> & { readonly script: readonly unknown[] }>({
  task,
  mm,
  script,
  remember = true,
}: Input) => ({
  task,
  ...(mm !== undefined && { mm }),
  script: script as Input['script'],
  remember,
  pc: 0,
  results: [],
})

/** What a step has come to. */
export const resultOf = ({ call, as }: Step, event: Return): Result => {
  const { type: _type, from: _from, task: _task, ...returned } = event
  return { call: as ?? call, ...returned }
}

export const task = setup({
  types: {
    context: {} as TaskContext,
    events: {} as TaskEvent,
    emitted: {} as Said,
    input: {} as TaskInput,
  },
  guards: {
    isEmpty: ({ context }) => context.script.length === 0,
    isLastStep: ({ context }) => context.pc === context.script.length - 1,
  },
  actions: {
    call: emit(({ context: { task, mm, script, pc } }) =>
      send(script[pc]!.call, 'CALL', { task, ...(mm !== undefined && { mm }), ...script[pc]!.args }),
    ),
    keepResult: assign(({ context, event }) => {
      assertEvent(event, 'RETURN')
      if (!context.remember) return {}
      return { results: [...context.results, resultOf(context.script[context.pc]!, event)] }
    }),
    advance: assign({ pc: ({ context }) => context.pc + 1 }),
  },
}).createMachine({
  id: 'task',
  context: ({ input }) => atStart(input),
  initial: 'ready',
  states: {
    ready: { on: { START: [{ guard: 'isEmpty', target: 'finished' }, { target: 'calling' }] } },
    calling: {
      entry: 'call',
      on: {
        RETURN: [
          { guard: 'isLastStep', target: 'finished', actions: ['keepResult', 'advance'] },
          { target: 'calling', reenter: true, actions: ['keepResult', 'advance'] },
        ],
      },
    },
    finished: { type: 'final' },
  },
})
