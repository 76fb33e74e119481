/** A process whose states are numbers, where that can be had. */
import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import { NotNumbered, type Numbered } from '../../explore/numbered.ts'
import type { Outside } from '../describe.ts'
import type { Process } from '../process.ts'
import { Single } from './single.ts'

export const numberedOf = (
  process: Process,
  logic: AnyActorLogic,
  outside: Outside,
  monitored: readonly string[],
): Numbered | undefined => {
  if (!('root' in logic && 'getStateNodeById' in logic)) return undefined
  try {
    return new Single(process, logic as AnyStateMachine, outside, monitored)
  } catch (cause) {
    if (cause instanceof NotNumbered) return undefined
    throw cause
  }
}
