/**
 * Breadth-first search over the tables, to exhaustion or to a bound.
 *
 * From each state every lane that can be taken is taken; whatever the reduction allows to be taken alone is then taken at once, and only
 * the state at the end of that chain is stored. The full search is the same with empty chains.
 */
import type { Cells, Collapsed, Step } from '../states/cells.ts'
import { Chains, guardsIn } from './chains.ts'
import { NoRoom } from '../states/columns.ts'
import { LevelDepths, SpilledDepths, StoredDepths, type Depths, type KeptDepths } from '../ordered/depths.ts'
import { Holdings } from '../locks/hands.ts'
import { HappensBefore } from '../memory/happens-before.ts'
import { inWords } from '../states/in-words.ts'
import { ignoredBy, unexpected } from '../claims/ignored.ts'
import { findingKey, ignoredKey } from '../outcome/keys.ts'
import type { Judge, Judgement } from '../claims/judge.ts'
import { leaksIn } from '../memory/leaks.ts'
import { Leaps, Recorder, type Observe } from './leaps.ts'
import {
  cyclesOf,
  inversion,
  isEdgeOf,
  isSame,
  LockOrder,
  wrongContexts,
  type Cycle,
  type Edge,
} from '../locks/lock-order.ts'
import type { MemoryBound } from '../spill/bound.ts'
import type { ExploreOptions } from '../options.ts'
import { OrbitStore } from '../symmetry/orbit-store.ts'
import type { Orbits } from '../symmetry/orbits.ts'
import { RaceSites, type KeptSite } from '../memory/race-sites.ts'
import type { Reduction } from '../reduction/reduction.ts'
import type { Alone, IgnoredReport, Progress, Stopped, StoppedBy } from '../outcome/report.ts'
import { ToldApart } from '../symmetry/renaming.ts'
import { broken } from './restart.ts'
import { Crew, type Help } from '../parallel/crew.ts'
import type { Found } from '../parallel/results.ts'
import { Room } from '../spill/room.ts'
import { Spilled } from '../spill/spilled.ts'
import { Store, type KeptStates } from '../states/store.ts'
import type { Finding } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { deadlockTitle, somebodyWaits, waitEdges } from '../locks/waiting.ts'
import type { Thinned } from './thinned.ts'
import { Walker, type Walked } from './walker.ts'
import { Ways, type Hop, type Place } from './ways.ts'

export interface Sighting {
  readonly finding: Finding
  readonly place: Place
  /** The run must be kept whole: it is about the state it ends in, not about its last step. */
  readonly about: 'step' | 'state'
  /** Lock order only: the classes. Its edges may have been seen in different runs. */
  readonly cycle?: Cycle
  /** Data races only: the run. */
  readonly run?: readonly number[]
}

/** Sought besides everything else: a single run with all these lock-order edges. */
export interface Watch {
  readonly edges: readonly Edge[]
}

/** What else is sought, who helps, which threads are alike, and what is left out. */
interface Besides {
  readonly watch?: Watch
  readonly help?: Help | undefined
  readonly orbits?: Orbits | undefined
  readonly memory?: MemoryBound | undefined
  readonly thinned?: Thinned | undefined
}

/** As plain data. Entries are told by their numbers. */
export interface KeptSearch {
  readonly expanded: number
  readonly steps: number
  readonly depth: number
  readonly cutAtDepth: number
  readonly frontier: readonly number[]
  readonly sightings: readonly (readonly [key: string, sighting: Sighting])[]
  readonly decided: readonly (readonly [property: number, place: Place])[]
  readonly applied: readonly boolean[]
  readonly ignored: readonly (readonly [key: string, ignored: IgnoredReport])[]
  readonly edgePlaces: readonly { readonly edge: Edge; readonly place: Place }[]
  readonly order: readonly number[]
  readonly sites: readonly KeptSite[]
  readonly areSettled: boolean
  /** It was to end with the first finding, and has it. */
  readonly first: Stopped | undefined
}

/** Keeps a search on its way. */
export interface Keeping {
  /** Is it time, after so many states? */
  isDue(expanded: number): boolean
  keep(): void
  readonly trouble: string | undefined
}

/** How many states are expanded between two looks at the clock. */
const slice = 512

/** Whoever is deeper is looked into in his turn: depths take more room from here on. */
const deepestFound = 0xffff

/** Where it is not memory that there is none of. */
const saidByDisk = ({ cause }: NoRoom): string | undefined =>
  cause instanceof Error && !(cause instanceof RangeError) ? cause.message : undefined

const refuseToTell = (name: string): never => {
  throw broken(`"${name}" asks which step it is`)
}

export class Search {
  readonly tables: Tables
  readonly cells: Cells
  readonly store: Store
  readonly sightings = new Map<string, Sighting>()
  /** Property number → where it violates the `always` or shows the `sometimes`. */
  readonly decided = new Map<number, Place>()
  /** Properties that applied somewhere (`when`). */
  readonly applied: boolean[]
  readonly ignored = new Map<string, IgnoredReport>()
  readonly frontier: number[] = []
  readonly judge: Judge
  ways: Ways
  steps = 0
  depth = 0
  stopped: Stopped | undefined

  /** Where the last of the watched edges was seen. */
  watched: Place | undefined
  readonly #watch: Watch | undefined
  readonly #options: ExploreOptions
  readonly #reduction: Reduction | undefined
  readonly #orbits: Orbits | undefined
  readonly lockOrder: LockOrder
  readonly order: HappensBefore
  readonly races: RaceSites
  /** Each edge of the lock order, and where it was first seen. */
  readonly edgePlaces: { readonly edge: Edge; readonly place: Place }[] = []
  readonly #chains: Chains
  readonly #walker: Walker
  /** Others that look ahead. */
  readonly #crew: Crew | undefined
  readonly #alone: Alone | undefined
  /** A state of it, slot by slot. */
  readonly #slots: Int32Array
  /** Where the steps are that are seen now: behind this stored state, on this lane. */
  #from = -1
  #lane = -1
  readonly #see: Observe = (step, after, prefix) =>
    this.#observe(step, after, { from: this.#from, lane: this.#lane, prefix })
  #depths: Depths
  readonly #memory: MemoryBound | undefined
  readonly #room = new Room()
  readonly #deepest: number
  readonly #thinned: Thinned | undefined
  #expanded = 0
  /** The first state of the next level. */
  #level = 0
  #cutAtDepth = 0
  /** There was no room for what is behind a state. */
  #isHalfDone = false
  /** As many states were looked into when it was kept last. */
  #keptAt = -1

  /** `judge`: others that search the same cells for the same properties may have had it before, and what it knows is not asked again. */
  constructor(
    cells: Cells,
    judge: Judge,
    options: ExploreOptions,
    reduction: Reduction | undefined,
    { watch, help, orbits, memory, thinned }: Besides = {},
  ) {
    const { tables } = cells
    this.store = orbits ? new OrbitStore(orbits, cells.blank()) : new Store(help !== undefined)
    this.#watch = watch
    this.#memory = memory
    this.#thinned = thinned
    this.tables = tables
    this.cells = cells
    this.#options = options
    this.#reduction = reduction
    this.#orbits = orbits
    this.#chains = new Chains(cells, reduction, guardsIn(tables))
    this.judge = judge
    this.lockOrder = new LockOrder(tables)
    this.order = new HappensBefore(tables)
    this.races = new RaceSites(tables, this.order)
    const holdings = new Holdings(cells, this.order)
    const recorder = new Recorder(cells, this.#chains, holdings, watch !== undefined)
    const leaps = new Leaps(cells, this.#chains, holdings, recorder)
    this.#walker = new Walker(cells, this.#chains, leaps)
    const helped = { cells, chains: this.#chains, holdings, recorder, store: this.store }
    const alone = orbits
      ? 'symmetry'
      : tables.held
        ? 'order'
        : judge.properties.some(({ step }) => step)
          ? 'steps'
          : undefined
    this.#alone = help && alone
    this.#crew = help && !alone ? new Crew(helped, help) : undefined
    this.#depths = reduction ? new StoredDepths() : new LevelDepths()
    this.ways = new Ways(cells, this.store, this.#chains, this.#depths)
    this.#deepest = options.within?.depth ?? Infinity
    this.applied = judge.properties.map(() => false)
    this.#slots = tables.initial()
    tables.onNewEntry = (entry) => {
      // Each of the two has to hear of it, whatever the other says.
      orbits?.meet(entry)
      reduction?.meet(entry)
      orbits?.settle()
    }
    tables.merging.tellApart = (component, kept, dropped) => judge.tellsApart(cells.asked, component, kept, dropped)
    judge.onStepAsked = reduction && refuseToTell
    judge.onSeen = (components) => {
      reduction?.see(components)
      this.#chains.forget()
      leaps.forget()
      this.#crew?.forget()
    }
  }

  *run(started: number, keeping?: Keeping): Generator<Progress> {
    try {
      yield* this.#search(started, keeping)
    } finally {
      this.#crew?.end()
    }
    this.store.close()
  }

  *#search(started: number, keeping?: Keeping): Generator<Progress> {
    const deadline = this.#options.within?.ms === undefined ? Infinity : started + this.#options.within.ms
    if (this.#keptAt < 0) {
      this.#orStop(() => this.#begin())
      if (this.store.count > (this.#options.within?.states ?? Infinity)) this.#checkBounds()
      this.frontier.push(this.store.count)
    } else this.#checkBounds()
    this.#level = this.frontier.reduce((sum, states) => sum + states, 0)
    while (this.#expanded < this.store.count && !this.stopped) {
      const isTurn = this.#crew?.isTurn(this.#expanded) ?? true
      if (this.#expanded % slice === 0 || !isTurn) {
        if (this.#options.signal?.aborted) this.#stop('you')
        else if (performance.now() >= deadline) this.#stop('ms', this.#options.within!.ms)
        else if (isTurn) this.#lookForRoom()
        if (this.stopped) break
        yield this.progress(started, keeping?.trouble)
      }
      if (!isTurn) continue
      if (this.#memory && this.#expanded % this.#memory.every === 0) this.#makeRoom(this.#memory, keeping)
      if (this.stopped) break
      if (keeping?.isDue(this.#expanded)) this.#pause(keeping)
      this.#orStop(this.#one)
      this.#settle()
      this.#checkBounds()
      // One state at a time is expanded, so that it is met exactly: `>=` would say the same.
      if (this.#expanded === this.#level && this.store.count > this.#level) {
        this.frontier.push(this.store.count - this.#level)
        this.#thinned?.begin(this.#level, this.store.count)
        this.#level = this.store.count
      }
    }
    this.#orStop(() => this.#settleAll())
    // What is half done for want of memory is nothing to go on from.
    if (keeping && !this.#isHalfDone) this.#pause(keeping)
    this.#sightInversions()
    if (!this.stopped && this.#cutAtDepth > 0)
      this.#stop('depth', this.#options.within!.depth, undefined, this.#cutAtDepth)
    // Nothing that needs all states is claimed of them.
    if (!this.stopped && this.store.spilled?.isHashed)
      this.stopped = { by: 'hashes', waiting: 0, omission: this.store.spilled.seen.leftOut(this.store.count) }
  }

  get kept(): KeptSearch {
    return {
      ...{ expanded: this.#expanded, steps: this.steps, depth: this.depth, cutAtDepth: this.#cutAtDepth },
      frontier: this.frontier,
      sightings: [...this.sightings],
      decided: [...this.decided],
      applied: this.applied,
      ignored: [...this.ignored],
      edgePlaces: this.edgePlaces,
      order: this.order.kept,
      sites: this.races.kept,
      areSettled: this.#walker.areSettled,
      first: this.stopped?.by === 'first' ? this.stopped : undefined,
    }
  }

  get keptDepths(): KeptDepths {
    return this.#depths.kept
  }

  /** Goes on from there; what the tables have learned is there already. */
  restore(kept: KeptSearch, states: KeptStates, depths: KeptDepths, entries: readonly Entry[]): void {
    this.#expanded = this.#keptAt = kept.expanded
    this.steps = kept.steps
    this.depth = kept.depth
    this.#cutAtDepth = kept.cutAtDepth
    this.frontier.push(...kept.frontier)
    for (const [key, sighting] of kept.sightings) this.sightings.set(key, sighting)
    for (const [property, place] of kept.decided) this.decided.set(property, place)
    for (const [property, applied] of kept.applied.entries()) this.applied[property] = applied
    for (const [key, ignored] of kept.ignored) this.ignored.set(key, ignored)
    this.edgePlaces.push(...kept.edgePlaces)
    this.lockOrder.know(kept.edgePlaces.map(({ edge }) => edge))
    for (const entry of kept.order) this.order.of(entries[entry]!)
    this.races.restore(kept.sites, entries)
    this.#walker.areSettled = kept.areSettled
    this.store.restore(states)
    this.#depths.restore(depths)
    this.stopped = kept.first
  }

  progress(started: number, trouble?: string): Progress {
    return {
      states: this.store.count,
      steps: this.steps,
      depth: this.depth,
      seconds: (performance.now() - started) / 1000,
      frontier: [...this.frontier],
      findings: [...this.sightings.keys()],
      ...(this.store.spilled && { spilled: true as const }),
      ...(trouble !== undefined && { trouble }),
      ...(this.#alone && { alone: this.#alone }),
      expanded: this.#expanded,
    }
  }

  get bytesPerState(): number {
    return (this.store.bytes + this.#depths.bytes) / Math.max(1, this.store.count)
  }

  /** As many of the stored states, the first ones, were looked into. */
  get expanded(): number {
    return this.#expanded
  }

  /** Its successors are known. */
  isLookedInto(state: number): boolean {
    return state < this.#expanded && this.#depths.get(state) < this.#deepest
  }

  // What is asked when it is over, of states and steps as a whole (data-races.ts, liveness.ts).

  start(): Hop {
    return this.ways.start()
  }

  hops(state: number): Iterable<Hop> {
    return this.isLookedInto(state) ? this.ways.hops(state, this.#deepest) : []
  }

  runTo(state: number): readonly number[] {
    return this.ways.to(this.ways.placeOf(state))
  }

  successors(state: number): ReturnType<Ways['successors']> {
    return this.ways.successors(state)
  }

  between(from: number, to: number): readonly number[] {
    return this.ways.between(from, to)
  }

  load(state: number): Int32Array {
    return this.ways.load(state)
  }

  sightRace(finding: Finding, run: readonly number[]): void {
    this.sightings.set(findingKey(finding), { finding, place: this.ways.placeOf(0), about: 'step', run })
  }

  /** Something that is told of all states was not told of all of them in time. */
  late(by: 'ms' | 'you'): void {
    this.#stop(by, by === 'ms' ? this.#options.within?.ms : undefined, undefined, 0)
  }

  /** Every state fewer steps than this from the start has been expanded. Only for the full search, where a level is a step. */
  get completeTo(): number {
    return this.#expanded < this.store.count ? this.#depths.get(this.#expanded) : Infinity
  }

  #pause(keeping: Keeping): void {
    if (this.#keptAt === this.#expanded) return
    keeping.keep()
    this.#keptAt = this.#expanded
  }

  /** Within a bound, what is lacking for states goes to the disk. */
  #lookForRoom(): void {
    const lack = this.#memory ? this.#room.lackForObjects() : this.#room.lack(this.store.growth)
    if (lack !== undefined) this.#stop('memory', undefined, lack)
  }

  /** States go to the disk, or the search ends. */
  #makeRoom(memory: MemoryBound, keeping: Keeping | undefined): void {
    if (this.store.spilled) {
      if (memory.isFull()) this.#stop('memory', undefined, 'what is not states takes all of it')
      return
    }
    if (!memory.isShort(this.store.growth + this.store.spilling)) return
    const against = this.#againstSpilling(keeping)
    if (against !== undefined) return this.#stop('memory', undefined, against)
    this.#orStop(() => {
      this.store.spill(new Spilled(memory), memory.fewest, (state) => this.#depths.get(state))
      this.#crew?.end()
      this.#depths = new SpilledDepths(this.store)
      this.ways = new Ways(this.cells, this.store, this.#chains, this.#depths)
    })
  }

  /** What needs all states at hand when the search is over, or keeps them itself. */
  #againstSpilling(keeping: Keeping | undefined): string | undefined {
    if (keeping) return 'what is kept as a checkpoint does not go to the disk'
    const promise = this.judge.properties.find(({ kind }) => kind === 'eventually')
    if (promise) return `"${promise.name}" is asked of runs without an end`
    if (this.tables.system.forEver) return 'who waits for ever is known when all states are'
    return this.races.suspects.size > 0 ? 'data races are looked for in all runs' : undefined
  }

  /** It has to be known what is new where the next level begins, and where it might be more than a bound. */
  #settle(): void {
    const { store } = this
    if (!store.spilled) return
    const { states: most = Infinity } = this.#options.within ?? {}
    if (this.#expanded === this.#level || store.count + store.pending >= most) this.#orStop(() => this.#settleAll())
  }

  #settleAll(): void {
    const { spilled } = this.store
    if (!spilled) return
    this.store.settle()
    this.depth = Math.max(this.depth, spilled.deepest)
    if (this.races.suspects.size > 0) this.#stop('memory', undefined, 'data races are looked for in all runs')
  }

  #begin(): void {
    this.#orbits?.settle()
    const { state } = this.#walker
    state.set(this.cells.initial())
    // A look at the start tells what must stay visible on the way from it.
    this.#judge(state)
    const taken = this.#walker.follow(undefined, this.#deepest, this.#see)
    this.steps += taken
    this.depth = taken
    this.#depths.set(0, taken)
    this.store.add(this.#walker.after, this.cells.count)
    if (this.judge.properties.length > 0) this.#decide(taken, this.#walker.after)
  }

  /** What there is no room for is not done. */
  #orStop(search: () => void): void {
    const expanded = this.#expanded
    try {
      search()
    } catch (cause) {
      if (!(cause instanceof NoRoom)) throw cause
      this.#expanded = expanded
      this.#isHalfDone = true
      this.#stop('memory', undefined, saidByDisk(cause))
    }
  }

  readonly #one = (): void => this.#next(this.#expanded++)

  #next(index: number): void {
    if (this.#thinned?.isLeftOut(index)) return
    const found = this.#crew?.of(index)
    if (found && this.#isAsFound(index, found)) return this.#adopt(index, found)
    if (found) this.#crew?.passOver()
    this.#expand(index)
  }

  /** Whoever looks ahead knows nothing of bounds, and states are packed otherwise at some counts of them. */
  #isAsFound(index: number, found: Found): boolean {
    const deepest = this.#depths.get(index) + 1 + found.longest
    return (
      deepest <= Math.min(this.#deepest, deepestFound) && this.store.staysAsItIs(found.many) && this.#walker.areSettled
    )
  }

  /** Does what `#expand` would do, of what somebody else has found. */
  #adopt(index: number, found: Found): void {
    const { store } = this
    const before = this.#depths.get(index) + 1
    this.#from = index
    this.steps += found.steps
    this.#depths.reserve(store.count, before)
    const { numbers, many } = found
    for (let one = 0; one < many; one++) {
      const depth = before + found.taken(one)
      this.#lane = found.lane(one)
      const added = store.addWords(numbers, found.wordsOf(one), found.key(one), index, this.#lane)
      if (added < 0) continue
      this.#depths.set(added, depth)
      if (depth > this.depth) this.depth = depth
      if (this.judge.properties.length > 0) this.#decide(found.taken(one), this.#loaded(added))
      if (found.delivery(one) < found.deliveries - 1) this.#depths.reserve(store.count, before)
    }
    if (this.#reduction) this.depth = Math.max(this.depth, before + found.longest)
  }

  #loaded(state: number): Collapsed {
    const { after } = this.#walker
    this.store.load(state, after, this.cells.count)
    return after
  }

  #expand(index: number): void {
    const walker = this.#walker
    const { state, moves } = walker
    this.store.load(index, state, this.cells.count)
    const depth = this.#depths.get(index)
    if (depth >= this.#deepest) {
      if (this.tables.enabled(this.#spread(state)).length > 0) this.#cutAtDepth++
      else this.#finish(state, index)
      return
    }
    let moved = false
    walker.look()
    for (let at = 0; at < walker.many; at++) {
      const step = this.cells.step(state, moves[at]!)
      this.#chains.check(state, step)
      if (!step.entry.accepted) continue
      moved = true
      this.steps++
      this.#from = index
      this.#lane = step.lane
      this.#judgeStep(step)
      if (step.entry.fatal) this.#crash(step, depth + 1)
      else this.#keep(walker.walk(step, this.#deepest - depth - 1, this.#see), depth + 1)
    }
    if (!moved) this.#finish(state, index)
  }

  #crash(step: Step, depth: number): void {
    this.#see(step, this.#walker.take(step), 0)
    if (depth > this.depth) this.depth = depth
  }

  /** Stores the state behind a step, which is at this depth, and its chain. */
  #keep({ patch, taken }: Walked, before: number): void {
    const depth = before + taken
    this.steps += taken
    this.#depths.reserve(this.store.count, depth)
    const added = this.#orbits
      ? this.store.add(this.#walker.show(patch), this.cells.count, this.#from, this.#lane)
      : this.store.addNear(this.#from, patch, this.cells.count, this.#lane)
    // Without chains, what leads to a known state leads no deeper than others.
    const isNew = added >= 0 && !this.store.spilled
    if (depth > this.depth && (isNew || this.#reduction)) this.depth = depth
    if (this.#thinned) this.#tellMet(this.#thinned, added, patch)
    if (added < 0) return
    this.#depths.set(added, depth)
    if (this.judge.properties.length > 0) this.#decide(taken, this.#walker.show(patch))
  }

  #tellMet(thinned: Thinned, added: number, patch: Walked['patch']): void {
    thinned.met(added >= 0 ? added : this.store.find(this.#walker.show(patch), this.cells.count)!, this.#level)
  }

  /**
   * Of a state that was not met before, so many steps of a chain behind the step that is seen now; or, once states are spilled, of one of which it may
   * be so: then all of this was said of it.
   */
  #decide(prefix: number, state: Collapsed): void {
    const { properties } = this.judge
    const judged = this.#judge(state)
    const { holds, applies } = judged
    this.#orbits?.insistOnSame(state, judged, (image) => this.#judge(image), this.#whoJudges)
    for (let index = 0; index < properties.length; index++) {
      if (applies[index]) this.applied[index] = true
      const property = properties[index]!
      if (property.kind === 'eventually' || holds[index] !== (property.kind === 'sometimes') || this.decided.has(index))
        continue
      this.decided.set(index, { from: this.#from, lane: this.#lane, prefix })
      if (property.kind === 'always' && this.#options.stopAtFirst) this.#stop('first')
    }
  }

  /** The claim that has two answers. */
  readonly #whoJudges = (one: Judgement, other: Judgement): string | undefined => {
    const apart = this.judge.properties.find(
      (_, index) => one.holds[index] !== other.holds[index] || one.applies[index] !== other.applies[index],
    )
    return apart && `"${apart.name}"`
  }

  /** It is the first behind a stored state: those of a chain change nothing that a property looks at. */
  #judgeStep({ entry }: Step): void {
    const { state } = this.#walker
    const judged = this.judge.judgeStepBy(
      (component) => this.cells.local(state, component),
      () => this.#spread(state),
      entry,
    )
    if (!judged) return
    for (const index of judged.asked) this.applied[index] = true
    for (const index of judged.broken) {
      if (this.decided.has(index)) continue
      this.decided.set(index, { from: this.#from, lane: this.#lane, prefix: 0 })
      if (this.#options.stopAtFirst) this.#stop('first')
    }
  }

  #judge(state: Collapsed): Judgement {
    return this.judge.judgeBy(
      (component) => this.cells.local(state, component),
      () => this.#spread(state),
    )
  }

  #spread(state: Collapsed): Int32Array {
    this.cells.spread(state, this.#slots)
    return this.#slots
  }

  #finish(state: Collapsed, index: number): void {
    if (this.tables.held && this.tables.isCut(this.#spread(state))) return
    const found = this.#tellFinal(state)
    const finals = new Set([state.join()])
    // Each end is told once.
    const tellOther = (image: Collapsed): readonly Finding[] => {
      if (finals.has(image.join())) return found
      finals.add(image.join())
      return this.#tellFinal(image)
    }
    this.#orbits?.insistOnSame(state, found, tellOther, (one, other) => {
      const titles = (all: readonly Finding[]): string => all.map(({ title }) => title).join(' and ')
      return titles(one) === titles(other) ? undefined : `"${titles(one)}"`
    })
    for (const finding of found) this.#sight(finding, this.ways.placeOf(index), 'state')
  }

  /** What is wrong with a state in which nothing can be delivered. */
  #tellFinal(final: Collapsed): readonly Finding[] {
    const state = this.#spread(final)
    this.#options.onFinal?.(inWords(this.tables, state))
    if (!somebodyWaits(this.tables, state)) return leaksIn(this.tables, state)
    return [{ kind: 'deadlock', title: deadlockTitle(waitEdges(this.tables, state)), fatal: true }]
  }

  /** What a step showed besides its next state; `after` is the state behind it. */
  #observe({ entry }: Step, after: Collapsed, place: Place): void {
    if (entry.quiet && !entry.accesses) return
    const slots = this.#spread(after)
    if (entry.accesses) this.races.meet(slots, entry)
    if (entry.quiet) return
    if (this.#watch) this.#lookOut(this.#watch, after, entry, place)
    for (const finding of entry.findings) this.#sight(finding, place, 'step')
    const fresh = this.lockOrder.newEdges(slots, entry)
    for (const edge of fresh) this.edgePlaces.push({ edge, place })
    for (const finding of wrongContexts(this.lockOrder, fresh, entry)) this.#sight(finding, place, 'step')
    if (!entry.ignored) return
    const ignored = ignoredBy(this.tables, entry)
    if (this.ignored.has(ignoredKey(ignored))) return
    for (const each of [ignored, ...this.#ignoredLikewise(entry, ignored)]) this.ignored.set(ignoredKey(each), each)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored), place, 'step')
  }

  /** By those that the component becomes when threads change places. Where it is a finding, each has to have a run of its own. */
  #ignoredLikewise({ component, local }: Entry, { type }: IgnoredReport): readonly IgnoredReport[] {
    const { components, locals } = this.tables
    const likewise = [...(this.#orbits?.likenesses(component, local) ?? [])].filter(([other]) => other !== component)
    if (likewise.length > 0 && this.#options.ignored === 'fail')
      throw new ToldApart(`${components[component]!.id} ignores ${type}, and that is told of each by its name`)
    return likewise.map(([other, then]) => {
      const subject = components[other]!
      return { component: subject.id, state: subject.show(locals[other]![then]).state, type }
    })
  }

  #sight(finding: Finding, place: Place, about: Sighting['about'], cycle?: Cycle): void {
    const key = findingKey(finding)
    if (this.sightings.has(key)) return
    this.sightings.set(key, { finding, place, about, ...(cycle && { cycle }) })
    // Inversions are sighted when the search is over.
    if (this.#options.stopAtFirst && !cycle) this.#stop('first')
  }

  /** Watched edges are remembered in the state itself, one bit each: a run that has seen more of them is another run. */
  #lookOut({ edges }: Watch, after: Collapsed, entry: Entry, place: Place): void {
    const { watch } = this.cells
    const before = after[watch]!
    let seen = before
    for (const edge of this.lockOrder.edgesOf(this.#slots, entry)) {
      const bit = edges.findIndex((each) => isSame(each, edge))
      if (bit >= 0) seen |= 1 << bit
    }
    if (seen === before) return
    after[watch] = seen
    if (seen !== (1 << edges.length) - 1 || this.watched) return
    this.watched = place
    this.#stop('first')
  }

  /** Which inversions there are is known when all edges are; each is sighted where its last edge was. */
  #sightInversions(): void {
    for (const cycle of cyclesOf(this.lockOrder.edges)) {
      const { place } = this.edgePlaces.findLast(({ edge }) => isEdgeOf(cycle, edge))!
      this.#sight(inversion(cycle), place, 'step', cycle)
    }
  }

  #checkBounds(): void {
    const bound = this.#options.within?.states
    if (bound !== undefined && this.store.count >= bound && this.#expanded < this.store.count)
      this.#stop('states', bound)
  }

  #stop(by: StoppedBy, bound?: number, why?: string, waiting?: number): void {
    if (this.stopped) return
    this.stopped = {
      by,
      waiting: waiting ?? this.#waiting(),
      ...(bound !== undefined && { bound }),
      ...(why && { why }),
    }
  }

  /** Where it cannot be told any more which of them are new, all of them wait. */
  #waiting(): number {
    try {
      this.store.settle()
    } catch (cause) {
      if (!(cause instanceof NoRoom)) throw cause
    }
    return this.store.count + this.store.pending - this.#expanded
  }
}
