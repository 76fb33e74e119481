/** Looks at whole runs, one after the other: what they show, and what properties say of each state on the way. */
import type { Dependence } from './dependence.ts'
import { ModelError } from '../errors.ts'
import type { Gathered, Here } from '../outcome/gathered.ts'
import { HappensBefore } from '../memory/happens-before.ts'
import { Judge, type Judgement } from '../claims/judge.ts'
import { cyclesOf, inversion, isEdgeOf, LockOrder, wrongContexts } from '../locks/lock-order.ts'
import { dataRace, RaceWatch } from '../memory/race-watch.ts'
import { causalSlice, lastStepsAt } from '../runs/slice.ts'
import type { Property } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'

export class Observing {
  readonly found: Gathered
  /** Runs at whose end an `eventually` has never been true, by number of the property. */
  readonly missed = new Map<number, readonly number[]>()
  readonly #tables: Tables
  readonly #properties: readonly Property[]
  /** One a property, so that what one looks at is not what another does. */
  readonly #eyes: readonly { readonly judge: Judge; readonly looksAt: Set<number> }[]
  readonly #lockOrder: LockOrder
  readonly #happensBefore: HappensBefore

  constructor(tables: Tables, properties: readonly Property[], found: Gathered, dependence: Dependence) {
    this.found = found
    this.#tables = tables
    this.#properties = properties
    this.#lockOrder = new LockOrder(tables)
    this.#happensBefore = new HappensBefore(tables)
    this.#eyes = properties.map((property, number) => {
      const looksAt = new Set<number>()
      const judge = new Judge(tables, [property], looksAt, false)
      judge.onSeen = (components) => dependence.see(number, components)
      judge.onStepAsked = oneOfEachClass
      return { judge, looksAt }
    })
  }

  /** Steps of a run, by their lanes. `isAtEnd`: nothing is possible behind it. */
  see(lanes: readonly number[], isAtEnd: boolean): void {
    const { found } = this
    const tables = this.#tables
    const state = tables.initial()
    const races = new RaceWatch(this.#happensBefore)
    const was = this.#properties.map(() => false)
    this.#judge(state, lanes, 0, was)
    for (const [at, lane] of lanes.entries()) {
      const entry = tables.entryOf(state, lane)!
      this.#judgeStep(state, entry, lanes, at)
      tables.apply(state, lane, entry)
      this.#step(entry, state, lanes, at)
      for (const { against: _, ...finding } of races.see(entry, at + 1).map(dataRace))
        found.finding(finding, whole(lanes, at + 1))
      if (!entry.fatal) this.#judge(state, lanes, at + 1, was)
    }
    if (!isAtEnd || tables.isCut(state)) return
    found.end(state, whole(lanes, lanes.length))
    for (const [number, { kind }] of this.#properties.entries())
      if (kind === 'eventually' && !was[number] && !this.missed.has(number)) this.missed.set(number, lanes)
  }

  /** Of all runs together. */
  sightInversions(): void {
    for (const cycle of cyclesOf(this.#lockOrder.edges)) {
      const { run } = [...this.found.lockOrder.values()].findLast(({ edge }) => isEdgeOf(cycle, edge))!
      this.found.finding(inversion(cycle), whole(run, run.length))
    }
  }

  #step(entry: Entry, after: Int32Array, lanes: readonly number[], at: number): void {
    if (entry.quiet) return
    const { found } = this
    const here = whole(lanes, at + 1)
    const tables = this.#tables
    const needed = sliced(() => causalSlice(tables, lanes.slice(0, at + 1), [at]))
    for (const finding of entry.findings) found.finding(finding, needed)
    const fresh = this.#lockOrder.newEdges(after, entry)
    for (const edge of fresh) found.edge(edge, here)
    for (const finding of wrongContexts(this.#lockOrder, fresh, entry)) found.finding(finding, here)
    if (entry.ignored) found.ignore(entry, needed)
  }

  /** Of a run, what properties can tell. */
  #whatIsSeen(lanes: readonly number[]): readonly number[] {
    const seen = new Set(this.#eyes.flatMap(({ looksAt }) => [...looksAt]))
    return causalSlice(this.#tables, lanes, lastStepsAt(this.#tables, lanes, seen))
  }

  #judgeStep(state: Int32Array, entry: Entry, lanes: readonly number[], at: number): void {
    for (const [number, { judge }] of this.#eyes.entries()) {
      const judged = judge.judgeStep(state, entry)
      const its = (indices: readonly number[]) => indices.map(() => number)
      if (judged)
        this.found.step(
          { asked: its(judged.asked), broken: its(judged.broken) },
          { length: at + 1, lanes: () => this.#whatIsSeen(lanes.slice(0, at + 1)) },
        )
    }
  }

  #judge(state: Int32Array, lanes: readonly number[], steps: number, was: boolean[]): void {
    if (this.#properties.length === 0) return
    const all = this.#eyes.map(({ judge }) => judge.judge(state))
    const judgement: Judgement = {
      holds: all.map(({ holds }) => holds[0]!),
      applies: all.map(({ applies }) => applies[0]!),
    }
    for (const [number, { kind }] of this.#properties.entries())
      if (kind === 'eventually' && judgement.holds[number]) was[number] = true
    this.found.state(judgement, { length: steps, lanes: () => this.#whatIsSeen(lanes.slice(0, steps)) })
  }
}

/** Which of two that do not depend on each other comes first is not looked at. */
const oneOfEachClass = (name: string): never => {
  throw new ModelError(
    'bad-property',
    `"${name}" asks which step it is, and "dpor" makes one run of each class.`,
    [],
    'Leave the third argument out, or search breadth first.',
  )
}

const whole = (lanes: readonly number[], length: number): Here => ({ length, lanes: () => lanes.slice(0, length) })

/** What it depends on is all that is told. */
function sliced(slice: () => readonly number[]): Here {
  let made: readonly number[] | undefined
  const lanes = () => (made ??= slice())
  return {
    get length() {
      return lanes().length
    },
    lanes,
  }
}
