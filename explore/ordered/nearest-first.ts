/** Nearest first: of the states that were reached, the one that is nearest to a goal is gone on from, until that is reached. */
import type { Bounds } from '../outcome/bounds.ts'
import { Buckets } from './buckets.ts'
import type { Arrange } from './depth-first.ts'
import type { Graph } from './graph.ts'

export class NearestFirst {
  readonly #graph: Graph
  readonly #bounds: Bounds
  readonly #arrange: Arrange
  readonly #distance: () => number
  readonly #isReached: () => boolean
  readonly #queue = new Buckets<number>()

  /** `distance`: of the state that a step of the graph has just led to. */
  constructor(graph: Graph, bounds: Bounds, arrange: Arrange, distance: () => number, isReached: () => boolean) {
    this.#graph = graph
    this.#bounds = bounds
    this.#arrange = arrange
    this.#distance = distance
    this.#isReached = isReached
  }

  get waiting(): number {
    return this.#queue.count
  }

  /** Yields when it is time to look. */
  *run(): Generator<void> {
    const bounds = this.#bounds
    const waiting = () => this.waiting
    bounds.orStop(waiting, () => this.#graph.begin())
    this.#queue.push(0, 0)
    while (this.waiting > 0 && !bounds.isOver) {
      if (this.#isReached()) bounds.stop('goal', this.waiting)
      else if (bounds.isTimeToLook(this.waiting)) yield
      if (bounds.isOver) return
      bounds.orStop(waiting, () => this.#goOn(this.#queue.pop()!))
      bounds.look(this.#graph.count, this.waiting)
    }
  }

  #goOn(node: number): void {
    const graph = this.#graph
    for (const step of this.#arrange(graph.enter(node))) {
      const to = graph.take(step)
      if (to !== undefined && to >= 0) this.#queue.push(to, this.#distance())
    }
  }
}
