/**
 * One order, told by hand: what may happen, one step after the other. `do` insists, `try` answers.
 *
 *     const run = start(world)
 *     run.do('env → vmm0 GO').settle()
 *     run.actor('mdev0.lock').state // 'free'
 */
import { ModelError } from '../../explore/errors.ts'
import { replay } from '../../explore/index.ts'
import { comingFrom } from '../../explore/runs/origin.ts'
import type { Shown, System } from '../../explore/system.ts'
import type { Trace, TraceStep } from '../../explore/runs/trace.ts'
import { insist } from '../../shapes/insist.ts'
import { whole } from '../../shapes/shape.ts'
import { Controller } from '../../streams/controller.ts'
import { choose, NotPossible, type Choice } from '../../streams/offers.ts'
import { linesOf } from './kept-log.ts'
import { liveEnds, pureEnds, type ReadableEnd } from './ends.ts'
import { runWitness } from './run-witness.ts'
import { subjectOf } from './system.ts'
import type { World } from '../world/world.ts'
import { toChooseFrom } from '../../shapes/nearest.ts'

const steps = whole(1)

/** Starts a run; throws a ModelError when it is given neither. A world runs on real actors; a system, which has none, on its components. */
export function start<View>(what: World<View> | System<View>): Run<View> {
  const system = subjectOf(what, 'start()')
  return new Run(system, 'actors' in what ? liveEnds(what) : pureEnds(system))
}

export class Run<View = unknown> {
  readonly #system: System<View>
  readonly #ends: ReadonlyMap<string, ReadableEnd>
  readonly #controller: Controller
  readonly #taken: TraceStep[] = []

  constructor(system: System<View>, ends: readonly ReadableEnd[]) {
    this.#system = system
    this.#ends = new Map(ends.map((end) => [end.id, end]))
    this.#controller = new Controller(ends, system.start, runWitness(system))
    this.#controller.trace.subscribe((step) => this.#taken.push(step))
  }

  /** What may happen now, as `from → to TYPE`, in canonical order. */
  steps(): readonly string[] {
    return this.#controller.offers().map(({ name }) => name)
  }

  /** Makes it happen, or throws saying what is possible instead. The beginning of a name will do when only one step begins so. */
  do(step: Choice): this {
    this.#controller.take(this.#insist(step))
    return this
  }

  /** Makes it happen if it can, and answers what happened. */
  try(step: Choice): TraceStep | 'not possible' {
    try {
      return this.#controller.take(choose(this.#controller.offers(), step))
    } catch (error) {
      if (error instanceof NotPossible) return 'not possible'
      throw error
    }
  }

  /** The first step that is possible, again and again until none is. */
  settle(most = 1000): this {
    insist(steps, most, 'settle()')
    for (let taken = 0; this.steps().length > 0; taken++) {
      if (taken === most) throw unsettled(most, this.steps())
      this.#controller.take(0)
    }
    return this
  }

  /** An actor's state and data. */
  actor(id: string): Shown {
    return this.#end(id).show()
  }

  /** The world as properties see it. */
  get state(): View {
    return this.#system.view(
      (id) => this.#end(id).local,
      () => this.#taken.flatMap((step) => linesOf(step.to, step)),
    )
  }

  get schedule(): readonly number[] {
    return this.#taken.map(({ choice }) => choice)
  }

  /** The run so far, written down. */
  get trace(): Trace {
    return comingFrom(this.#system, { ...replay(this.#system, this.schedule), steps: [...this.#taken] })
  }

  #insist(step: Choice): number {
    try {
      return choose(this.#controller.offers(), step)
    } catch (cause) {
      const error =
        cause instanceof NotPossible ? new NotPossible(step, cause.possible, this.#why(step), this.#hint()) : cause
      // The trace of calls begins at the caller's line, not in here.
      // oxlint-disable-next-line typescript/unbound-method -- named, not called
      Error.captureStackTrace(error as Error, this.do)
      throw error
    }
  }

  #end(id: string): ReadableEnd {
    const end = this.#ends.get(id)
    if (!end)
      throw new ModelError('unknown-actor', `Unknown actor "${id}". Known: ${toChooseFrom(this.#ends.keys(), id)}.`)
    return end
  }

  /** Why a step cannot happen, in one line. */
  #why(step: Choice): string {
    const last = this.#taken.at(-1)
    const fatal = last?.findings.find((finding) => finding.fatal)
    if (fatal) return `The run ended at step ${last!.number}: ${fatal.title}.`
    const [, from, to, type] = /^(\S+) (?:→|->) (\S+)(?: (\S+))?$/.exec(String(step).trim()) ?? []
    if (from === undefined || to === undefined)
      return typeof step === 'number' ? '' : 'A step is called `from → to TYPE`.'
    const { state } = this.actor(to)
    const head = this.#controller.heads().find((each) => each.from === from && each.to === to)
    if (!head) return `${to} is in \`${state}\`; nothing is on its way to it from ${from}.`
    if (type !== undefined && !head.message.type.startsWith(type)) {
      return `${to} is in \`${state}\`; the next message from ${from} is ${head.message.type}.`
    }
    return `${to} is in \`${state}\`, where it defers ${head.message.type}.`
  }

  #hint(): string {
    return this.steps().length > 0 ? 'Did you mean to let the rest happen first?  run.settle()' : ''
  }
}

const unsettled = (most: number, possible: readonly string[]): Error =>
  new Error(
    [
      `Not settled after ${most} steps.`,
      '',
      '  Still possible:',
      ...possible.map((name) => `    ${name}`),
      '  Does it go round for ever? If not, allow more:  run.settle(10_000)',
    ].join('\n'),
  )
