/** What the one who keeps the order tells the others. Messages come in order, and each goes on where the last one ended. */
import type { CellsShape } from '../states/cells.ts'
import type { KeptLayout } from '../states/layout.ts'
import type { Lesson } from './lessons.ts'
import type { SharedBoard } from './board.ts'

/** What somebody begins with. */
export interface Hired {
  readonly board: SharedBoard
  readonly shape: CellsShape
  /** By component. */
  readonly guards: readonly number[]
  /** Components that may be held. */
  readonly locks: readonly number[]
  readonly isReduced: boolean
}

export interface Told {
  /** Raised whenever what was found before is not to be used any more. */
  readonly epoch: number
  readonly shape?: CellsShape
  readonly lessons: readonly Lesson[]
  readonly states?: ToldStates
}

/** What is left out is as it was. */
export interface ToldStates {
  readonly epoch: number
  readonly layout?: KeptLayout
  readonly values?: readonly (readonly number[])[]
  readonly table?: Int32Array
  /** Segments from this one on. */
  readonly first: number
  readonly packed: readonly Int32Array[]
}
