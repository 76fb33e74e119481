/** Breadth-first search over a system that numbers its own states: nothing is asked twice, and nothing stands between it and the store. */
import { applies, holds } from './answer.ts'
import { NoRoom } from './columns.ts'
import { unexpected } from './ignored.ts'
import { neverTrue, type Lasso } from './liveness.ts'
import type { ExploreOptions } from './options.ts'
import type { FindingReport, IgnoredReport, Progress, PropertyReport, Report, StoppedBy } from './report.ts'
import { Store } from './store.ts'
import type { Finding, Property, System } from './system.ts'

/** Thrown where it turns out that a system cannot number its states: the ordinary search is made instead. */
export class NotNumbered extends Error {}

/** What a step was. */
export interface NumberedStep {
  /** It leads to another state. */
  readonly changed: boolean
  readonly fatal: boolean
  readonly findings: readonly Finding[]
  /** The same object each time. */
  readonly ignored?: IgnoredReport
}

/** A step on the way to a state. */
export interface Gone {
  readonly state: number
  readonly choice: number
}

/** A system whose states are numbers, so many a state. */
export interface Numbered {
  /** May grow: what was not there was 0. */
  readonly width: number
  /** The state that is looked at, and the one behind a step. */
  readonly state: Int32Array
  readonly after: Int32Array
  /** Runs this as whatever the system runs has to be run. */
  guarded(act: () => void): void
  /** Writes the start into `after`. */
  begin(): void
  /** Another state was written into `state`: how many steps lead on, in the order in which schedules count them. */
  look(state: number, wayTo: () => readonly Gone[]): number
  /** Takes one of them: writes `after`. */
  take(choice: number): NumberedStep
  /** What the last step wrote into `after` was stored under this number. */
  kept(state: number): void
  /** `after` is to be `state`. */
  show(): void
  /** Of `after`: what properties look at, and who waits there for what cannot come any more. */
  view(): unknown
  waits(): readonly string[]
}

/** How many states are expanded between two looks at the clock. */
const slice = 512

export interface Place {
  readonly state: number
  /** Taken from there, if any. */
  readonly choice?: number
}

export class NumberedSearch {
  readonly store = new Store()
  readonly sightings = new Map<string, { readonly finding: Finding; readonly place: Place }>()
  readonly decided = new Map<number, number>()
  readonly applied: boolean[]
  readonly ignored = new Map<string, IgnoredReport>()
  readonly frontier: number[] = []
  steps = 0
  depth = 0
  stopped: { readonly by: StoppedBy; readonly bound?: number; readonly waiting: number } | undefined
  readonly #numbered: Numbered
  readonly #properties: readonly Property[]
  readonly #options: ExploreOptions
  /** By number of the state: who waits there, where somebody does. */
  readonly #waits = new Map<number, readonly string[]>()
  /** By choice: most states ignore there what the one before has ignored. */
  readonly #toldLast: (IgnoredReport | undefined)[] = []
  #expanded = 0

  constructor(numbered: Numbered, properties: readonly Property[], options: ExploreOptions) {
    this.#numbered = numbered
    this.#properties = properties
    this.#options = options
    this.applied = properties.map(() => false)
  }

  *run(started: number): Generator<Progress> {
    const { ms, states: most = Infinity, depth: deepest = Infinity } = this.#options.within ?? {}
    const { store } = this
    const numbered = this.#numbered
    let cutAtDepth = 0
    this.#orStop(() => {
      numbered.begin()
      this.#store(-1, 0)
    })
    if (store.count > most) this.#checkBounds(most)
    let level = store.count
    this.frontier.push(level)
    const expand = (): void => {
      const depth = this.frontier.length - 1
      if (depth < deepest) this.#expand(this.#expanded++, depth + 1)
      else if (this.#load(this.#expanded++) > 0) cutAtDepth++
      this.#checkBounds(most)
      if (this.#expanded === level && store.count > level) {
        this.frontier.push(store.count - level)
        level = store.count
      }
    }
    while (this.#expanded < store.count && !this.stopped) {
      if (this.#options.signal?.aborted) this.#stop('you')
      else if (ms !== undefined && performance.now() >= started + ms) this.#stop('ms', ms)
      if (this.stopped) break
      yield this.progress(started)
      const until = this.#expanded + slice
      this.#orStop(() => {
        while (this.#expanded < Math.min(until, store.count) && !this.stopped) expand()
      })
    }
    if (!this.stopped && cutAtDepth > 0) this.#stop('depth', deepest, cutAtDepth)
  }

  progress(started: number): Progress {
    return {
      states: this.store.count,
      steps: this.steps,
      depth: this.depth,
      seconds: (performance.now() - started) / 1000,
      frontier: [...this.frontier],
      findings: [...this.sightings.keys()],
    }
  }

  /** The choices that lead to a state, and on from there. */
  scheduleTo({ state, choice }: Place): number[] {
    return [...this.store.wayTo(state).map((each) => each.choice), ...(choice === undefined ? [] : [choice])]
  }

  /** Only of a complete search. */
  lasso(property: number): Lasso | undefined {
    const found: (Lasso | undefined)[] = []
    this.#numbered.guarded(() => {
      const successors = (state: number) => {
        const hops = this.#hops(state)
        return { next: hops.flatMap(({ to }) => to ?? []), crashed: hops.some(({ to }) => to === undefined) }
      }
      const isFalse = (state: number): boolean => {
        this.#load(state)
        this.#numbered.show()
        return !this.#judge(property, this.#numbered.view())
      }
      found.push(neverTrue({ isFalse, successors }))
    })
    return found[0]
  }

  /** A choice that leads from the one state to the other. */
  between(from: number, to: number): number {
    let choice = -1
    this.#numbered.guarded(() => (choice = this.#hops(from).findIndex((hop) => hop.to === to)))
    return choice
  }

  #hops(state: number): readonly { readonly to: number | undefined }[] {
    const numbered = this.#numbered
    return Array.from({ length: this.#load(state) }, (_, choice) => {
      const { fatal, changed } = numbered.take(choice)
      if (fatal) return { to: undefined }
      if (!changed) return { to: state }
      const known = this.store.put(numbered.after, numbered.width, state, choice)
      return { to: known < 0 ? -known - 1 : known }
    })
  }

  #load(state: number): number {
    const numbered = this.#numbered
    this.store.load(state, numbered.state, numbered.width)
    return numbered.look(state, () => this.store.wayTo(state))
  }

  /** What there is no room for is not done. */
  #orStop(search: () => void): void {
    try {
      this.#numbered.guarded(search)
    } catch (cause) {
      if (!(cause instanceof NoRoom)) throw cause
      this.#expanded = Math.max(0, this.#expanded - 1)
      this.#stop('memory')
    }
  }

  #expand(state: number, depth: number): void {
    const numbered = this.#numbered
    const many = this.#load(state)
    for (let choice = 0; choice < many; choice++) {
      const step = numbered.take(choice)
      this.steps++
      if (step.findings.length > 0) for (const each of step.findings) this.#sight(each, { state, choice })
      if (step.ignored && step.ignored !== this.#toldLast[choice]) {
        this.#toldLast[choice] = step.ignored
        this.#ignore(step.ignored, { state, choice })
      }
      if (step.fatal) this.depth = Math.max(this.depth, depth)
      else if (step.changed && this.#store(state, choice)) this.depth = Math.max(this.depth, depth)
    }
  }

  /** Stores what is in `after`; true: it is new. */
  #store(from: number, choice: number): boolean {
    const numbered = this.#numbered
    const added = this.store.put(numbered.after, numbered.width, from, choice)
    if (added < 0) return false
    numbered.kept(added)
    const waits = numbered.waits()
    if (waits.length > 0) {
      this.#waits.set(added, waits)
      const before = from < 0 ? waits : (this.#waits.get(from) ?? [])
      for (const title of waits)
        if (!before.includes(title)) this.#sight({ kind: 'deadlock', title, fatal: false }, { state: from, choice })
    }
    if (this.#properties.length > 0) this.#decide(added)
    return true
  }

  #decide(state: number): void {
    const view = this.#numbered.view()
    for (const [index, property] of this.#properties.entries()) {
      if (this.decided.has(index)) continue
      const isTrue = this.#judge(index, view)
      if (property.kind === 'eventually' || isTrue !== (property.kind === 'sometimes')) continue
      this.decided.set(index, state)
      if (property.kind === 'always' && this.#options.stopAtFirst) this.#stop('first')
    }
  }

  /** `always`: it holds, or does not apply. */
  #judge(index: number, view: unknown): boolean {
    const property = this.#properties[index]!
    if (!applies(property, view)) return true
    this.applied[index] = true
    return holds(property, view)
  }

  #ignore(ignored: IgnoredReport, place: Place): void {
    const key = `${ignored.component} ${ignored.state} ${ignored.type}`
    if (this.ignored.has(key)) return
    this.ignored.set(key, ignored)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored), place)
  }

  #sight(finding: Finding, place: Place): void {
    const key = `${finding.kind} ${finding.title}`
    if (this.sightings.has(key)) return
    this.sightings.set(key, { finding, place })
    if (this.#options.stopAtFirst) this.#stop('first')
  }

  #checkBounds(most: number): void {
    if (this.store.count >= most && this.#expanded < this.store.count) this.#stop('states', most)
  }

  #stop(by: StoppedBy, bound?: number, waiting = this.store.count - this.#expanded): void {
    this.stopped ??= { by, waiting, ...(bound !== undefined && { bound }) }
  }
}

/** The report of a search that was run. */
export const reportOf = (
  system: System<any>,
  found: NumberedSearch,
  properties: readonly Property[],
  options: ExploreOptions,
  started: number,
): Report => {
  const exhaustive = found.stopped === undefined
  const told = properties.map((property, index) => propertyReport(found, property, index, exhaustive))
  const sighted = [...found.sightings.values()].map(({ finding, place }) =>
    findingReport(finding, found.scheduleTo(place)),
  )
  const violated = properties.flatMap(({ kind, name, finding }, index) => {
    const schedule = told[index]!.schedule
    return kind === 'always' && finding !== undefined && schedule
      ? [findingReport({ kind: finding, title: name, fatal: false }, schedule)]
      : []
  })
  const { store, steps, depth, frontier, ignored, stopped } = found
  return {
    ...{ system: system.name, fingerprint: system.fingerprint, strategy: 'breadth' },
    inversions: options.inversions ?? 'all',
    exhaustive,
    ...(stopped && { stopped }),
    ...{ reduction: 'off', states: store.count, steps, depth },
    bytesPerState: store.bytes / store.count,
    frontier,
    properties: told,
    findings: [...sighted, ...violated].sort((a, b) => a.depth - b.depth || (a.title < b.title ? -1 : 1)),
    ignored: [...ignored.values()],
    lockOrder: [],
    seconds: (performance.now() - started) / 1000,
  }
}

function propertyReport(
  found: NumberedSearch,
  { name, kind }: Property,
  index: number,
  exhaustive: boolean,
): PropertyReport {
  const shown = { name, kind }
  if (kind === 'eventually') {
    if (!exhaustive) return { ...shown, verdict: 'undecided' }
    const lasso = found.lasso(index)
    return lasso ? { ...shown, verdict: 'violated', ...runOf(found, lasso) } : { ...shown, verdict: 'holds' }
  }
  const state = found.decided.get(index)
  if (state !== undefined) {
    const schedule = found.scheduleTo({ state })
    return { ...shown, verdict: kind === 'always' ? 'violated' : 'seen', schedule, depth: schedule.length }
  }
  const verdict = !exhaustive ? 'undecided' : kind === 'always' ? 'holds' : 'unseen'
  return { ...shown, verdict, ...(kind === 'always' && exhaustive && !found.applied[index] && { vacuous: true }) }
}

function runOf(found: NumberedSearch, { states, loopsFrom }: Lasso) {
  const start = found.scheduleTo({ state: states[0]! })
  const hops = states.slice(1).map((state, hop) => found.between(states[hop]!, state))
  const back = loopsFrom === undefined ? [] : [found.between(states.at(-1)!, states[loopsFrom]!)]
  const schedule = [...start, ...hops, ...back]
  return {
    schedule,
    depth: schedule.length,
    ...(loopsFrom !== undefined && { loopsFrom: start.length + loopsFrom + 1 }),
  }
}

export const findingReport = (
  { kind, title, object, detail }: Finding,
  schedule: readonly number[],
): FindingReport => ({
  ...{ kind, title, schedule, depth: schedule.length, shortest: true, actors: [] },
  objects: object === undefined ? [] : [object],
  ...(detail !== undefined && { detail }),
})
