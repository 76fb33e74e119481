/** In which calls each thread of a run is: the frames of a stack trace, as lockdep and the sanitizer print them. */
import type { TraceStep } from '../runs/trace.ts'

/** A call that a thread was in, and the step in which it was entered. */
export interface Frame {
  readonly call: string
  readonly since: number
}

/** The newest call first. */
export type Stack = readonly Frame[]

export class Calls {
  readonly #threads: Readonly<Record<string, string>>
  readonly #stacks = new Map<string, Stack>()

  /** Component id → its thread. */
  constructor(threads: Readonly<Record<string, string>>) {
    this.#threads = threads
  }

  /** Calls and returns: a thread is in one of its actors at a time, and whoever it comes back to had called. */
  move({ number, from, to }: Pick<TraceStep, 'number' | 'from' | 'to'>): void {
    const [caller, callee] = [this.#threads[from], this.#threads[to]]
    if (caller !== undefined) this.enter(caller, from, number)
    if (callee === undefined) return
    // An answer, or a word from outside: that calls nobody who is not called yet, but may be what begins a thread.
    if (callee === caller || !this.#stacks.has(callee)) this.enter(callee, to, number)
  }

  enter(thread: string, call: string, since: number): Stack {
    const stack = this.#stacks.get(thread) ?? []
    const at = stack.findIndex((frame) => frame.call === call)
    const now = at < 0 ? [...stack, { call, since }] : stack.slice(0, at + 1)
    this.#stacks.set(thread, now)
    return now.toReversed()
  }

  stackOf(thread: string): Stack {
    return this.#stacks.get(thread)?.toReversed() ?? []
  }
}
