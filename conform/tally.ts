/** Counts that grow: what agreed, what did not, what was not compared and why. */
import type { Op, Result } from './case.ts'
import type { Compared } from './compare.ts'
import type { NotCompared, Tally } from './report.ts'

type Came = 'agreed' | 'disagreed' | 'notCompared'

class Count {
  agreed = 0
  disagreed = 0
  notCompared = 0

  get tally(): Tally {
    const { agreed, disagreed, notCompared } = this
    return { all: agreed + disagreed + notCompared, agreed, disagreed, notCompared }
  }
}

export class Counts {
  readonly #cases = new Count()
  readonly #byOp = new Map<string, { ops: Count; fields: Count }>()
  readonly #notCompared = new Map<string, { op: string; field?: string; reason: string; times: number }>()

  case(came: Came): void {
    this.#cases[came]++
  }

  /** An operation agrees when all that is compared of it does. */
  op(op: Op, { agreed, differences, notCompared }: Compared): Came {
    const { ops, fields } = this.#of(op.op)
    fields.agreed += agreed
    fields.disagreed += differences.length
    fields.notCompared += notCompared.length
    for (const { field, reason } of notCompared) this.#leave(op.op, reason, field)
    const came = differences.length > 0 ? 'disagreed' : agreed > 0 ? 'agreed' : 'notCompared'
    ops[came]++
    return came
  }

  /** An operation that is not compared at all. */
  without(op: Op, reason: string): void {
    this.#of(op.op).ops.notCompared++
    this.#leave(op.op, reason)
  }

  /** An operation that relock gave no answer to. */
  unanswered(op: Op, recorded: Result): void {
    const { ops, fields } = this.#of(op.op)
    ops.disagreed++
    fields.disagreed += Object.keys(recorded).length
  }

  get cases(): Tally {
    return this.#cases.tally
  }

  get byOp(): Readonly<Record<string, { ops: Tally; fields: Tally }>> {
    const names = [...this.#byOp.keys()].toSorted()
    return Object.fromEntries(
      names.map((name) => [name, { ops: this.#of(name).ops.tally, fields: this.#of(name).fields.tally }]),
    )
  }

  get ops(): Tally {
    return sum([...this.#byOp.values()].map(({ ops }) => ops.tally))
  }

  get fields(): Tally {
    return sum([...this.#byOp.values()].map(({ fields }) => fields.tally))
  }

  get notCompared(): readonly NotCompared[] {
    return [...this.#notCompared.values()].toSorted((a, b) => b.times - a.times)
  }

  #of(op: string): { ops: Count; fields: Count } {
    const counts = this.#byOp.get(op) ?? { ops: new Count(), fields: new Count() }
    this.#byOp.set(op, counts)
    return counts
  }

  #leave(op: string, reason: string, field?: string): void {
    const key = `${op} ${field} ${reason}`
    const left = this.#notCompared.get(key) ?? { op, ...(field === undefined ? {} : { field }), reason, times: 0 }
    left.times++
    this.#notCompared.set(key, left)
  }
}

const sum = (tallies: readonly Tally[]): Tally => {
  const of = (part: keyof Tally): number => tallies.reduce((total, tally) => total + tally[part], 0)
  return { all: of('all'), agreed: of('agreed'), disagreed: of('disagreed'), notCompared: of('notCompared') }
}
