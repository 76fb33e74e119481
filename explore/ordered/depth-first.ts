/**
 * Depth first: one run is followed to its end, and then from its last step that could have been another one. What was reached once is not
 * followed again, unless there is a bound for the steps of a run and it is reached by fewer of them. Iterative deepening does it again and again
 * with a bound that is raised by one step, so that what it finds it finds by a shortest run.
 */
import type { Bounds } from '../outcome/bounds.ts'
import type { Step } from '../states/cells.ts'
import type { Graph } from './graph.ts'

/** A node on the way, and what is still to be tried there. */
interface Frame {
  readonly node: number
  readonly steps: readonly Step[]
  next: number
}

/** The order in which the steps from a state are tried. */
export type Arrange = (steps: readonly Step[]) => readonly Step[]

export class DepthFirst {
  readonly #graph: Graph
  readonly #bounds: Bounds
  readonly #deepest: number
  readonly #arrange: Arrange
  readonly #way: Frame[] = []
  /** Nodes from which the bound for the steps of a run has kept it from going on. */
  readonly #cut = new Set<number>()

  constructor(graph: Graph, bounds: Bounds, deepest: number, arrange: Arrange) {
    this.#graph = graph
    this.#bounds = bounds
    this.#deepest = deepest
    this.#arrange = arrange
  }

  /** From so many nodes, steps were left out. */
  get cut(): number {
    return this.#cut.size
  }

  /** Nodes on the way that are not done with. */
  get waiting(): number {
    return this.#way.reduce((sum, { next, steps }) => sum + Number(next < steps.length), 0)
  }

  /** Yields when it is time to look. */
  *run(): Generator<void> {
    const bounds = this.#bounds
    bounds.orStop(
      () => this.waiting,
      () => this.#begin(),
    )
    for (let top = this.#way.at(-1); top && !bounds.isOver; top = this.#way.at(-1)) {
      if (bounds.isTimeToLook(this.#way.length)) yield
      if (bounds.isOver) return
      const frame = top
      bounds.orStop(
        () => this.waiting,
        () => this.#goOn(frame),
      )
    }
  }

  #begin(): void {
    this.#graph.begin()
    this.#enter(0)
  }

  #goOn(frame: Frame): void {
    const graph = this.#graph
    const step = frame.steps[frame.next++]
    if (step === undefined) {
      this.#way.pop()
      return
    }
    graph.at(frame.node)
    const to = graph.take(step)
    if (to === undefined) return
    if (to < 0 && !this.#isNearer(-to - 1, frame.node, step.lane)) return
    this.#enter(to < 0 ? -to - 1 : to)
    this.#bounds.look(graph.count, this.waiting)
  }

  /** Only where there is a bound does it matter that a node is nearer than it was. */
  #isNearer(known: number, from: number, lane: number): boolean {
    const graph = this.#graph
    if (this.#deepest === Infinity || graph.depthOf(from) + 1 >= graph.depthOf(known)) return false
    graph.shorten(known, lane)
    return true
  }

  #enter(node: number): void {
    const steps = this.#graph.enter(node)
    if (steps.length === 0) return
    if (this.#graph.depthOf(node) >= this.#deepest) {
      this.#cut.add(node)
      return
    }
    this.#cut.delete(node)
    this.#way.push({ node, steps: this.#arrange(steps), next: 0 })
  }
}
