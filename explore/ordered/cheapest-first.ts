/**
 * Cheapest first: where every step has a price, runs that cost nothing come first, then those that cost 1, and so on. When all that cost k
 * were looked at, what holds in them holds up to k.
 */
import type { Bounds } from '../outcome/bounds.ts'
import { Buckets } from './buckets.ts'
import type { Step } from '../states/cells.ts'
import type { Arrange } from './depth-first.ts'
import type { Graph } from './graph.ts'

/** What the steps from a state cost, in the order of these: by whose turn it was last. */
export type Prices = (turn: number, steps: readonly Step[]) => readonly number[]

/** Steps of this price from this node are still to be taken. */
interface Waiting {
  readonly node: number
  readonly price: number
}

export class CheapestFirst {
  /** All runs up to this price were looked at; -1: not even those that cost nothing. */
  complete = -1
  readonly #graph: Graph
  readonly #bounds: Bounds
  readonly #arrange: Arrange
  readonly #prices: Prices
  readonly #most: number
  readonly #queue = new Buckets<Waiting>()

  constructor(graph: Graph, bounds: Bounds, arrange: Arrange, prices: Prices, most: number) {
    this.#graph = graph
    this.#bounds = bounds
    this.#arrange = arrange
    this.#prices = prices
    this.#most = most
  }

  get waiting(): number {
    return this.#queue.count
  }

  /** Yields when it is time to look. */
  *run(): Generator<void> {
    const bounds = this.#bounds
    this.#graph.found.price = 0
    bounds.orStop(
      () => 0,
      () => this.#graph.begin(),
    )
    this.#queue.push({ node: 0, price: 0 }, 0)
    for (let price = this.#queue.price; price !== undefined; price = this.#queue.price) {
      this.complete = price - 1
      if (price > this.#most) return
      this.#graph.found.price = price
      if (bounds.isTimeToLook(this.waiting)) yield
      if (bounds.isOver) return
      const next = this.#queue.pop()!
      const total = price
      bounds.orStop(
        () => this.waiting,
        () => this.#goOn(next, total),
      )
      if (bounds.isOver) return
      bounds.look(this.#graph.count, this.waiting)
    }
    this.complete = Infinity
  }

  #goOn({ node, price }: Waiting, total: number): void {
    const graph = this.#graph
    const steps = graph.enter(node)
    const prices = this.#prices(graph.turn, steps)
    // When they are looked at first, those that cost more are put off.
    if (price === 0)
      for (const dearer of new Set(prices)) if (dearer > 0) this.#queue.push({ node, price: dearer }, total + dearer)
    for (const step of this.#arrange(steps.filter((_, at) => prices[at] === price))) {
      const to = graph.take(step)
      if (to !== undefined && to >= 0) this.#queue.push({ node: to, price: 0 }, total)
    }
  }
}
