/**
 * States and the steps between them, as far as a search has come that decides for itself where to go on (search.ts goes breadth first, and with
 * the reduction). A node is a state and, for searches in which it matters, whose turn it was last.
 */
import type { Cells, Collapsed, Step } from '../states/cells.ts'
import { Column } from '../states/columns.ts'
import type { Gathered, Here } from '../outcome/gathered.ts'
import { HappensBefore } from '../memory/happens-before.ts'
import { Judge } from '../claims/judge.ts'
import { cyclesOf, inversion, isEdgeOf, LockOrder, wrongContexts } from '../locks/lock-order.ts'
import { RaceSites } from '../memory/race-sites.ts'
import { Patch, Store } from '../states/store.ts'
import type { Finding, Property } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import type { Hop } from '../breadth/ways.ts'

/** How a node is reached: by this lane from that one. */
interface Way {
  readonly from: number
  readonly lane: number
}

/** Whose turn it was when a lane was taken; the same for all lanes where that does not matter. */
export type TurnOf = (lane: number) => number

export class Graph {
  readonly cells: Cells
  readonly tables: Tables
  readonly judge: Judge
  readonly found: Gathered
  readonly lockOrder: LockOrder
  readonly order: HappensBefore
  readonly races: RaceSites
  steps = 0
  depth = 0
  readonly #turnOf: TurnOf
  readonly #store = new Store()
  readonly #depths = new Column()
  /** Nodes to which there is a shorter way than the one that was met first. */
  readonly #shorter = new Map<number, Way>()
  readonly #state: Collapsed
  readonly #after: Collapsed
  readonly #slots: Int32Array
  #node = 0

  constructor(cells: Cells, properties: readonly Property[], found: Gathered, turnOf: TurnOf) {
    const { tables } = cells
    this.cells = cells
    this.tables = tables
    this.judge = new Judge(tables, properties, new Set())
    this.found = found
    this.lockOrder = new LockOrder(tables)
    this.order = new HappensBefore(tables)
    this.races = new RaceSites(tables, this.order)
    this.#turnOf = turnOf
    this.#state = cells.initial()
    this.#after = cells.blank()
    this.#slots = tables.initial()
    tables.onNewEntry = undefined
    tables.merging.tellApart = (component, kept, dropped) =>
      this.judge.tellsApart(cells.asked, component, kept, dropped)
  }

  /** Node 0: the start. */
  begin(): void {
    this.#store.add(this.#state, this.cells.count)
    this.#depths.set(0, 0)
    this.#judgeNode(0, this.#state)
  }

  /** How many nodes there are. */
  get count(): number {
    return this.#store.count
  }

  get bytesPerState(): number {
    return (this.#store.bytes + this.#depths.bytes) / Math.max(1, this.count)
  }

  depthOf(node: number): number {
    return this.#depths.get(node)
  }

  /** Goes to a node; returns what can be delivered there, in the order of the lanes. What ends there is told. */
  enter(node: number): readonly Step[] {
    this.at(node)
    const steps = this.#possible(this.#state)
    if (steps.length === 0) this.found.end(this.#spread(this.#state), this.#hereAt(node))
    return steps
  }

  /** Goes to a node that was entered before. */
  at(node: number): void {
    this.#node = node
    this.#store.load(node, this.#state, this.cells.count)
  }

  /** The state of the node that it is at: the local state of each component. */
  local(component: number): number {
    return this.cells.local(this.#state, component)
  }

  /** Whose turn it was last. */
  get turn(): number {
    return this.#state[this.cells.watch]!
  }

  /** Takes a step from the node that it is at. The new node, or -(number + 1) of a known one; undefined: it ends in a crash. */
  take(step: Step): number | undefined {
    const { cells } = this
    const from = this.#node
    const depth = this.depthOf(from) + 1
    this.steps++
    if (depth > this.depth) this.depth = depth
    this.#behind(this.#state, step)
    this.#observe(step, from)
    this.#judgeStep(step, from)
    if (step.entry.fatal) return undefined
    this.#depths.reserve(this.count, depth)
    const added = this.#store.addNear(from, new Patch(this.#changes()), cells.count, step.lane)
    if (added < 0) return added
    this.#depths.set(added, depth)
    this.#judgeNode(added, this.#after)
    return added
  }

  /** Where the step that was taken last led, as `local` tells of the node before it. */
  localBehind(component: number): number {
    return this.cells.local(this.#after, component)
  }

  /** The way to a known node by this lane from the node that it is at is a shorter one. */
  shorten(node: number, lane: number): void {
    this.#shorter.set(node, { from: this.#node, lane })
    this.#depths.set(node, this.depthOf(this.#node) + 1)
  }

  /** Tells the inversions among all edges of the order of locks: each by the run to its last edge. */
  sightInversions(): void {
    for (const cycle of cyclesOf(this.lockOrder.edges)) {
      const { run } = [...this.found.lockOrder.values()].findLast(({ edge }) => isEdgeOf(cycle, edge))!
      this.found.finding(inversion(cycle), { length: run.length, lanes: () => run })
    }
  }

  sightRace(finding: Finding, run: readonly number[]): void {
    this.found.finding(finding, { length: run.length, lanes: () => run })
  }

  /** Lanes taken from the start to a node. */
  runTo(node: number): number[] {
    const lanes: number[] = []
    for (let at = node; at > 0;) {
      const { from, lane } = this.#wayTo(at)
      lanes.push(lane)
      at = from
    }
    return lanes.reverse()
  }

  // What is asked when the search is over, of the graph as a whole (data-races.ts, liveness.ts).

  get expanded(): number {
    return this.count
  }

  start(): Hop {
    return { to: 0, lanes: [], entries: [] }
  }

  /** Steps to where it has been, and crashes. */
  *hops(node: number): Generator<Hop> {
    const state = this.cells.blank()
    this.#store.load(node, state, this.cells.count)
    for (const step of this.#possible(state)) {
      this.#behind(state, step)
      const hop = { lanes: [step.lane], entries: [step.entry] }
      const known = step.entry.fatal ? undefined : this.#store.find(this.#after, this.cells.count)
      yield { to: known, ...hop }
    }
  }

  successors(node: number): { readonly next: readonly number[]; readonly crashed: boolean } {
    const hops = [...this.hops(node)]
    return { next: hops.flatMap(({ to }) => to ?? []), crashed: hops.some(({ entries }) => entries[0]!.fatal) }
  }

  between(from: number, to: number): readonly number[] {
    for (const hop of this.hops(from)) if (hop.to === to) return hop.lanes
    throw new RangeError(`state ${to} does not follow state ${from}`)
  }

  load(node: number): Int32Array {
    const state = this.cells.blank()
    this.#store.load(node, state, this.cells.count)
    return this.#spread(state).slice()
  }

  #possible(state: Collapsed): Step[] {
    const { cells } = this
    const steps: Step[] = []
    for (const cell of cells.carriers)
      for (const move of cells.moves(cell, state[cell]!)) {
        const step = cells.step(state, move)
        if (step.entry.accepted) steps.push(step)
      }
    return steps.sort((a, b) => cells.rank(a.lane) - cells.rank(b.lane))
  }

  /** Makes the state behind a step. */
  #behind(state: Collapsed, step: Step): void {
    this.#after.set(state)
    this.cells.take(this.#after, step)
    this.#after[this.cells.watch] = this.#turnOf(step.lane)
  }

  #changes(): number[] {
    const changes: number[] = []
    for (let cell = 0; cell < this.cells.count; cell++)
      if (this.#after[cell] !== this.#state[cell]) changes.push(cell, this.#after[cell]!)
    return changes
  }

  #judgeNode(node: number, state: Collapsed): void {
    if (this.judge.properties.length === 0) return
    const judgement = this.judge.judgeBy(
      (component) => this.cells.local(state, component),
      () => this.#spread(state),
    )
    this.found.state(judgement, this.#hereAt(node))
  }

  #judgeStep({ entry, lane }: Step, from: number): void {
    const judged = this.judge.judgeStepBy(
      (component) => this.cells.local(this.#state, component),
      () => this.#spread(this.#state),
      entry,
    )
    if (judged) this.found.step(judged, this.#stepFrom(from, lane))
  }

  /** Where the step of a lane leads to from a node. */
  #stepFrom(from: number, lane: number): Here {
    return { length: this.depthOf(from) + 1, lanes: () => [...this.runTo(from), lane] }
  }

  /** What a step shows besides its next state. */
  #observe({ entry, lane }: Step, from: number): void {
    if (entry.quiet && !entry.accesses) return
    const slots = this.#spread(this.#after)
    if (entry.accesses) this.races.meet(slots, entry)
    if (entry.quiet) return
    this.#tell(entry, slots, this.#stepFrom(from, lane))
  }

  #tell(entry: Entry, slots: Int32Array, here: Here): void {
    const { found } = this
    for (const finding of entry.findings) found.finding(finding, here)
    const fresh = this.lockOrder.newEdges(slots, entry)
    for (const edge of fresh) found.edge(edge, here)
    for (const finding of wrongContexts(this.lockOrder, fresh, entry)) found.finding(finding, here)
    if (entry.ignored) found.ignore(entry, here)
  }

  #hereAt(node: number): Here {
    return { length: this.depthOf(node), lanes: () => this.runTo(node) }
  }

  #wayTo(node: number): Way {
    return this.#shorter.get(node) ?? { from: this.#store.parent(node), lane: this.#store.lane(node) }
  }

  #spread(state: Collapsed): Int32Array {
    this.cells.spread(state, this.#slots)
    return this.#slots
  }
}
