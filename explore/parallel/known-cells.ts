/** Cells as a thread has them that cannot ask components: what they are, and what others have learned of them. */
import type { Cells, CellsShape, Collapsed, Move, Step } from '../states/cells.ts'
import type { ChainedCells } from '../breadth/chains.ts'
import type { Entry } from '../states/tables.ts'
import { mostLanes } from '../states/tables.ts'
import { unknown } from '../states/unknown.ts'
import type { Delivery, Stood } from './lessons.ts'

type Asked = ChainedCells & Pick<Cells, 'blank' | 'rank' | 'count'>

export class KnownCells implements Asked {
  #shape: CellsShape
  /** By cell, then by value. */
  readonly #values: Stood[][] = []
  readonly #moves: (readonly Move[])[][] = []

  constructor(shape: CellsShape) {
    this.#shape = shape
  }

  /** There is more of them now. */
  become(shape: CellsShape): void {
    this.#shape = shape
  }

  learnValues(cell: number, values: readonly Stood[]): void {
    ;(this.#values[cell] ??= []).push(...values)
  }

  learnStep(value: number, heard: number, { number, lane, from, component, accepted, fatal }: Delivery): void {
    const move = this.moves(from, value).find((each) => each.lane === lane)!
    const entry: Entry = { ...untold, component, accepted, fatal }
    move.steps[heard] = { number, lane, entry, from, left: 0, to: move.to, next: 0, pushes: [] }
  }

  get tables(): ChainedCells['tables'] {
    return this.#shape
  }

  get count(): number {
    return this.#shape.slots.length
  }

  get carriers(): number[] {
    return this.#shape.carriers
  }

  blank(): Collapsed {
    return new Int32Array(this.#shape.laneBase + mostLanes)
  }

  rank(lane: number): number {
    return this.#shape.ranks[lane]!
  }

  cellOf(component: number): number {
    return this.#shape.ofComponent[component]!
  }

  cellOfLane(lane: number): number {
    return this.#shape.ofLane[lane]!
  }

  local(state: Collapsed, component: number): number {
    const { ofComponent, at, slots } = this.#shape
    const cell = ofComponent[component]!
    return slots[cell]! < 0 ? this.#at(cell, state[cell]!).locals[at[component]!]! : state[cell]!
  }

  moves(cell: number, value: number): readonly Move[] {
    return this.#moves[cell]?.[value] ?? this.#movesOf(cell, value)
  }

  moveOf(state: Collapsed, lane: number): Move | undefined {
    const cell = this.cellOfLane(lane)
    return this.moves(cell, state[cell]!).find((move) => move.lane === lane)
  }

  known(state: Collapsed, move: Move): Step | undefined {
    return move.steps[move.to === move.from ? 0 : state[move.to]!]
  }

  step(state: Collapsed, move: Move): Step {
    const known = this.known(state, move)
    if (!known) throw unknown
    return known
  }

  /** Only leaps are known, and these as a whole. */
  take(): never {
    throw unknown
  }

  #movesOf(cell: number, value: number): readonly Move[] {
    const { slots, laneBase, lanes, ofComponent } = this.#shape
    const slot = slots[cell]!
    const contents = slot < 0 ? this.#at(cell, value).lanes : value === 0 ? [] : [slot - laneBase, value]
    const moves: Move[] = []
    for (let index = 0; index < contents.length; index += 2) {
      const lane = contents[index]!
      const { receiver } = lanes[lane]!
      moves.push({ lane, from: cell, receiver, to: ofComponent[receiver]!, steps: [] })
    }
    return ((this.#moves[cell] ??= [])[value] = moves)
  }

  #at(cell: number, value: number): Stood {
    const known = this.#values[cell]?.[value]
    if (!known) throw unknown
    return known
  }
}

/** What those who only follow steps are not told of them. */
const untold: Entry = {
  ...{ number: -1, component: -1, local: -1, message: -1, next: -1 },
  ...{ accepted: false, fatal: false, accesses: false, ignored: false, asks: false, writes: false, quiet: true },
  ...{ lanes: [], messages: [], findings: [], notes: [], memory: [] },
}
