/**
 * Breadth-first search over the tables, to exhaustion or to a bound.
 *
 * From each state every lane that can be taken is taken; whatever the reduction allows to be taken alone is then taken at once, and only
 * the state at the end of that chain is stored. The full search is the same with empty chains.
 */
import { Chains } from './chains.ts'
import { LevelDepths, StoredDepths, type Depths } from './depths.ts'
import { ignoredBy, unexpected } from './ignored.ts'
import { Judge } from './judge.ts'
import { leaksIn } from './leaks.ts'
import { cyclesOf, inversion, isEdgeOf, isSame, LockOrder, type Cycle, type Edge } from './lock-order.ts'
import type { ExploreOptions } from './options.ts'
import { Restart, type Reduction } from './reduction.ts'
import type { IgnoredReport, Progress } from './report.ts'
import { Store } from './store.ts'
import type { Finding, Property } from './system.ts'
import type { Entry, Tables } from './tables.ts'
import { deadlockTitle, somebodyWaits, waitEdges } from './waiting.ts'
import { Ways, type Place } from './ways.ts'

export interface Sighting {
  readonly finding: Finding
  readonly place: Place
  /** The run must be kept whole: it is about the state it ends in, not about its last step. */
  readonly about: 'step' | 'state'
  /** Lock order only: the classes. Its edges may have been seen in different runs. */
  readonly cycle?: Cycle
}

/** Sought besides everything else: a single run with all these lock-order edges. */
export interface Watch {
  readonly edges: readonly Edge[]
}

/** How many states are expanded between two looks at the clock. */
const slice = 512

export class Search {
  readonly tables: Tables
  readonly store = new Store()
  readonly sightings = new Map<string, Sighting>()
  /** Property number → state that violates the `always` or shows the `sometimes`. */
  readonly decided = new Map<number, number>()
  /** Properties that applied somewhere (`when`). */
  readonly applied: boolean[]
  readonly ignored = new Map<string, IgnoredReport>()
  readonly frontier: number[] = []
  readonly judge: Judge
  readonly ways: Ways
  steps = 0
  depth = 0
  stopped:
    | { readonly by: 'states' | 'depth' | 'ms' | 'you' | 'first'; readonly bound?: number; readonly waiting: number }
    | undefined

  /** Where the last of the watched edges was seen. */
  watched: Place | undefined
  readonly #watch: Watch | undefined
  readonly #options: ExploreOptions
  readonly #reduction: Reduction | undefined
  readonly lockOrder: LockOrder
  /** Each edge of the lock order, and where it was first seen. */
  readonly edgePlaces: { readonly edge: Edge; readonly place: Place }[] = []
  readonly #chains: Chains
  readonly #state: Int32Array
  readonly #depths: Depths
  #expanded = 0
  #cutAtDepth = 0

  constructor(
    tables: Tables,
    properties: readonly Property[],
    options: ExploreOptions,
    reduction: Reduction | undefined,
    visible: Set<number>,
    watch?: Watch,
  ) {
    this.#watch = watch
    this.tables = tables
    this.#options = options
    this.#reduction = reduction
    this.#chains = new Chains(tables, reduction)
    this.ways = new Ways(tables, this.store, this.#chains)
    this.judge = new Judge(tables, properties, visible)
    this.lockOrder = new LockOrder(tables)
    this.#depths = reduction ? new StoredDepths() : new LevelDepths()
    this.applied = properties.map(() => false)
    this.#state = tables.initial()
    tables.onNewEntry = (entry) => reduction?.meet(entry)
    this.judge.onVisible = (component) => {
      // Seen only after the start: deliveries to it may have been taken alone already.
      if (reduction && this.store.count > 0) throw new Restart({ visible: component })
    }
  }

  *run(started: number): Generator<Progress> {
    const deadline = this.#options.within?.ms === undefined ? Infinity : started + this.#options.within.ms
    this.#begin()
    let level = this.store.count
    this.frontier.push(level)
    while (this.#expanded < this.store.count && !this.stopped) {
      if (this.#expanded % slice === 0) {
        if (this.#options.signal?.aborted) this.#stop('you')
        else if (performance.now() > deadline) this.#stop('ms', this.#options.within!.ms)
        if (this.stopped) break
        yield this.progress(started)
      }
      this.#expand(this.#expanded++)
      this.#checkBounds()
      if (this.#expanded === level && this.store.count > level) {
        this.frontier.push(this.store.count - level)
        level = this.store.count
      }
    }
    this.#sightInversions()
    if (!this.stopped && this.#cutAtDepth > 0) this.#stop('depth', this.#options.within!.depth, this.#cutAtDepth)
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

  get bytesPerState(): number {
    return this.store.bytes / this.store.count + this.#depths.bytes
  }

  /** Every state fewer steps than this from the start has been expanded. Only for the full search, where a level is a step. */
  get completeTo(): number {
    return this.#expanded < this.store.count ? this.#depths.get(this.#expanded) : Infinity
  }

  #begin(): void {
    const state = this.#state
    this.judge.judge(state)
    const taken = this.#chain(state, -1, -1, 0)
    this.#keep(state, -1, 0, taken)
  }

  #expand(index: number): void {
    const { tables } = this
    const state = this.#state
    this.store.load(index, state, tables.slots)
    const depth = this.#depths.get(index)
    if (depth >= (this.#options.within?.depth ?? Infinity)) {
      if (tables.enabled(state).length > 0) this.#cutAtDepth++
      else this.#finish(state, index)
      return
    }
    let moved = false
    const changed: number[] = []
    const lanes = tables.laneOrder
    const { laneBase } = tables
    for (let at = 0; at < lanes.length; at++) {
      const number = lanes[at]!
      // Most lanes are empty most of the time.
      if (state[laneBase + number] === 0) continue
      const entry = tables.entryOf(state, number)
      if (!entry?.accepted) continue
      moved = true
      this.#reduction?.check(state, tables.lanes[number]!, entry)
      this.steps++
      changed.length = 0
      tables.apply(state, number, entry, changed)
      this.#observe(state, entry, index, number, 0, changed)
      if (entry.fatal) {
        if (depth + 1 > this.depth) this.depth = depth + 1
        undo(state, changed)
        continue
      }
      const taken = this.#chain(state, index, number, depth + 1, entry, changed)
      this.#keep(state, index, number, depth + 1 + taken, changed)
      undo(state, changed)
    }
    if (!moved) this.#finish(state, index)
  }

  /** Takes everything that may be taken alone; returns how many steps that was. */
  #chain(state: Int32Array, from: number, lane: number, depth: number, entry?: Entry, changed?: number[]): number {
    if (!this.#reduction) return 0
    let taken = 0
    const onStep = (_: number, step: Entry) => {
      taken++
      this.steps++
      this.#observe(state, step, from, lane, taken, changed)
    }
    this.#chains.follow(state, entry, onStep, Infinity, changed)
    if (depth + taken > this.depth) this.depth = depth + taken
    return taken
  }

  #keep(state: Int32Array, parent: number, lane: number, depth: number, changed?: readonly number[]): void {
    const { slots } = this.tables
    const added = changed
      ? this.store.addNear(parent, state, changed, slots, parent, lane)
      : this.store.add(state, slots, parent, lane)
    if (added < 0) return
    this.#depths.set(added, depth)
    if (depth > this.depth) this.depth = depth
    const { properties } = this.judge
    if (properties.length === 0) return
    const { holds, applies } = this.judge.judge(state)
    for (let index = 0; index < properties.length; index++) {
      if (applies[index]) this.applied[index] = true
      const property = properties[index]!
      if (property.kind === 'eventually' || holds[index] !== (property.kind === 'sometimes') || this.decided.has(index))
        continue
      this.decided.set(index, added)
      if (property.kind === 'always' && this.#options.stopAtFirst) this.#stop('first')
    }
  }

  #finish(state: Int32Array, index: number): void {
    this.#options.onFinal?.(describe(this.tables, state))
    if (!somebodyWaits(this.tables, state)) {
      for (const leak of leaksIn(this.tables, state)) this.#sight(leak, this.ways.placeOf(index), 'state')
      return
    }
    const edges = waitEdges(this.tables, state)
    this.#sight({ kind: 'deadlock', title: deadlockTitle(edges), fatal: true }, this.ways.placeOf(index), 'state')
  }

  /** What a step showed besides its next state; `after` is the state behind it. */
  #observe(after: Int32Array, entry: Entry, from: number, lane: number, prefix: number, changed?: number[]): void {
    if (entry.quiet) return
    if (this.#watch) this.#lookOut(this.#watch, after, entry, { from, lane, prefix }, changed)
    for (const finding of entry.findings) this.#sight(finding, { from, lane, prefix }, 'step')
    for (const edge of this.lockOrder.newEdges(after, entry))
      this.edgePlaces.push({ edge, place: { from, lane, prefix } })
    if (!entry.ignored) return
    const ignored = ignoredBy(this.tables, entry)
    const key = `${ignored.component} ${ignored.state} ${ignored.type}`
    if (this.ignored.has(key)) return
    this.ignored.set(key, ignored)
    if (this.#options.ignored === 'fail') this.#sight(unexpected(ignored), { from, lane, prefix }, 'step')
  }

  #sight(finding: Finding, place: Place, about: Sighting['about'], cycle?: Cycle): void {
    const key = `${finding.kind} ${finding.title}`
    if (this.sightings.has(key)) return
    this.sightings.set(key, { finding, place, about, ...(cycle && { cycle }) })
    if (this.#options.stopAtFirst) this.#stop('first')
  }

  /** Watched edges are remembered in the state itself, one bit each: a run that has seen more of them is another run. */
  #lookOut({ edges }: Watch, after: Int32Array, entry: Entry, place: Place, changed?: number[]): void {
    const { watchSlot } = this.tables
    const before = after[watchSlot]!
    let seen = before
    for (const edge of this.lockOrder.edgesOf(after, entry)) {
      const bit = edges.findIndex((each) => isSame(each, edge))
      if (bit >= 0) seen |= 1 << bit
    }
    if (seen === before) return
    changed?.push(watchSlot, before)
    after[watchSlot] = seen
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

  #stop(by: NonNullable<Search['stopped']>['by'], bound?: number, waiting = this.store.count - this.#expanded): void {
    this.stopped ??= { by, waiting, ...(bound !== undefined && { bound }) }
  }
}

function undo(state: Int32Array, changed: readonly number[]): void {
  for (let at = changed.length - 2; at >= 0; at -= 2) state[changed[at]!] = changed[at + 1]!
}

/** A state in words: each component's key, and what is left on the lanes. */
function describe(tables: Tables, state: Int32Array): string[] {
  const locals = tables.components.map((each, index) => `${each.id} ${each.key(tables.locals[index]![state[index]!])}`)
  const lanes = tables.laneOrder.flatMap((lane) => {
    const left = tables.contents[lane]!.all(state[tables.laneBase + lane]!)
    const { from, to } = tables.lanes[lane]!
    return left.map((number) => `${from} → ${to} ${tables.message(lane, number).type}`)
  })
  return [...locals, ...lanes]
}
