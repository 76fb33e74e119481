/**
 * Random schedules over the tables: a plain random walk, or PCT (Burckhardt et al., ASPLOS 2010), which gives every thread a random
 * priority, always lets the highest run, and lowers it at a few random steps. Neither can say that something never happens.
 */
import { HappensBefore } from './happens-before.ts'
import { Judge } from './judge.ts'
import { leaksIn } from './leaks.ts'
import { completedBy, LockOrder, type Edge } from './lock-order.ts'
import type { ExploreOptions } from './options.ts'
import { dataRace, RaceWatch } from './race-watch.ts'
import { randomFrom } from './random.ts'
import type { IgnoredReport, Progress } from './report.ts'
import { ignoredBy, unexpected } from './ignored.ts'
import type { Finding, Property } from './system.ts'
import type { Tables } from './tables.ts'
import { deadlockTitle, somebodyWaits, waitEdges } from './waiting.ts'

export interface Sampling {
  readonly kind: 'random' | 'pct'
  readonly seed: number
  readonly runs: number
  readonly preemptions: number
}

/** A walk that is longer than this is cut: it may go round for ever. */
const longestRun = 100_000

type Pick = (enabled: readonly number[], step: number) => number

export class Sample {
  readonly sightings = new Map<string, { readonly finding: Finding; readonly run: readonly number[] }>()
  readonly decided = new Map<number, readonly number[]>()
  readonly ignored = new Map<string, IgnoredReport>()
  /** Edges of the lock order, each with the run that showed it first, up to there. */
  readonly lockOrder = new Map<string, { readonly edge: Edge; readonly run: readonly number[] }>()
  readonly applied: boolean[]
  steps = 0
  depth = 0
  runs = 0
  stopped: { readonly by: 'ms' | 'you' | 'first'; readonly bound?: number; readonly waiting: number } | undefined
  readonly #tables: Tables
  readonly #judge: Judge
  readonly #sampling: Sampling
  readonly #options: ExploreOptions
  /** Lane → whose turn it is: the thread that the delivery lets go on. */
  readonly #turns = new Map<number, string>()
  #lastLength = 100
  readonly #happensBefore: HappensBefore

  constructor(tables: Tables, properties: readonly Property[], sampling: Sampling, options: ExploreOptions) {
    this.#tables = tables
    this.#happensBefore = new HappensBefore(tables)
    this.#judge = new Judge(tables, properties, new Set())
    this.#sampling = sampling
    this.#options = options
    this.applied = properties.map(() => false)
  }

  *run(started: number): Generator<Progress> {
    for (; this.runs < this.#sampling.runs && !this.stopped; this.runs++) {
      yield* this.#once(randomFrom(this.#sampling.seed + Math.imul(this.runs, 0x9e3779b1)), started)
    }
  }

  /** Every few thousand steps: is it time to stop, or to show how far it got? */
  *#look(started: number): Generator<Progress> {
    const { ms } = this.#options.within ?? {}
    const waiting = this.#sampling.runs - this.runs
    if (this.#options.signal?.aborted) this.stopped ??= { by: 'you', waiting }
    else if (ms !== undefined && performance.now() - started >= ms) this.stopped ??= { by: 'ms', bound: ms, waiting }
    yield this.progress(started)
  }

  progress(started: number): Progress {
    const { steps, depth, runs } = this
    const seconds = (performance.now() - started) / 1000
    return {
      states: steps,
      steps,
      depth,
      seconds,
      frontier: [],
      runs,
      ofRuns: this.#sampling.runs,
      findings: [...this.sightings.keys()],
    }
  }

  *#once(random: () => number, started: number): Generator<Progress> {
    const tables = this.#tables
    const state = tables.initial()
    const order = new LockOrder(tables)
    const races = new RaceWatch(this.#happensBefore)
    const pick =
      this.#sampling.kind === 'pct'
        ? this.#pct(random)
        : (enabled: readonly number[]) => Math.floor(random() * enabled.length)
    const run: number[] = []
    const longest = Math.min(this.#options.within?.depth ?? longestRun, longestRun)
    this.#judgeState(state, run)
    for (let enabled = tables.enabled(state); ; enabled = tables.enabled(state)) {
      if (enabled.length === 0) {
        this.#finish(state, run)
        break
      }
      if (run.length >= longest) break
      if (this.steps % 4096 === 0) yield* this.#look(started)
      if (this.stopped) break
      const lane = enabled[pick(enabled, run.length)]!
      const entry = tables.entryOf(state, lane)!
      tables.apply(state, lane, entry)
      run.push(lane)
      this.steps++
      for (const finding of entry.findings) this.#sight(finding, run)
      for (const { against: _, ...finding } of races.see(entry, run.length).map(dataRace)) this.#sight(finding, run)
      const fresh = order.newEdges(state, entry)
      for (const edge of fresh) this.#order(edge, run)
      for (const finding of completedBy(order, fresh, entry)) this.#sight(finding, run)
      if (entry.ignored) this.#ignore(ignoredBy(tables, entry), run)
      if (entry.fatal) break
      this.#judgeState(state, run)
    }
    this.#lastLength = run.length
    this.depth = Math.max(this.depth, run.length)
  }

  /** Highest priority first; at `preemptions` random steps whoever is about to run falls to the bottom. */
  #pct(random: () => number): Pick {
    const priorities = new Map<string, number>()
    const falls = new Set(
      Array.from({ length: this.#sampling.preemptions }, () => Math.floor(random() * this.#lastLength)),
    )
    let lowest = 0
    const priority = (lane: number) => {
      const turn = this.#turnOf(lane)
      if (!priorities.has(turn)) priorities.set(turn, random())
      return priorities.get(turn)!
    }
    const highest = (enabled: readonly number[]) =>
      enabled.reduce((best, lane, index) => (priority(lane) > priority(enabled[best]!) ? index : best), 0)
    return (enabled, step) => {
      if (falls.has(step)) priorities.set(this.#turnOf(enabled[highest(enabled)]!), --lowest)
      return highest(enabled)
    }
  }

  #turnOf(lane: number): string {
    const known = this.#turns.get(lane)
    if (known !== undefined) return known
    const { from, to, sender, receiver, offer } = this.#tables.lanes[lane]!
    const { components } = this.#tables
    const isTold = sender < 0 && offer === undefined
    const turn = components[receiver]!.thread ?? components[sender]?.thread ?? (isTold ? to : from)
    this.#turns.set(lane, turn)
    return turn
  }

  #judgeState(state: Int32Array, run: readonly number[]): void {
    const { properties } = this.#judge
    if (properties.length === 0) return
    const { holds, applies } = this.#judge.judge(state)
    for (const [index, property] of properties.entries()) {
      if (applies[index]) this.applied[index] = true
      if (property.kind === 'eventually' || holds[index] !== (property.kind === 'sometimes') || this.decided.has(index))
        continue
      this.decided.set(index, [...run])
      if (property.kind === 'always') this.#first()
    }
  }

  #finish(state: Int32Array, run: readonly number[]): void {
    if (!somebodyWaits(this.#tables, state)) {
      for (const leak of leaksIn(this.#tables, state)) this.#sight(leak, run)
      return
    }
    this.#sight({ kind: 'deadlock', title: deadlockTitle(waitEdges(this.#tables, state)), fatal: true }, run)
  }

  #order(edge: Edge, run: readonly number[]): void {
    const key = `${edge.from}\n${edge.to}`
    if (!this.lockOrder.has(key)) this.lockOrder.set(key, { edge, run: [...run] })
  }

  #ignore(ignored: IgnoredReport, run: readonly number[]): void {
    this.ignored.set(`${ignored.component} ${ignored.state} ${ignored.type}`, ignored)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored), run)
  }

  #sight(finding: Finding, run: readonly number[]): void {
    const key = `${finding.kind} ${finding.title}`
    const known = this.sightings.get(key)
    if (known && known.run.length <= run.length) return
    this.sightings.set(key, { finding, run: [...run] })
    // Whether an inversion counts is not known yet, unless all do.
    if (!finding.cycle || this.#options.inversions !== 'confirmed') this.#first()
  }

  #first(): void {
    if (this.#options.stopAtFirst) this.stopped ??= { by: 'first', waiting: this.#sampling.runs - this.runs - 1 }
  }
}
