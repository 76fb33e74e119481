/**
 * What the thread that asks components has learned, for threads that cannot: functions stay where they are, and what they answered are numbers.
 * Each lesson says one thing, and all of them in their order say everything.
 */
import type { Held } from '../locks/hands.ts'
import type { Question } from '../breadth/leap-trees.ts'

export type Lesson =
  /** Values of a cell, which go on where the last ones ended. */
  | { readonly of: 'values'; readonly cell: number; readonly values: readonly Stood[] }
  /** The head of a lane in a value of a cell, where the cell of its receiver has this value: what a delivery does then. */
  | { readonly of: 'step'; readonly value: number; readonly heard: number; readonly step: Delivery }
  /** May this step be taken alone, when its guard is in this local state? */
  | { readonly of: 'alone'; readonly step: number; readonly guard: number; readonly isAlone: boolean }
  /** Its claim was looked at there. */
  | { readonly of: 'checked'; readonly step: number; readonly guard: number }
  | ({ readonly of: 'leap'; readonly step: number; readonly path: readonly Asked[] } & Leapt)
  | { readonly of: 'held'; readonly lock: number; readonly local: number; readonly held: Held }
  /** Who holds one lock more holds this. */
  | { readonly of: 'more'; readonly held: number; readonly lock: number; readonly is: number }
  | { readonly of: 'several'; readonly held: string; readonly is: number }
  /** What may be taken alone is another question now. */
  | { readonly of: 'nothing' }

/** What stands in the slots of a cell. */
export interface Stood {
  readonly locals: readonly number[]
  readonly lanes: readonly number[]
}

export interface Delivery {
  readonly number: number
  readonly lane: number
  readonly from: number
  readonly component: number
  readonly accepted: boolean
  readonly fatal: boolean
}

export type Asked = readonly [question: Question, answer: number]

export interface Leapt {
  readonly changes: readonly number[]
  readonly taken: number
  readonly touches: number
  readonly isSettled: boolean
}

export type Tell = (lesson: Lesson) => void
