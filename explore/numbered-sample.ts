/**
 * Random schedules of a system that numbers its own states. Where a choice leads is asked once; from then on a step is a look into an array. The
 * schedules of a seed are those of the ordinary sample.
 */
import { applies, holds } from './answer.ts'
import { unexpected } from './ignored.ts'
import { findingReport, type Numbered, type NumberedStep, type Place } from './numbered.ts'
import type { ExploreOptions, Sampled } from './options.ts'
import { randomFrom } from './random.ts'
import type { IgnoredReport, Progress, Report } from './report.ts'
import { longestRun } from './sampling.ts'
import { Store } from './store.ts'
import type { Finding, Property, System } from './system.ts'

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
const none: readonly string[] = []

export class NumberedSample {
  readonly sightings = new Map<string, { readonly finding: Finding; readonly run: readonly number[] }>()
  readonly decided = new Map<number, readonly number[]>()
  readonly ignored = new Map<string, IgnoredReport>()
  steps = 0
  depth = 0
  runs = 0
  stopped: { readonly by: 'ms' | 'you' | 'first'; readonly bound?: number; readonly waiting: number } | undefined
  readonly #numbered: Numbered
  readonly #properties: readonly Property[]
  readonly #sampling: Sampled
  readonly #options: ExploreOptions
  readonly #store = new Store()
  readonly #choices: Choices[] = []
  /** By number of the state: who waits there, where somebody does. */
  readonly #waits = new Map<number, readonly string[]>()
  readonly #told = new Set<IgnoredReport>()
  /** The state that was come to last is new, and is what is in `after`. */
  #isNew = false
  #run: number[] = []

  constructor(numbered: Numbered, properties: readonly Property[], sampling: Sampled, options: ExploreOptions) {
    this.#numbered = numbered
    this.#properties = properties
    this.#sampling = sampling
    this.#options = options
  }

  *run(started: number): Generator<Progress> {
    const numbered = this.#numbered
    numbered.guarded(() => {
      numbered.begin()
      this.#stored(-1, 0)
      this.#judge()
    })
    const { runs, seed } = this.#sampling
    for (; this.runs < runs && !this.stopped; this.runs++) {
      yield* this.#once(randomFrom(seed + Math.imul(this.runs, 0x9e3779b1)), started)
      this.depth = Math.max(this.depth, this.#run.length)
    }
  }

  progress(started: number): Progress {
    const { steps, depth, runs } = this
    const seconds = (performance.now() - started) / 1000
    const findings = [...this.sightings.keys()]
    return { ...{ states: steps, steps, depth, seconds, frontier: [], runs, findings }, ofRuns: this.#sampling.runs }
  }

  *#once(random: () => number, started: number): Generator<Progress> {
    const longest = Math.min(this.#options.within?.depth ?? longestRun, longestRun)
    const run: number[] = (this.#run = [])
    for (let state = 0; ;) {
      const { to, news } = this.#choices[state] ?? this.#look(state)
      if (to.length === 0 || run.length >= longest) return
      if (this.steps % 4096 === 0) yield* this.#pause(started)
      if (this.stopped) return
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

  /** Every few thousand steps: is it time to stop, or to show how far it got? */
  *#pause(started: number): Generator<Progress> {
    const { ms } = this.#options.within ?? {}
    const waiting = this.#sampling.runs - this.runs
    if (this.#options.signal?.aborted) this.stopped ??= { by: 'you', waiting }
    else if (ms !== undefined && performance.now() - started >= ms) this.stopped ??= { by: 'ms', bound: ms, waiting }
    yield this.progress(started)
  }

  #load(state: number): number {
    const numbered = this.#numbered
    this.#store.load(state, numbered.state, numbered.width)
    return numbered.look(state, () => this.#store.wayTo(state))
  }

  #look(state: number): Choices {
    const to = new Int32Array(this.#load(state)).fill(unknown)
    return (this.#choices[state] = { to, news: [] })
  }

  #take(state: number, choice: number): number {
    let next = crash
    this.#numbered.guarded(() => {
      this.#load(state)
      const step = this.#numbered.take(choice)
      next = step.fatal ? crash : step.changed ? this.#stored(state, choice) : state
      this.#note({ state, choice }, step, next)
    })
    this.#choices[state]!.to[choice] = next
    return next
  }

  #note({ state, choice }: Required<Place>, { findings, ignored }: NumberedStep, next: number): void {
    const before = this.#waits.get(state) ?? none
    const waits = next === crash ? none : (this.#waits.get(next) ?? none)
    const waiting = waits
      .filter((title) => !before.includes(title))
      .map((title) => ({ kind: 'deadlock', title, fatal: false }))
    if (findings.length === 0 && waiting.length === 0 && !ignored) return
    this.#choices[state]!.news[choice] = { findings: [...findings, ...waiting], ...(ignored && { ignored }) }
  }

  /** The number of what is in `after`. */
  #stored(from: number, choice: number): number {
    const numbered = this.#numbered
    const added = this.#store.put(numbered.after, numbered.width, from, choice)
    if (added < 0) return -added - 1
    numbered.kept(added)
    const waits = numbered.waits()
    if (waits.length > 0) this.#waits.set(added, waits)
    this.#isNew = true
    return added
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
    if (!this.#told.has(ignored)) this.ignored.set(`${ignored.component} ${ignored.state} ${ignored.type}`, ignored)
    this.#told.add(ignored)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored))
  }

  #sight(finding: Finding): void {
    const key = `${finding.kind} ${finding.title}`
    const known = this.sightings.get(key)
    if (known && known.run.length <= this.#run.length) return
    this.sightings.set(key, { finding, run: [...this.#run] })
    this.#first()
  }

  #first(): void {
    if (this.#options.stopAtFirst) this.stopped ??= { by: 'first', waiting: this.#sampling.runs - this.runs - 1 }
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
  const seen = (finding: Finding, run: readonly number[]) => ({ ...findingReport(finding, run), shortest: false })
  const sighted = [...found.sightings.values()].map(({ finding, run }) => seen(finding, run))
  const violated = properties.flatMap(({ kind: claim, name, finding }, index) => {
    const run = found.decided.get(index)
    return run && claim === 'always' && finding !== undefined
      ? [seen({ kind: finding, title: name, fatal: false }, run)]
      : []
  })
  const { steps, depth, runs, stopped, ignored } = found
  return {
    ...{ system: system.name, fingerprint: system.fingerprint, strategy: 'random' },
    inversions: options.inversions ?? 'all',
    exhaustive: false,
    ...(stopped && { stopped }),
    sampled: { seed, runs },
    ...{ reduction: 'off', states: steps, steps, depth },
    seconds: (performance.now() - started) / 1000,
    bytesPerState: 0,
    frontier: [],
    properties: properties.map(({ name, kind: claim }, index) => {
      const run = found.decided.get(index)
      if (!run) return { name, kind: claim, verdict: 'undecided' }
      const verdict = claim === 'always' ? 'violated' : 'seen'
      return { name, kind: claim, verdict, schedule: run, depth: run.length }
    }),
    findings: [...sighted, ...violated].sort((a, b) => a.depth - b.depth || (a.title < b.title ? -1 : 1)),
    ignored: [...ignored.values()],
    lockOrder: [],
  }
}
