/** Goes on from one state of a search: takes a step, and whatever may be taken alone behind it. */
import type { Cells, Collapsed, Move, Step } from '../states/cells.ts'
import { longestChain, type Chains } from './chains.ts'
import type { Leap, Leaps, Observe } from './leaps.ts'
import { Patch } from '../states/store.ts'

/** Where it led to: what has changed, and how many steps the chain was. */
export interface Walked {
  readonly patch: Patch
  readonly taken: number
}

type WalkedCells = Pick<Cells, 'blank' | 'carriers' | 'moves' | 'rank' | 'take' | 'count'>
type WalkedChains = Pick<Chains, 'areEmpty' | 'knownAlone' | 'find' | 'follow'>
type WalkedLeaps = Pick<Leaps, 'look' | 'of' | 'interest'>

export class Walker {
  /** The state that it goes on from; and one on the way, or at the end. */
  readonly state: Collapsed
  readonly after: Collapsed
  /** What can be delivered in it, in the order in which it is: the first `many` of these. */
  readonly moves: Move[] = []
  many = 0
  readonly #cells: WalkedCells
  readonly #chains: WalkedChains
  readonly #leaps: WalkedLeaps
  /** Cells that something can be delivered from, and what their lanes look at: as many. */
  readonly #from: number[] = []
  readonly #interests: number[] = []
  #carriers = 0
  /** In no stored state anything may be taken alone. */
  areSettled = true

  constructor(cells: WalkedCells, chains: WalkedChains, leaps: WalkedLeaps) {
    this.#cells = cells
    this.#chains = chains
    this.#leaps = leaps
    this.state = cells.blank()
    this.after = cells.blank()
  }

  /** The state is another: looks what can be delivered in it. */
  look(): void {
    const cells = this.#cells
    const { state, moves } = this
    const { carriers } = cells
    this.#leaps.look(state)
    this.many = 0
    this.#carriers = 0
    for (let at = 0; at < carriers.length; at++) {
      const cell = carriers[at]!
      const heads = cells.moves(cell, state[cell]!)
      if (heads.length === 0) continue
      this.#from[this.#carriers] = cell
      this.#interests[this.#carriers++] = this.#leaps.interest(cell, state[cell]!)
      for (let each = 0; each < heads.length; each++) {
        const move = heads[each]!
        const rank = cells.rank(move.lane)
        let place = this.many++
        for (; place > 0 && cells.rank(moves[place - 1]!.lane) > rank; place--) moves[place] = moves[place - 1]!
        moves[place] = move
      }
    }
  }

  /** Takes a step alone. */
  take(step: Step): Collapsed {
    this.#goBack()
    this.#cells.take(this.after, step)
    return this.after
  }

  /** Takes a step, and `most` more at most. Only what is new is observed. */
  walk(step: Step, most: number, observe: Observe): Walked {
    const leap = this.#leaps.of(step, observe)
    const limit = Math.min(most, longestChain)
    if (leap && leap.taken <= limit && this.#isSettled(leap, step)) return leap
    const taken = (leap && this.#leapOn(leap, limit, observe)) ?? this.follow(step, most, observe)
    this.#leaps.look(this.state)
    return { patch: new Patch(this.#changes()), taken }
  }

  /** Step by step; without a first step, only the chain. Returns how many steps that was. */
  follow(first: Step | undefined, most: number, observe: Observe): number {
    const { after } = this
    this.#goBack()
    if (first) {
      this.#cells.take(after, first)
      observe(first, after, 0)
    }
    let taken = 0
    this.#chains.follow(after, first, (step) => observe(step, after, ++taken), most)
    if (taken === longestChain) this.areSettled = false
    return taken
  }

  /** Changes `after` to the state behind a patch. */
  show({ changes }: Patch): Collapsed {
    this.#goBack()
    change(this.after, changes)
    return this.after
  }

  /** Cells that there are: of the room for those that there may be most is never used. */
  #goBack(): void {
    const { state, after } = this
    for (let cell = 0; cell < this.#cells.count; cell++) after[cell] = state[cell]!
  }

  /** Behind this leap nothing may be taken alone. */
  #isSettled({ patch, touches, isSettled }: Leap, { from }: Step): boolean {
    if (this.#chains.areEmpty) return true
    if (!isSettled || !this.areSettled) return false
    let isShown = false
    for (let at = 0; at < this.#carriers; at++) {
      const cell = this.#from[at]!
      if ((this.#interests[at]! & touches) === 0 || cell === from || isAmong(patch.changes, cell)) continue
      if (!isShown) this.show(patch)
      isShown = true
      for (const move of this.#cells.moves(cell, this.after[cell]!))
        if (this.#chains.knownAlone(this.after, move) !== false) return false
    }
    return true
  }

  /** Leap after leap, from where the first ends; returns how many steps that was, or undefined if it was more than `most`. */
  #leapOn(first: Leap, most: number, observe: Observe): number | undefined {
    const after = this.show(first.patch)
    let { taken } = first
    while (taken <= most) {
      const next = this.#chains.find(after)
      if (!next) return taken
      const before = taken + 1
      this.#leaps.look(after)
      const leap = this.#leaps.of(next, (step, then, more) => observe(step, then, before + more))
      if (!leap) return undefined
      change(after, leap.patch.changes)
      taken = before + leap.taken
    }
    return undefined
  }

  /** What is different in `after`. */
  #changes(): number[] {
    const changes: number[] = []
    for (let cell = 0; cell < this.#cells.count; cell++)
      if (this.after[cell] !== this.state[cell]) changes.push(cell, this.after[cell]!)
    return changes
  }
}

function change(state: Collapsed, changes: readonly number[]): void {
  for (let at = 0; at < changes.length; at += 2) state[changes[at]!] = changes[at + 1]!
}

function isAmong(changes: readonly number[], cell: number): boolean {
  for (let at = 0; at < changes.length; at += 2) if (changes[at] === cell) return true
  return false
}
