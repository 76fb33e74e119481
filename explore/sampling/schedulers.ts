/**
 * How samples choose among what can be delivered.
 *
 *   - random: uniformly.
 *   - pct (Burckhardt et al., ASPLOS 2010): every thread has a random priority, the highest runs, and it is lowered at a few random steps.
 *   - pos, partial-order sampling (Yuan, Yang, Gu, CAV 2018): every delivery has a random priority, the highest is taken, and those that race
 *     with it, being for the same receiver, draw another. So each of the two orders of two such deliveries is likely, however long the run.
 *   - coverage: what counts as new is two components in states in which they were never seen together. A run that met something new is a seed up
 *     to there: others follow it, and go on at random; those seeds come first that were followed least.
 */
import type { Here } from '../outcome/gathered.ts'
import type { Sampling } from './sampling.ts'
import { mostLanes, type Entry, type Tables } from '../states/tables.ts'
import type { Turns } from './turns.ts'

type Random = () => number

/** Chooses for one run after the other. */
export interface Scheduler {
  /** A run begins; it has a number. */
  begin(random: Random, run: number): void
  /** An index into the lanes that can be taken. */
  pick(enabled: readonly number[], step: number): number
  /** `enabled`: what could be taken before it; `state` is the one behind it, undefined of a step that some run of this piece has taken before. */
  took?(lane: number, entry: Entry, enabled: readonly number[], state?: Int32Array): void
  /** The run is over. */
  ended?(run: Here): void
}

/** What is learned from runs is forgotten after so many: a sample can be taken in pieces of this size, each by itself. */
export const piece = 2000

export function schedulerOf({ kind, preemptions }: Sampling, tables: Tables, turns: Turns): Scheduler {
  switch (kind) {
    case 'random':
      return new Uniform()
    case 'pct':
      return new Pct(preemptions, turns)
    case 'pos':
      return new Pos(tables)
    case 'coverage':
      return new Coverage(tables)
  }
}

const below = (random: Random, count: number): number => Math.floor(random() * count)

/** Before the first run. */
const nobody: Random = () => 0

class Uniform implements Scheduler {
  #random = nobody

  begin(random: Random): void {
    this.#random = random
  }

  pick({ length }: readonly number[]): number {
    return below(this.#random, length)
  }
}

/** Priorities by number, each drawn when it is first asked for. As numbers in a row, since as objects they were half of a run's time. */
class Priorities {
  readonly #drawn = new Float64Array(mostLanes + 1).fill(Number.NaN)
  #random = nobody

  /** None of the first so many are drawn: there were no more. */
  begin(random: Random, many: number): void {
    this.#random = random
    this.#drawn.fill(Number.NaN, 0, many)
  }

  of(number: number): number {
    const known = this.#drawn[number]!
    return Number.isNaN(known) ? (this.#drawn[number] = this.#random()) : known
  }

  set(number: number, priority: number): void {
    this.#drawn[number] = priority
  }

  drawAgain(number: number): void {
    this.#drawn[number] = Number.NaN
  }
}

/** PCT guesses that the first run has so many steps. */
const guess = 100

class Pct implements Scheduler {
  readonly #preemptions: number
  readonly #turns: Turns
  /** By turn. */
  readonly #priorities = new Priorities()
  /** Before which steps priorities fall. */
  #falls: readonly number[] = []
  #lowest = 0
  #lastLength = guess

  constructor(preemptions: number, turns: Turns) {
    this.#preemptions = preemptions
    this.#turns = turns
  }

  begin(random: Random, run: number): void {
    if (run % piece === 0) this.#lastLength = guess
    this.#priorities.begin(random, this.#turns.count)
    this.#falls = Array.from({ length: this.#preemptions }, () => below(random, this.#lastLength))
    this.#lowest = 0
  }

  pick(enabled: readonly number[], step: number): number {
    if (this.#falls.includes(step))
      this.#priorities.set(this.#turns.of(enabled[this.#highest(enabled)]!), --this.#lowest)
    return this.#highest(enabled)
  }

  ended({ length }: Here): void {
    this.#lastLength = length
  }

  /** The first of those with the highest priority. */
  #highest(enabled: readonly number[]): number {
    let best = 0
    for (let at = 1; at < enabled.length; at++)
      if (this.#priority(enabled[at]!) > this.#priority(enabled[best]!)) best = at
    return best
  }

  #priority(lane: number): number {
    return this.#priorities.of(this.#turns.of(lane))
  }
}

class Pos implements Scheduler {
  readonly #tables: Tables
  /** By lane. */
  readonly #priorities = new Priorities()

  constructor(tables: Tables) {
    this.#tables = tables
  }

  begin(random: Random): void {
    this.#priorities.begin(random, this.#tables.lanes.length)
  }

  pick(enabled: readonly number[]): number {
    let [best, most] = [0, -1]
    for (let at = 0; at < enabled.length; at++) {
      const own = this.#priorities.of(enabled[at]!)
      if (own > most) [best, most] = [at, own]
    }
    return best
  }

  took(lane: number, _: Entry, enabled: readonly number[]): void {
    const { lanes } = this.#tables
    const { receiver } = lanes[lane]!
    for (const other of enabled) if (lanes[other]!.receiver === receiver) this.#priorities.drawAgain(other)
  }
}

/** One run in so many begins from nothing. */
const afresh = 4
/** Of so many seeds, drawn by chance, the one that was followed least is followed. */
const drawn = 3

interface Seed {
  readonly run: readonly number[]
  followed: number
}

class Coverage implements Scheduler {
  readonly #tables: Tables
  /** Pairs of components in states that were seen together. */
  readonly #together = new Set<string>()
  readonly #seeds: Seed[] = []
  #random = nobody
  /** What is followed. */
  #seed: Seed | undefined
  #steps = 0
  /** After so many steps there was something new. */
  #newest = 0

  constructor(tables: Tables) {
    this.#tables = tables
  }

  begin(random: Random, run: number): void {
    if (run % piece === 0) {
      this.#together.clear()
      this.#seeds.length = 0
    }
    this.#random = random
    this.#seed = this.#least()
    if (this.#seed) this.#seed.followed++
    this.#steps = 0
    this.#newest = 0
  }

  pick(enabled: readonly number[], step: number): number {
    const seed = this.#seed
    const next = seed && step < seed.run.length ? enabled.indexOf(seed.run[step]!) : -1
    return next >= 0 ? next : below(this.#random, enabled.length)
  }

  took(_: number, { component }: Entry, __: readonly number[], state?: Int32Array): void {
    this.#steps++
    if (state && this.#isNew(state, component)) this.#newest = this.#steps
  }

  ended(run: Here): void {
    if (this.#newest > 0) this.#seeds.push({ run: run.lanes().slice(0, this.#newest), followed: 0 })
  }

  #least(): Seed | undefined {
    const seeds = this.#seeds
    if (seeds.length === 0 || below(this.#random, afresh) === 0) return undefined
    const some = Array.from({ length: drawn }, () => seeds[below(this.#random, seeds.length)]!)
    return some.reduce((one, other) => (other.followed < one.followed ? other : one))
  }

  #isNew(state: Int32Array, component: number): boolean {
    const together = this.#together
    const before = together.size
    for (let other = 0; other < this.#tables.components.length; other++) {
      const [one, two] = component < other ? [component, other] : [other, component]
      together.add(`${one} ${state[one]} ${two} ${state[two]}`)
    }
    return together.size > before
  }
}
