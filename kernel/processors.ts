/**
 * Processors that several share: threads bound to one (`on: 'cpu0'`), interrupts that come there. A thread that has one for itself is never in
 * anybody's way, and asks for nothing.
 */
import type { ActorSpec } from '../actors/world/world.ts'
import { ModelError } from '../explore/errors.ts'
import { irqHandler } from '../machines/kernel/processor/irq-handler.ts'
import { processor, processorFacts, processorOrders } from '../machines/kernel/processor/processor.ts'
import { nearest } from '../shapes/nearest.ts'
import { inHardirq, inTask, type Context } from './context.ts'
import type { BoundRun, Run } from './guards.ts'
import { callName } from './names.ts'
import type { Own } from './object.ts'
import type { Procedure } from './procedure.ts'
import { reached } from './reached.ts'

/** An interrupt that comes to a processor, at any moment when interrupts are on there. */
export interface Interrupt {
  readonly on: string
  /** Runs with interrupts off; what it returns matters if it is IRQ_WAKE_THREAD. */
  readonly handler: Procedure
  /** What does the rest, in a thread of its own (request_threaded_irq). */
  readonly thread?: Procedure
  /** It stays masked until that thread is through, too. */
  readonly oneshot?: boolean
  /** How often it comes (1). */
  readonly times?: number
}

/** The thread that does the rest, as ps calls it. */
export const irqThread = (irq: string): string => `irq/${irq}`

/** What interrupts run, as threads of their own. */
export const handlersOf = (interrupts: Readonly<Record<string, Interrupt>>): readonly Run[] =>
  Object.entries(interrupts).flatMap(([irq, { handler, thread }]) => [
    runOf(irq, handler),
    ...(thread ? [runOf(irqThread(irq), thread)] : []),
  ])

/** The processors of a world that somebody shares. */
export class Processors {
  readonly own: readonly Own[]
  readonly #on: ReadonlyMap<string, string>
  readonly #interrupts: Readonly<Record<string, Interrupt>>

  /** `runs`: of all threads; some of them are bound. */
  constructor(runs: readonly BoundRun[], interrupts: Readonly<Record<string, Interrupt>>) {
    const come = Object.entries(interrupts)
    const threads = runs.flatMap(({ on, thread }) => (on === undefined ? [] : [[thread, on] as const]))
    this.#interrupts = interrupts
    const shared = [...new Set([...threads.map(([, on]) => on), ...come.map(([, { on }]) => on)])].filter(
      (id) => come.some(([, { on }]) => on === id) || threads.filter(([, on]) => on === id).length > 1,
    )
    this.#on = new Map(threads.filter(([, on]) => shared.includes(on)))
    this.own = shared.map((id) =>
      processorOf(
        id,
        come.filter(([, { on }]) => on === id),
      ),
    )
  }

  /** Where the interrupts come that a procedure has to do with. Throws a ModelError when there is no such interrupt. */
  of({ name, interrupts = [] }: Procedure): { readonly processors?: Readonly<Record<string, string>> } {
    if (interrupts.length === 0) return {}
    return { processors: Object.fromEntries(interrupts.map((irq) => [irq, this.#interrupt(name, irq).on])) }
  }

  #interrupt(procedure: string, irq: string): Interrupt {
    const known = this.#interrupts[irq]
    if (known !== undefined) return known
    const names = Object.keys(this.#interrupts)
    const guess = nearest(irq, names)
    throw new ModelError(
      'bad-description',
      `Procedure ${procedure}: there is no interrupt "${irq}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
      [['interrupts', names.join(', ') || 'none']],
      `Write kernel({ threads, interrupts: { ${irq}: { on: 'cpu0', handler } } }).`,
    )
  }

  /** The processor that a thread shares with others. */
  sharedBy(thread: string): string | undefined {
    return this.#on.get(thread)
  }
}

const runOf = (thread: string, run: Procedure): Run => ({ thread, run: [run], procedures: reached([run]) })

/** A processor with what comes to it. */
function processorOf(id: string, interrupts: readonly (readonly [irq: string, Interrupt])[]): Own {
  const lines = interrupts.map(([irq, { thread, oneshot = false }]) => ({
    irq,
    ...(thread && { thread: irqThread(irq) }),
    oneshot,
  }))
  const handlers = interrupts.flatMap(([irq, { handler, thread }]) => [
    half(id, irq, 'handler', irq, handler, inHardirq),
    ...(thread ? [half(id, irq, 'thread', irqThread(irq), thread, inTask)] : []),
  ])
  const comes = interrupts.flatMap(([irq, { times = 1 }]) =>
    Array.from({ length: times }, () => ({
      to: id,
      message: { type: 'IRQ', from: `device of ${irq}`, irq, says: `interrupt ${irq}` },
    })),
  )
  return {
    actors: [
      { id, machine: processor, input: { lines }, lock: processorFacts, orders: processorOrders },
      ...handlers.map(({ actor }) => actor),
    ],
    start: [...handlers.map(({ ready }) => ready), ...comes],
  }
}

const half = (
  on: string,
  irq: string,
  which: 'handler' | 'thread',
  task: string,
  { name }: Procedure,
  context: Context,
) => {
  const input = { task, irq, half: which, processor: on, call: callName(task, name), in: context }
  const runsIn = which === 'handler' && { runsIn: '(hardirq)' as const }
  const actor: ActorSpec = { id: task, machine: irqHandler, input, thread: task, ...runsIn }
  const ready = { to: on, message: { type: 'NEXT', from: task, task, irq, half: which, quiet: true } }
  return { actor, ready }
}
