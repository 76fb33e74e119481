/**
 * Looks into states before it is their turn, with nothing but what others have learned: which states lie behind them, and whether these were
 * stored. Where something else would have to be known, a state is left open. So it does not matter who has looked, or when, or whether anybody has.
 */
import { Chains } from '../breadth/chains.ts'
import { Layout } from '../states/layout.ts'
import { Leaps } from '../breadth/leaps.ts'
import { Store, type Shown } from '../states/store.ts'
import { Unknown, unknown } from '../states/unknown.ts'
import { Walker } from '../breadth/walker.ts'
import { Board } from './board.ts'
import { KnownCells } from './known-cells.ts'
import { KnownHoldings } from '../locks/hands.ts'
import type { Lesson } from './lessons.ts'
import type { Hired, Told, ToldStates } from './messages.ts'
import { Results } from './results.ts'

/** Whoever writes what all of them read keeps them waiting. */
const betweenBeats = 16

const notAsked = (): never => {
  throw unknown
}
const notSeen = (): void => {}

export class Ahead {
  readonly board: Board
  readonly #cells: KnownCells
  readonly #holdings: KnownHoldings
  readonly #chains: Chains
  readonly #leaps: Leaps
  readonly #walker: Walker
  readonly #store = new Store()
  #shown: Shown = new Store().shown
  #epoch = -1
  readonly #results: Results

  constructor({ board, shape, guards, locks, isReduced }: Hired) {
    this.board = new Board(board)
    this.#results = new Results(board.chunk)
    this.#cells = new KnownCells(shape)
    this.#holdings = new KnownHoldings(locks, (state, component) => this.#cells.local(state, component))
    this.#chains = new Chains(this.#cells, isReduced ? { alone: notAsked, check: notAsked } : undefined, guards)
    this.#leaps = new Leaps(this.#cells, this.#chains, this.#holdings, { record: notAsked })
    this.#walker = new Walker(this.#cells, this.#chains, this.#leaps)
  }

  hear({ epoch, shape, lessons, states }: Told): void {
    this.#epoch = epoch
    if (shape) this.#cells.become(shape)
    for (const lesson of lessons) this.#learn(lesson)
    if (states) this.#look(states)
  }

  /** Looks into the states of a chunk that was taken. */
  lookInto(chunk: number): void {
    const many = this.board.chunk
    const results = this.#results
    results.into(this.board.outboxOf(chunk), this.#epoch)
    for (let state = chunk * many; state < (chunk + 1) * many; state++) {
      results.begin()
      try {
        this.#expand(state, results)
      } catch (cause) {
        if (!(cause instanceof Unknown)) throw cause
        results.leaveOpen()
      }
      if (state % betweenBeats === 0) this.board.beat()
    }
    this.board.finish(chunk)
  }

  #expand(index: number, results: Results): void {
    const walker = this.#walker
    const { state, moves } = walker
    this.#store.load(index, state, this.#cells.count)
    walker.look()
    let [steps, deliveries, longest] = [0, 0, 0]
    for (let at = 0; at < walker.many; at++) {
      const step = this.#cells.step(state, moves[at]!)
      this.#chains.check(state, step)
      const { accepted, fatal } = step.entry
      if (!accepted) continue
      if (fatal) throw unknown
      const { patch, taken } = walker.walk(step, Infinity, notSeen)
      const words = this.#store.seek(index, patch)
      if (words) results.add(deliveries, step.lane, taken, this.#store.key, words)
      deliveries++
      steps += 1 + taken
      if (taken > longest) longest = taken
    }
    // Where nobody goes on there is more to be told.
    if (deliveries === 0) throw unknown
    results.end(steps, deliveries, longest)
  }

  #look({ epoch, layout, values, table, first, packed }: ToldStates): void {
    const before = this.#shown
    this.#shown = {
      epoch,
      layout: layout ? Layout.from(layout) : before.layout,
      values: values ?? before.values,
      table: table ?? before.table,
      packed: [...before.packed.slice(0, first), ...packed],
    }
    this.#store.lookAt(this.#shown)
  }

  #learn(lesson: Lesson): void {
    switch (lesson.of) {
      case 'values':
        return this.#cells.learnValues(lesson.cell, lesson.values)
      case 'step':
        return this.#cells.learnStep(lesson.value, lesson.heard, lesson.step)
      case 'alone':
        return this.#chains.learnAlone(lesson.step, lesson.guard, lesson.isAlone)
      case 'checked':
        return this.#chains.learnChecked(lesson.step, lesson.guard)
      case 'leap':
        return this.#leaps.learn(lesson.step, lesson.path, lesson)
      case 'held':
        return void this.#holdings.learnHeld(lesson.lock, lesson.local, lesson.held)
      case 'more':
        return void this.#holdings.learnMore(lesson.held, lesson.lock, lesson.is)
      case 'several':
        return void this.#holdings.learnSeveral(lesson.held, lesson.is)
      case 'nothing':
        this.#chains.forget()
        return this.#leaps.forget()
    }
  }
}
