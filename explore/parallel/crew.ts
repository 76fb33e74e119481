/**
 * A search that others help with. One thread keeps the order: it stores every state, asks every component, and sees every step for the first time,
 * each in its turn, just as if it were alone. The others look ahead (ahead.ts). What they come to for a state is used when it is its turn;
 * what they leave open is looked into then. So the search is the same, whoever helps.
 */
import type { Cells, CellsShape } from '../states/cells.ts'
import { guardsIn, type Chains } from '../breadth/chains.ts'
import type { Holdings } from '../locks/hands.ts'
import type { Layout } from '../states/layout.ts'
import type { Recorder } from '../breadth/leaps.ts'
import type { Store } from '../states/store.ts'
import { Board, boardFor } from './board.ts'
import type { Lesson } from './lessons.ts'
import type { ToldStates } from './messages.ts'
import { Found } from './results.ts'
import { Threads, type Team } from './team.ts'

/** What the search has, that others are told of. */
export interface Helped {
  readonly cells: Cells
  readonly chains: Chains
  readonly holdings: Holdings
  readonly recorder: Recorder
  readonly store: Store
}

/** Who helps, and from how many states on that wait. */
export interface Help {
  readonly team: Team
  readonly from: number
  /** States that one of them takes at once. */
  readonly chunk: number
}

/** Fewer states than this are looked into before a thread has begun. */
const worthwhile = 4096

const chunk = 256

export const helpOf = (workers: number | Help): Help | undefined => {
  if (typeof workers !== 'number') return workers
  return workers > 1 ? { team: new Threads(workers - 1), from: worthwhile, chunk } : undefined
}

export class Crew {
  readonly #helped: Helped
  readonly #team: Team
  readonly #from: number
  readonly #size: number
  #board: Board | undefined
  /** Nobody helps any more. */
  #isOver = false
  #lessons: Lesson[] = []
  #epoch = 0
  /** It is the turn of the states before this one, and this was found of them. */
  #until = 0
  #found: Found | undefined
  readonly #sent: Sent = {
    ...{ lanes: -1, values: [], changes: -1, epoch: -1, layout: undefined, codes: 0, table: undefined, segments: 0 },
  }
  /** Of the store, as what was found is meant. */
  #storeEpoch = 0

  constructor(helped: Helped, { team, from, chunk }: Help) {
    this.#helped = helped
    this.#team = team
    this.#from = from
    this.#size = chunk
    const hear = (lesson: Lesson): void => void this.#lessons.push(lesson)
    const { cells, chains, holdings, recorder } = helped
    // A search that began again has asked before.
    this.#lessons.push(...cells.learned())
    cells.onLesson = chains.onLesson = holdings.onLesson = recorder.onLesson = hear
  }

  /** What may be taken alone is another question now: what was found is not to be used. */
  forget(): void {
    this.#epoch++
    this.#lessons.push({ of: 'nothing' })
  }

  /** Can this state be looked into now? Waits a little for what somebody is about to find out. */
  isTurn(state: number): boolean {
    if (this.#isOver) return true
    if (!this.#board && !this.#begin(state)) return true
    return state < this.#until || this.#turnTo(state / this.#size)
  }

  /** What was found of this state, whose turn it is. It is asked for each state, one after the other. */
  of(state: number): Found | undefined {
    const found = this.#found
    if (!found) return undefined
    if (state % this.#size > 0) found.next()
    const { store } = this.#helped
    if (store.epoch !== this.#storeEpoch) this.#epoch++
    this.#storeEpoch = store.epoch
    return found.isOpen || found.epoch !== this.#epoch ? undefined : found
  }

  /**
   * What was found of a state is not used: it may not go on to all that was told of it. Of those behind it in its chunk what it told is left out
   * (results.ts), so nothing of them is used, either.
   */
  passOver(): void {
    this.#found = undefined
  }

  end(): void {
    if (!this.#isOver) this.#team.end()
    this.#isOver = true
    this.#found = undefined
    const { cells, chains, holdings, recorder } = this.#helped
    cells.onLesson = chains.onLesson = holdings.onLesson = recorder.onLesson = undefined
  }

  #begin(state: number): boolean {
    const { cells, chains, holdings, store } = this.#helped
    if (store.count - state < this.#from) return false
    const board = boardFor(this.#team.size, this.#size)
    this.#board = new Board(board)
    this.#storeEpoch = store.epoch
    const first = Math.ceil(state / this.#size)
    this.#until = first * this.#size
    this.#board.turnTo(first, 0)
    const [guards, locks, isReduced] = [guardsIn(cells.tables), holdings.locks, !chains.areEmpty]
    this.#team.begin({ board, shape: cells.shape, guards, locks, isReduced }, this.#board)
    return true
  }

  #turnTo(chunk: number): boolean {
    const board = this.#board!
    this.#tell()
    board.turnTo(chunk, this.#helped.store.count)
    this.#team.turn()
    if (!board.isReady(chunk) && !board.take(chunk)) {
      if (!this.#team.wait(chunk)) this.end()
      if (!board.isReady(chunk)) return this.#isOver
    }
    const { layout } = this.#helped.store.shown
    this.#until = (chunk + 1) * this.#size
    this.#found = board.isReady(chunk) ? new Found(board.outboxOf(chunk), layout.words) : undefined
    return true
  }

  #tell(): void {
    const shape = this.#newShape()
    const lessons = [...this.#newValues(), ...this.#lessons]
    const states = this.#newStates()
    this.#lessons = []
    if (!shape && !states && lessons.length === 0) return
    this.#team.tell({ epoch: this.#epoch, ...(shape && { shape }), lessons, ...(states && { states }) })
    this.#board!.sent()
  }

  #newShape(): CellsShape | undefined {
    const { cells } = this.#helped
    const lanes = cells.tables.lanes.length
    if (lanes === this.#sent.lanes) return undefined
    this.#sent.lanes = lanes
    return cells.shape
  }

  #newValues(): readonly Lesson[] {
    const { cells } = this.#helped
    const lessons: Lesson[] = []
    for (let cell = 0; cell < cells.count; cell++) {
      const before = this.#sent.values[cell] ?? 0
      const values = cells.valuesFrom(cell, before)
      if (values.length === 0) continue
      this.#sent.values[cell] = before + values.length
      lessons.push({ of: 'values', cell, values })
    }
    return lessons
  }

  #newStates(): ToldStates | undefined {
    const { store } = this.#helped
    const sent = this.#sent
    if (store.changes === sent.changes) return undefined
    const { epoch, layout, values, table, packed } = store.shown
    const codes = values.reduce((sum, { length }) => sum + length, 0)
    const first = epoch === sent.epoch ? sent.segments : 0
    const hasCodes = layout !== sent.layout || codes !== sent.codes
    Object.assign(sent, { changes: store.changes, epoch, layout, codes, table, segments: packed.length })
    return { epoch, ...(hasCodes && { layout: layout.kept, values }), table, first, packed: packed.slice(first) }
  }
}

/** What the others were told of already. */
interface Sent {
  lanes: number
  /** By cell. */
  readonly values: number[]
  changes: number
  epoch: number
  layout: Layout | undefined
  codes: number
  table: Int32Array | undefined
  segments: number
}
