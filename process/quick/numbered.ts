/** A process whose states are numbers, where that can be had. */
import type { AnyActorLogic } from 'xstate'
import { NotNumbered, type Numbered } from '../../explore/breadth/numbered.ts'
import type { Outside } from '../describe.ts'
import { isMachine } from '../inside.ts'
import type { Judge } from '../judge.ts'
import type { Process } from '../process.ts'
import { Single } from './single.ts'
import { Together } from './together.ts'
import type { Touches } from './touches.ts'

export interface Subject {
  readonly process: Process
  readonly judge: Judge
  /** What the process lets us see. */
  readonly touches: Touches
  readonly logic: AnyActorLogic
  readonly outside: Outside
  readonly monitored: readonly string[]
}

/** The quickest first: each may turn out not to be one. */
export function* numbered(subject: Subject): Generator<Numbered> {
  const { process, logic, outside, monitored } = subject
  if (isMachine(logic)) yield* unlessNot(() => new Single(process, logic, outside, monitored))
  yield* unlessNot(() => new Together(subject))
}

function* unlessNot(make: () => Numbered): Generator<Numbered> {
  try {
    yield make()
  } catch (cause) {
    if (!(cause instanceof NotNumbered)) throw cause
  }
}
