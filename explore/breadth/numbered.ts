/** Breadth-first search over a system that numbers its own states: nothing is asked twice, and nothing stands between it and the store. */
import { applies, holds } from '../claims/answer.ts'
import { Bounds } from '../outcome/bounds.ts'
import { unexpected } from '../claims/ignored.ts'
import { findingKey, ignoredKey } from '../outcome/keys.ts'
import { Futures } from '../outcome/futures.ts'
import { neverTrue, type Lasso } from './liveness.ts'
import { NumberedStates, numberOf } from './numbered-states.ts'
import type { ExploreOptions } from '../options.ts'
import { decided, findingReport, identity, open, promised, withBroken } from '../outcome/reporting.ts'
import type { IgnoredReport, Progress, PropertyReport, Report } from '../outcome/report.ts'
import { fromTheStart } from '../outcome/for-ever.ts'
import type { Finding, Property, System } from '../system.ts'

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
  /** Slots in which `after` may differ from `state`, so many of them; -1: any. */
  readonly changed: readonly number[]
  readonly changes: number
  /** Writes the start into `after`. */
  begin(): void
  /** Another state was written into `state`: how many steps lead on, in the order in which schedules count them. */
  look(state: number, wayTo: () => readonly Gone[]): number
  /** The first choice from this one on that is not known to lead nowhere and to show nothing. */
  next(choice: number): number
  /** Takes one of them: writes `after`. */
  take(choice: number): NumberedStep
  /** What the last step wrote into `after` was stored under this number. */
  kept(state: number): void
  /** `after` is to be `state`. */
  show(): void
  /** Of `after`: what properties look at, and who waits there for what cannot come any more. */
  view(): unknown
  waits(): readonly string[]
  /** Of `state`, by numbers: who is there and has done nothing on any step that was taken since it was looked at. Absent: `waits` knows all of it. */
  idle?(): readonly number[]
  /** Of `state`: what is wrong where these never do anything again. */
  forEver?(idle: ReadonlySet<number>): readonly Finding[]
}

/** How many states are expanded between two looks at the clock: fewer at first, for where steps are slow there will not be many. */
const slice = 512
const firstSlice = 64

export interface Place {
  readonly state: number
  /** Taken from there, if any. */
  readonly choice?: number
}

export class NumberedSearch {
  readonly states: NumberedStates
  readonly bounds: Bounds
  readonly sightings = new Map<string, { readonly finding: Finding; readonly place: Place }>()
  readonly decided = new Map<number, number>()
  readonly applied: boolean[]
  readonly ignored = new Map<string, IgnoredReport>()
  readonly frontier: number[] = []
  steps = 0
  depth = 0
  readonly #numbered: Numbered
  readonly #properties: readonly Property[]
  readonly #options: ExploreOptions
  readonly #started: number
  /** By choice: most states ignore there what the one before has ignored. */
  readonly #toldLast: (IgnoredReport | undefined)[] = []
  readonly #told = new Set<IgnoredReport>()
  readonly #futures: Futures | undefined
  #expanded = 0
  /** How many states there are up to the depth that is looked at. */
  #level = 0
  #cutAtDepth = 0

  constructor(numbered: Numbered, properties: readonly Property[], options: ExploreOptions, started: number) {
    this.#numbered = numbered
    this.#properties = properties
    this.#options = options
    this.#started = started
    this.states = new NumberedStates(numbered)
    this.bounds = new Bounds(options, started)
    this.applied = properties.map(() => false)
    if (numbered.idle) this.#futures = new Futures()
  }

  *run(): Generator<Progress> {
    const { states: most = Infinity, depth: deepest = Infinity } = this.#options.within ?? {}
    const { states, bounds } = this
    this.#orStop(() => {
      this.#numbered.begin()
      this.#keep(-1, 0)
    })
    if (states.count > most) bounds.look(states.count, this.#waiting)
    this.#level = states.count
    this.frontier.push(states.count)
    while (this.#waiting > 0 && !bounds.isOver) {
      bounds.lookAtClock(this.#waiting)
      if (bounds.isOver) break
      yield this.#progress()
      const until = this.#expanded + Math.min(slice, Math.max(firstSlice, this.#expanded))
      this.#orStop(() => this.#expandUntil(until, deepest))
    }
    if (!bounds.isOver && this.#cutAtDepth > 0) bounds.stop('depth', this.#cutAtDepth, deepest)
  }

  /** The choices that lead to a state, and on from there. */
  scheduleTo({ state, choice }: Place): number[] {
    return [...this.states.wayTo(state).map((each) => each.choice), ...(choice === undefined ? [] : [choice])]
  }

  // What is asked of a search that is complete.

  /** A run on which this property is never true. */
  lasso(property: number): Lasso | undefined {
    const found: (Lasso | undefined)[] = []
    this.#numbered.guarded(() => {
      const successors = (state: number) => {
        const hops = this.#hops(state)
        return { next: hops.flatMap(({ to }) => to ?? []), crashed: hops.some(({ to }) => to === undefined) }
      }
      const isFalse = (state: number): boolean => {
        this.states.look(state)
        this.#numbered.show()
        return !this.#judge(property, this.#numbered.view())
      }
      found.push(neverTrue({ isFalse, successors }))
    })
    return found[0]
  }

  /** Whoever waits for ever, and was not seen to. */
  sightForEver(): void {
    this.#numbered.guarded(() => {
      for (const [state, idle] of this.#futures?.idleForEver() ?? []) {
        this.states.load(state)
        for (const finding of this.#numbered.forEver!(new Set(idle))) {
          const key = findingKey(finding)
          // At the start somebody else's step shows that it is so.
          const place = { state, ...(state === 0 && { choice: 0 }) }
          if (!this.sightings.has(key))
            this.sightings.set(key, { finding: state === 0 ? fromTheStart(finding) : finding, place })
        }
      }
    })
  }

  runTo(state: number): readonly number[] {
    return this.scheduleTo({ state })
  }

  /** A choice that leads from the one state to the other. */
  between(from: number, to: number): readonly number[] {
    let choice = -1
    this.#numbered.guarded(() => (choice = this.#hops(from).findIndex((hop) => hop.to === to)))
    return [choice]
  }

  get #waiting(): number {
    return this.states.count - this.#expanded
  }

  #progress(): Progress {
    return {
      states: this.states.count,
      steps: this.steps,
      depth: this.depth,
      seconds: (performance.now() - this.#started) / 1000,
      frontier: [...this.frontier],
      findings: [...this.sightings.keys()],
      ...((this.#options.workers ?? 1) !== 1 && { alone: 'numbered' as const }),
    }
  }

  #hops(state: number): readonly { readonly to: number | undefined }[] {
    return Array.from({ length: this.states.look(state) }, (_, choice) => {
      const { fatal, changed } = this.#numbered.take(choice)
      if (fatal) return { to: undefined }
      return { to: changed ? numberOf(this.states.add(state, choice)) : state }
    })
  }

  /** The state in the middle of which there was no room any more waits, too. */
  #orStop(search: () => void): void {
    this.bounds.orStop(
      () => this.states.count - Math.max(0, this.#expanded - 1),
      () => this.#numbered.guarded(search),
    )
  }

  // What is gone through for each state and each step is a few plain loops: V8 compiles anew whatever it puts into another function.

  #expandUntil(until: number, deepest: number): void {
    const { states, bounds, frontier } = this
    while (this.#expanded < until && this.#expanded < states.count && !bounds.isOver) {
      const depth = frontier.length - 1
      if (depth < deepest) this.#expand(this.#expanded++, depth + 1)
      else if (states.look(this.#expanded++) > 0) this.#cutAtDepth++
      bounds.look(states.count, this.#waiting)
      if (this.#expanded === this.#level && states.count > this.#level) {
        frontier.push(states.count - this.#level)
        this.#level = states.count
      }
    }
  }

  #expand(state: number, depth: number): void {
    const numbered = this.#numbered
    const many = this.states.look(state)
    for (let choice = numbered.next(0); choice < many; choice = numbered.next(choice + 1)) {
      const { findings, ignored, fatal, changed } = numbered.take(choice)
      if (findings.length > 0) this.#sightAll(findings, state, choice)
      if (ignored && ignored !== this.#toldLast[choice]) {
        this.#toldLast[choice] = ignored
        this.#ignore(ignored, { state, choice })
      }
      if (fatal) this.depth = Math.max(this.depth, depth)
      else if (changed) {
        const added = this.#keep(state, choice)
        if (added >= 0) this.depth = Math.max(this.depth, depth)
        if (this.#futures) this.#futures.add(numberOf(added))
      }
    }
    this.#futures?.close(numbered.idle!())
    this.steps += many
  }

  /** Keeps the state in `after`: its number, or -(number + 1) when it was known. */
  #keep(from: number, choice: number): number {
    const added = this.states.add(from, choice)
    if (added < 0) return added
    if (from >= 0) {
      const hangs = this.states.hangs(from, added)
      if (hangs.length > 0) this.#sightAll(hangs, from, choice)
    }
    if (this.#properties.length > 0) this.#decide(added)
    return added
  }

  #decide(state: number): void {
    const view = this.#numbered.view()
    const properties = this.#properties
    for (let index = 0; index < properties.length; index++) {
      if (this.decided.has(index)) continue
      const isTrue = this.#judge(index, view)
      const { kind } = properties[index]!
      if (kind === 'eventually' || isTrue !== (kind === 'sometimes')) continue
      this.decided.set(index, state)
      if (kind === 'always') this.#first()
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
    if (this.#told.has(ignored)) return
    this.#told.add(ignored)
    const key = ignoredKey(ignored)
    if (this.ignored.has(key)) return
    this.ignored.set(key, ignored)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored), place)
  }

  #sightAll(findings: readonly Finding[], state: number, choice: number): void {
    for (const each of findings) this.#sight(each, { state, choice })
  }

  #sight(finding: Finding, place: Place): void {
    const key = findingKey(finding)
    if (this.sightings.has(key)) return
    this.sightings.set(key, { finding, place })
    this.#first()
  }

  #first(): void {
    if (this.#options.stopAtFirst) this.bounds.stop('first', this.#waiting)
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
  const { states, steps, depth, frontier, ignored } = found
  const { stopped } = found.bounds
  const exhaustive = stopped === undefined
  if (exhaustive) found.sightForEver()
  const told = properties.map((property, index) => propertyReport(found, property, index, exhaustive))
  const sighted = [...found.sightings.values()].map(({ finding, place }) =>
    findingReport(finding, { schedule: found.scheduleTo(place) }, true),
  )
  return {
    ...identity(system),
    strategy: 'breadth',
    inversions: options.inversions ?? 'all',
    exhaustive,
    ...(stopped && { stopped }),
    ...{ reduction: 'off', states: states.count, steps, depth },
    bytesPerState: states.bytes / states.count,
    frontier,
    properties: told,
    findings: withBroken(sighted, properties, (finding, index) => {
      const { schedule } = told[index]!
      return schedule && findingReport(finding, { schedule }, true)
    }),
    ignored: [...ignored.values()],
    lockOrder: [],
    seconds: (performance.now() - started) / 1000,
  }
}

function propertyReport(found: NumberedSearch, property: Property, index: number, exhaustive: boolean): PropertyReport {
  if (property.kind === 'eventually') return exhaustive ? promised(property, found.lasso(index), found) : open(property)
  const state = found.decided.get(index)
  const run = state === undefined ? undefined : { schedule: found.runTo(state) }
  return decided(property, run, exhaustive, !found.applied[index])
}
