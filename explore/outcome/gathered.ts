/** What a search that goes through single steps has seen: the same for samples and for searches that store states. */
import { ignoredBy, unexpected } from '../claims/ignored.ts'
import { edgeKey, findingKey, ignoredKey } from './keys.ts'
import type { Judgement, StepJudgement } from '../claims/judge.ts'
import { leaksIn } from '../memory/leaks.ts'
import type { Edge } from '../locks/lock-order.ts'
import type { ExploreOptions } from '../options.ts'
import type { IgnoredReport } from './report.ts'
import type { Finding, Property } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { deadlockTitle, somebodyWaits, waitEdges } from '../locks/waiting.ts'

/** The lanes of a run that is at its end; made when it is wanted. */
export interface Here {
  readonly length: number
  lanes(): readonly number[]
}

export interface Seen {
  readonly finding: Finding
  readonly run: readonly number[]
  /** What the run cost, where runs have a price: no other that shows it is cheaper. */
  readonly needs?: number
}

export class Gathered {
  readonly sightings = new Map<string, Seen>()
  /** By number of the property. */
  readonly decided = new Map<number, Pick<Seen, 'run' | 'needs'>>()
  readonly ignored = new Map<string, IgnoredReport>()
  /** Edges of the lock order, each with the run that showed it first, up to there. */
  readonly lockOrder = new Map<string, { readonly edge: Edge; readonly run: readonly number[] }>()
  /** Properties that applied somewhere (`when`). */
  readonly applied: boolean[]
  /** What runs cost now. */
  price: number | undefined
  readonly #tables: Tables
  readonly #properties: readonly Property[]
  readonly #options: ExploreOptions
  readonly #onViolation: () => void

  /** `onViolation`: called where a search for the first one may end. */
  constructor(tables: Tables, properties: readonly Property[], options: ExploreOptions, onViolation: () => void) {
    this.#tables = tables
    this.#properties = properties
    this.#options = options
    this.#onViolation = onViolation
    this.applied = properties.map(() => false)
  }

  /** What properties say of a state. */
  state({ holds, applies }: Judgement, here: Here): void {
    for (const [index, { kind }] of this.#properties.entries()) {
      if (applies[index]) this.applied[index] = true
      if (kind === 'eventually' || holds[index] !== (kind === 'sometimes') || this.decided.has(index)) continue
      this.decided.set(index, { run: [...here.lanes()], ...this.#needs() })
      if (kind === 'always') this.#onViolation()
    }
  }

  /** What a step says to claims about steps; `here` is behind it. */
  step({ asked, broken }: StepJudgement, here: Here): void {
    for (const index of asked) this.applied[index] = true
    for (const index of broken) {
      if (this.decided.has(index)) continue
      this.decided.set(index, { run: [...here.lanes()], ...this.#needs() })
      this.#onViolation()
    }
  }

  /** Nothing can be taken any more. */
  end(state: Int32Array, here: Here): void {
    for (const finding of this.endOf(state)) this.finding(finding, here)
  }

  /** What is wrong with that. */
  endOf(state: Int32Array): readonly Finding[] {
    if (this.#tables.isCut(state)) return []
    if (!somebodyWaits(this.#tables, state)) return leaksIn(this.#tables, state)
    return [{ kind: 'deadlock', title: deadlockTitle(waitEdges(this.#tables, state)), fatal: true }]
  }

  edge(edge: Edge, here: Here): void {
    const key = edgeKey(edge)
    if (!this.lockOrder.has(key)) this.lockOrder.set(key, { edge, run: [...here.lanes()] })
  }

  ignore(entry: Entry, here: Here): void {
    const ignored = ignoredBy(this.#tables, entry)
    this.ignored.set(ignoredKey(ignored), ignored)
    if (this.#options.ignored === 'fail') this.finding(unexpected(ignored), here)
  }

  /** Of runs that cost the same, the shorter one is kept. */
  finding(finding: Finding, here: Here): void {
    const key = findingKey(finding)
    const known = this.sightings.get(key)
    if (known && (known.needs !== this.price || known.run.length <= here.length)) return
    this.sightings.set(key, { finding, run: [...here.lanes()], ...this.#needs() })
    // Whether an inversion counts is not known yet, unless all do.
    if (!finding.cycle || this.#options.inversions !== 'confirmed') this.#onViolation()
  }

  #needs(): { readonly needs?: number } {
    return this.price === undefined ? {} : { needs: this.price }
  }
}
