/**
 * A step with the chain behind it, remembered. What such a leap does is told by the few cells that it reads: they are a decision tree, whose leaves
 * say what becomes of which cells. A leap is taken step by step the first time, with a look at each step, and only looked up from then on.
 *
 * In a stored state nothing may be taken alone. So at the end of a leap, only what has changed can let anything be: the lanes of cells that it
 * changed are looked at when it is remembered (they are told by what was read), and all others when it is taken, if they look at what it changed.
 */
import type { Cells, Collapsed, Step } from '../states/cells.ts'
import { longestChain, type Chains } from './chains.ts'
import type { Hands, Holdings } from '../locks/hands.ts'
import { LeapTrees, type Question } from './leap-trees.ts'
import type { Asked, Leapt, Tell } from '../parallel/lessons.ts'
import { Patch } from '../states/store.ts'

export interface Leap {
  /** The cells that change, and to what. */
  readonly patch: Patch
  /** How many steps the chain has. */
  readonly taken: number
  /** Cells that change, as bits. */
  readonly touches: number
  /** Of the lanes of cells that change, none may be taken alone. */
  readonly isSettled: boolean
}

/** Called for each step with the state behind it, which it may change where states are watched, and the number of steps of the chain so far. */
export type Observe = (step: Step, after: Collapsed, taken: number) => void

/** Takes a leap that is not known yet; undefined: it has to be taken step by step. */
export interface Recording {
  record(
    before: Collapsed,
    first: Step,
    trees: LeapTrees,
    answer: (question: Question) => number,
    observe: Observe,
  ): Leap | undefined
}

export type LeapingCells = Pick<Cells, 'blank' | 'moves' | 'cellOf'>

export class Leaps {
  readonly #cells: LeapingCells
  readonly #chains: Pick<Chains, 'guardOf'>
  readonly #holdings: Pick<Holdings, 'look' | 'held'>
  readonly #recorder: Recording
  readonly #trees = new LeapTrees()
  /** By cell, then by value: what its lanes look at, as bits. */
  readonly #interests: number[][] = []
  #state: Collapsed
  #isLookedAt = false

  constructor(
    cells: LeapingCells,
    chains: Pick<Chains, 'guardOf'>,
    holdings: Pick<Holdings, 'look' | 'held'>,
    recorder: Recording,
  ) {
    this.#cells = cells
    this.#chains = chains
    this.#holdings = holdings
    this.#recorder = recorder
    this.#state = cells.blank()
  }

  forget(): void {
    this.#trees.forget()
  }

  /** A leap that somebody else has taken. */
  learn(step: number, path: readonly Asked[], { changes, ...leap }: Leapt): void {
    this.#trees.begin(step)
    for (const [question, answer] of path) this.#trees.ask(question, answer)
    this.#trees.end({ patch: new Patch(changes), ...leap })
  }

  /** Looks at a state: leaps are from it. */
  look(state: Collapsed): void {
    this.#state = state
    this.#isLookedAt = false
  }

  /** Step `first` and its chain from the state that was looked at last; undefined: it has to be taken step by step, this time or always. */
  of(first: Step, observe: Observe): Leap | undefined {
    const known = this.#trees.find(first.number, this.#state, this.#held)
    return known ?? this.#recorder.record(this.#state, first, this.#trees, this.#answer, observe)
  }

  /** The cells that the lanes of a cell look at: of those that hear them, and of what guards these. */
  interest(cell: number, value: number): number {
    const known = (this.#interests[cell] ??= [])
    return (known[value] ??= this.#interestOf(cell, value))
  }

  readonly #answer = (question: Question): number =>
    typeof question === 'number' ? this.#state[question]! : this.#held(question)

  readonly #held = (hands: Hands): number => {
    if (!this.#isLookedAt) this.#holdings.look(this.#state)
    this.#isLookedAt = true
    return this.#holdings.held(hands)
  }

  #interestOf(cell: number, value: number): number {
    let bits = 0
    for (const { receiver, to } of this.#cells.moves(cell, value)) {
      const guard = this.#chains.guardOf(receiver)
      bits |= bitOf(to) | (guard < 0 ? 0 : bitOf(this.#cells.cellOf(guard)))
    }
    return bits
  }
}

/** Takes leaps step by step, and writes down in their trees what they depend on. */
export class Recorder implements Recording {
  readonly #cells: Cells
  readonly #chains: Chains
  readonly #holdings: Holdings
  readonly #isWatched: boolean
  readonly #state: Collapsed
  /** By cell: the last leap that has read it, and that has written it. */
  readonly #read: Int32Array
  readonly #written: Int32Array
  #touched: number[] = []
  #asked: Hands[] = []
  #leap = 0
  #trees: LeapTrees | undefined
  #path: Asked[] = []
  #answer: (question: Question) => number = () => 0
  /** Called with each leap. */
  onLesson: Tell | undefined

  /** `isWatched`: what was seen along the way is part of the state. */
  constructor(cells: Cells, chains: Chains, holdings: Holdings, isWatched: boolean) {
    this.#cells = cells
    this.#chains = chains
    this.#holdings = holdings
    this.#isWatched = isWatched
    this.#state = cells.blank()
    this.#read = cells.blank()
    this.#written = cells.blank()
  }

  record(
    before: Collapsed,
    first: Step,
    trees: LeapTrees,
    answer: (question: Question) => number,
    observe: Observe,
  ): Leap | undefined {
    const state = this.#state
    state.set(before)
    this.#leap++
    this.#touched = []
    this.#asked = []
    this.#trees = trees
    trees.begin(first.number)
    this.#path = []
    this.#answer = answer
    // Which step it is tells what these two are.
    this.#read[first.from] = this.#read[first.to] = this.#leap
    const { order } = this.#cells
    if (order >= 0) this.#lookAt(order)
    let taken = 0
    for (let step: Step | undefined = first; step; step = this.#after(step)) {
      if (step !== first && ++taken >= longestChain) return undefined
      this.#take(step)
      if (step.entry.asks || step.entry.accesses) this.#lookAtHands(this.#holdings.of(step.entry))
      observe(step, state, taken)
    }
    const isSettled = this.#settled(before)
    if (isSettled === undefined) return undefined
    const changes: number[] = []
    let touches = 0
    for (const cell of this.#touched) {
      if (state[cell] === before[cell]) continue
      changes.push(cell, state[cell]!)
      touches |= bitOf(cell)
    }
    this.onLesson?.({ of: 'leap', step: first.number, path: this.#path, changes, taken, touches, isSettled })
    const leap = { patch: new Patch(changes), taken, touches, isSettled }
    trees.end(leap)
    return leap
  }

  #take(step: Step): void {
    const { from, to, pushes } = step
    this.#write(from)
    this.#write(to)
    for (let at = 0; at < pushes.length; at += 3) {
      this.#lookAt(pushes[at]!)
      this.#write(pushes[at]!)
    }
    if (this.#cells.order >= 0) this.#write(this.#cells.order)
    this.#cells.take(this.#state, step)
  }

  /** What is held then is told by what was held before, and by what was read. */
  #lookAtHands(hands: Hands): void {
    if (this.#isWatched) {
      this.#lookAt(this.#cells.watch)
      this.#write(this.#cells.watch)
    }
    if (this.#asked.includes(hands)) return
    this.#asked.push(hands)
    this.#ask(hands)
  }

  #after({ entry: { lanes } }: Step): Step | undefined {
    if (this.#chains.areEmpty) return undefined
    for (let at = 0; at < lanes.length; at++) {
      this.#lookAtLane(lanes[at]!)
      const next = this.#chains.aloneOn(this.#state, lanes[at]!)
      if (next) return next
    }
    return undefined
  }

  /** Undefined: some of what is asked there is not to be asked yet. */
  #settled(before: Collapsed): boolean | undefined {
    if (this.#chains.areEmpty) return true
    const { order } = this.#cells
    // What the order has held back may be taken alone now, wherever it is.
    if (order >= 0 && this.#state[order] !== before[order]) return false
    this.#chains.find(this.#state)
    const { carriers } = this.#cells
    for (let at = 0; at < carriers.length; at++) {
      const cell = carriers[at]!
      if (this.#written[cell] !== this.#leap) continue
      for (const move of this.#cells.moves(cell, this.#state[cell]!)) {
        this.#lookAtLane(move.lane)
        const isAlone = this.#chains.knownAlone(this.#state, move)
        if (isAlone !== false) return isAlone === undefined ? undefined : false
      }
    }
    return true
  }

  /** At all that tells whether the head of a lane may be taken alone. */
  #lookAtLane(lane: number): void {
    const { receiver } = this.#cells.tables.lanes[lane]!
    const guard = this.#chains.guardOf(receiver)
    this.#lookAt(this.#cells.cellOfLane(lane))
    this.#lookAt(this.#cells.cellOf(receiver))
    if (guard >= 0) this.#lookAt(this.#cells.cellOf(guard))
  }

  #lookAt(cell: number): void {
    if (this.#read[cell] === this.#leap) return
    this.#read[cell] = this.#leap
    this.#ask(cell)
  }

  #ask(question: Question): void {
    const answer = this.#answer(question)
    this.#path.push([question, answer])
    this.#trees!.ask(question, answer)
  }

  #write(cell: number): void {
    if (this.#written[cell] === this.#leap) return
    this.#written[cell] = this.#leap
    this.#touched.push(cell)
  }
}

/** More cells than bits share them: then a cell is looked at once too often. */
const bitOf = (cell: number): number => 1 << (cell % 31)
