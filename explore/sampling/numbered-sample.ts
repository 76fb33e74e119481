/**
 * Random schedules of a system that numbers its own states. Where a choice leads is asked once; from then on a step is a look into an array. The
 * schedules of a seed are those of the ordinary sample.
 */
import { applies, holds } from '../claims/answer.ts'
import { Bounds } from '../outcome/bounds.ts'
import { unexpected } from '../claims/ignored.ts'
import { findingKey, ignoredKey } from '../outcome/keys.ts'
import type { Numbered, NumberedStep, Place } from '../breadth/numbered.ts'
import { NumberedStates, numberOf } from '../breadth/numbered-states.ts'
import type { ExploreOptions, Sampled, SampledByNumber } from '../options.ts'
import { decided, findingReport, identity, withBroken } from '../outcome/reporting.ts'
import type { IgnoredReport, Progress, Report } from '../outcome/report.ts'
import { betweenLooks, longestRun, progressOf, randomOf } from './sampling.ts'
import type { Finding, Property, System } from '../system.ts'

/** Where the choices of a state lead, as far as is known. */
interface Choices {
  readonly to: Int32Array
  /** What is to be seen in a step besides where it leads. */
  readonly news: (News | undefined)[]
}

interface News {
  readonly findings: readonly Finding[]
  readonly ignored?: IgnoredReport
}

const unknown = -1
const crash = -2

export class NumberedSample {
  readonly sightings = new Map<string, { readonly finding: Finding; readonly run: readonly number[] }>()
  readonly decided = new Map<number, readonly number[]>()
  readonly ignored = new Map<string, IgnoredReport>()
  steps = 0
  depth = 0
  runs = 0
  readonly bounds: Bounds
  readonly #numbered: Numbered
  readonly #properties: readonly Property[]
  readonly #sampling: SampledByNumber
  readonly #options: ExploreOptions
  readonly #started: number
  readonly #states: NumberedStates
  readonly #choices: Choices[] = []
  readonly #told = new Set<IgnoredReport>()
  /** The state that was come to last is new, and is what is in `after`. */
  #isNew = false
  #run: number[] = []

  constructor(
    numbered: Numbered,
    properties: readonly Property[],
    sampling: SampledByNumber,
    options: ExploreOptions,
    started: number,
  ) {
    this.#numbered = numbered
    this.#properties = properties
    this.#sampling = sampling
    this.#options = options
    this.#started = started
    this.#states = new NumberedStates(numbered)
    this.bounds = new Bounds(options, started)
  }

  *run(): Generator<Progress> {
    const numbered = this.#numbered
    numbered.guarded(() => {
      numbered.begin()
      this.#stored(-1, 0)
      this.#judge()
    })
    const { runs, seed, first = 0 } = this.#sampling
    for (; this.runs < runs && !this.bounds.isOver; this.runs++) {
      yield* this.#once(randomOf(seed, first + this.runs))
      this.depth = Math.max(this.depth, this.#run.length)
      if (this.bounds.isInterrupted) break
    }
  }

  *#once(random: () => number): Generator<Progress> {
    const longest = Math.min(this.#options.within?.depth ?? longestRun, longestRun)
    const run: number[] = (this.#run = [])
    for (let state = 0; ;) {
      const { to, news } = this.#choices[state] ?? this.#look(state)
      if (to.length === 0 || run.length >= longest) return
      if (this.steps % betweenLooks === 0) {
        this.bounds.lookAtClock(this.#sampling.runs - this.runs)
        yield progressOf(this, this.#sampling.runs, this.#started, this.sightings)
      }
      if (this.bounds.isOver) return
      const choice = Math.floor(random() * to.length)
      const next = to[choice] === unknown ? this.#take(state, choice) : to[choice]!
      run.push(choice)
      this.steps++
      if (news[choice]) this.#hear(news[choice])
      if (next === crash) return
      if (this.#isNew) this.#judge()
      state = next
    }
  }

  #look(state: number): Choices {
    const to = new Int32Array(this.#states.look(state)).fill(unknown)
    return (this.#choices[state] = { to, news: [] })
  }

  #take(state: number, choice: number): number {
    let next = crash
    this.#numbered.guarded(() => {
      this.#states.look(state)
      const step = this.#numbered.take(choice)
      next = step.fatal ? crash : step.changed ? this.#stored(state, choice) : state
      this.#note({ state, choice }, step, next)
    })
    this.#choices[state]!.to[choice] = next
    return next
  }

  #note({ state, choice }: Required<Place>, { findings, ignored }: NumberedStep, next: number): void {
    const waiting = next === crash ? [] : this.#states.hangs(state, next)
    if (findings.length === 0 && waiting.length === 0 && !ignored) return
    this.#choices[state]!.news[choice] = { findings: [...findings, ...waiting], ...(ignored && { ignored }) }
  }

  /** The number of what is in `after`. */
  #stored(from: number, choice: number): number {
    const added = this.#states.add(from, choice)
    if (added >= 0) this.#isNew = true
    return numberOf(added)
  }

  /** What properties say of a state they say the first time that one comes to it. */
  #judge(): void {
    this.#isNew = false
    const { size } = this.decided
    if (size === this.#properties.length) return
    const view = this.#numbered.view()
    for (const [index, property] of this.#properties.entries()) {
      if (this.decided.has(index) || property.kind === 'eventually') continue
      const isTrue = !applies(property, view) || holds(property, view)
      if (isTrue !== (property.kind === 'sometimes')) continue
      this.decided.set(index, [...this.#run])
      if (property.kind === 'always') this.#first()
    }
  }

  #hear({ findings, ignored }: News): void {
    for (const finding of findings) this.#sight(finding)
    if (!ignored) return
    if (!this.#told.has(ignored)) this.ignored.set(ignoredKey(ignored), ignored)
    this.#told.add(ignored)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored))
  }

  #sight(finding: Finding): void {
    const key = findingKey(finding)
    const known = this.sightings.get(key)
    if (known && known.run.length <= this.#run.length) return
    this.sightings.set(key, { finding, run: [...this.#run] })
    this.#first()
  }

  #first(): void {
    if (this.#options.stopAtFirst) this.bounds.stop('first', this.#sampling.runs - this.runs - 1)
  }
}

/** The report of a sample that was taken. */
export const sampleReport = (
  system: System<any>,
  found: NumberedSample,
  properties: readonly Property[],
  { seed }: Sampled,
  options: ExploreOptions,
  started: number,
): Report => {
  const { steps, depth, runs, ignored } = found
  const { stopped } = found.bounds
  const runOf = (index: number) => {
    const schedule = found.decided.get(index)
    return schedule && { schedule }
  }
  const sighted = [...found.sightings.values()].map(({ finding, run }) =>
    findingReport(finding, { schedule: run }, false),
  )
  return {
    ...identity(system),
    strategy: 'random',
    inversions: options.inversions ?? 'all',
    exhaustive: false,
    ...(stopped && { stopped }),
    sampled: { seed, runs },
    ...{ reduction: 'off', states: steps, steps, depth },
    seconds: (performance.now() - started) / 1000,
    bytesPerState: 0,
    frontier: [],
    properties: properties.map((property, index) => decided(property, runOf(index), false, false)),
    findings: withBroken(sighted, properties, (finding, index) => {
      const run = runOf(index)
      return run && findingReport(finding, run, false)
    }),
    ignored: [...ignored.values()],
    lockOrder: [],
  }
}
