/**
 * A task whose way parts (task.ts has those that go straight on): by what a call returned, or as nobody decides (machines/kernel/choice/either.ts); it
 * may go round, and take turns with others. Calls, choices and turns are where it stops; everything else in its script says where it goes on.
 */
import { assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { atStart, resultOf, type Result, type Return, type Step as CallStep, type TaskInput } from './task.ts'

interface ChoiceStep {
  /** Where each way begins. */
  readonly choose: readonly number[]
  /** Who is asked, and the sides that answer it. */
  readonly of: string
  readonly sides: readonly string[]
  readonly says: readonly string[]
}

/** Threads take turns: what others wait for is complete, or is waited for. */
interface TurnStep {
  readonly turn: 'WAIT' | 'COMPLETE'
  readonly of: string
}

/** A step of a script. It stops at calls, choices and turns; the others only say where to go on. */
export type FreeStep =
  | CallStep
  | ChoiceStep
  | TurnStep
  /** A call that is not made, and what it returned. */
  | { readonly fails: string; readonly ret: string }
  /** By what the step before has returned. */
  | { readonly branch: Readonly<Record<string, number>>; readonly otherwise: number }
  | { readonly goto: number }
  /** A loop begins, begins again, and is left. */
  | { readonly enter: true }
  | { readonly again: number }
  | { readonly exit: true }

export interface FreeTaskInput extends Omit<TaskInput, 'script'> {
  readonly script: readonly FreeStep[]
}

interface TaskContext extends FreeTaskInput {
  readonly remember: boolean
  readonly pc: number
  readonly results: readonly Result[]
  /** Of the loops that it is in, how many results there were when each began. Only in a script with loops. */
  readonly rounds?: readonly number[]
}
type TaskEvent =
  | (Heard & { readonly type: 'START' })
  | Return
  | (Heard & { readonly type: 'CHOSEN'; readonly side: number })
  | (Heard & { readonly type: 'ANSWER' })

type Progress = Pick<TaskContext, 'pc' | 'results' | 'rounds'>

/** Where it stops next: at a call, a choice, a turn, or the end. `ret`: what was returned last. */
function onFrom({ script, remember }: TaskContext, from: Progress, ret?: number | string): Progress {
  let { pc, results, rounds = [] } = from
  let returned = ret
  for (;;) {
    const step = script[pc]
    if (step === undefined || 'call' in step || 'choose' in step || 'turn' in step) break
    pc++
    if ('goto' in step) pc = step.goto
    else if ('branch' in step) pc = step.branch[String(returned)] ?? step.otherwise
    else if ('enter' in step) rounds = [...rounds, results.length]
    else if ('exit' in step) rounds = rounds.slice(0, -1)
    else if ('again' in step) {
      pc = step.again
      results = results.slice(0, rounds.at(-1))
    } else {
      returned = step.ret
      if (remember) results = [...results, { call: step.fails, ret: step.ret }]
    }
  }
  return { pc, results, ...(from.rounds && { rounds }) }
}

/** Where it is behind what it has just heard. */
function behind(context: TaskContext, event: TaskEvent): Progress {
  const { script, pc, results, rounds, remember } = context
  const at = { pc, results, ...(rounds && { rounds }) }
  const step = script[pc]
  if (event.type === 'CHOSEN' && step && 'choose' in step)
    return onFrom(context, { ...at, pc: step.choose[event.side]! })
  if (event.type === 'ANSWER') return onFrom(context, { ...at, pc: pc + 1 })
  if (event.type !== 'RETURN' || !step || !('call' in step)) return onFrom(context, at)
  const kept = remember ? [...results, resultOf(step, event)] : results
  return onFrom(context, { ...at, pc: pc + 1, results: kept }, event.ret)
}

export const freeTask = setup({
  types: {
    context: {} as TaskContext,
    events: {} as TaskEvent,
    emitted: {} as Said,
    input: {} as FreeTaskInput,
  },
  guards: {
    ends: ({ context, event }) => behind(context, event).pc >= context.script.length,
    chooses: ({ context, event }) => 'choose' in (context.script[behind(context, event).pc] ?? {}),
    takesTurn: ({ context, event }) => 'turn' in (context.script[behind(context, event).pc] ?? {}),
  },
  actions: {
    call: emit(({ context: { task, mm, script, pc } }) => {
      const { call, args } = script[pc] as CallStep
      return send(call, 'CALL', { task, ...(mm !== undefined && { mm }), ...args })
    }),
    choose: emit(({ context: { task, script, pc } }) => {
      const { of, says } = script[pc] as ChoiceStep
      return send(of, 'CHOOSE', { task, ways: says, quiet: true })
    }),
    turn: emit(({ context: { task, script, pc } }) => {
      const { turn, of } = script[pc] as TurnStep
      return send(of, turn, { task })
    }),
    goOn: assign(({ context, event }) => behind(context, event)),
  },
}).createMachine({
  id: 'free-task',
  context: ({ input }) => ({
    ...atStart(input),
    ...(input.script.some((step) => 'enter' in step) && { rounds: [] }),
  }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        START: [
          { guard: 'ends', target: 'finished', actions: 'goOn' },
          { guard: 'chooses', target: 'choosing', actions: 'goOn' },
          { guard: 'takesTurn', target: 'taking turns', actions: 'goOn' },
          { target: 'calling', actions: 'goOn' },
        ],
      },
    },
    calling: {
      entry: 'call',
      on: {
        RETURN: [
          { guard: 'ends', target: 'finished', actions: 'goOn' },
          { guard: 'chooses', target: 'choosing', actions: 'goOn' },
          { guard: 'takesTurn', target: 'taking turns', actions: 'goOn' },
          { target: 'calling', reenter: true, actions: 'goOn' },
        ],
      },
    },
    choosing: {
      entry: 'choose',
      on: {
        CHOSEN: [
          { guard: 'ends', target: 'finished', actions: 'goOn' },
          { guard: 'chooses', target: 'choosing', reenter: true, actions: 'goOn' },
          { guard: 'takesTurn', target: 'taking turns', actions: 'goOn' },
          { target: 'calling', actions: 'goOn' },
        ],
      },
    },
    'taking turns': {
      entry: 'turn',
      on: {
        ANSWER: [
          { guard: 'ends', target: 'finished', actions: 'goOn' },
          { guard: 'chooses', target: 'choosing', actions: 'goOn' },
          { guard: 'takesTurn', target: 'taking turns', reenter: true, actions: 'goOn' },
          { target: 'calling', actions: 'goOn' },
        ],
      },
    },
    finished: { type: 'final' },
  },
})
