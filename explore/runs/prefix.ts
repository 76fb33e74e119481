/** What may come after a run that is given. */
import { systemBehind } from './behind.ts'
import { ModelError } from '../errors.ts'
import { replay } from './replay.ts'
import type { Schedule } from '../outcome/report.ts'
import type { System } from '../system.ts'

export interface Begun {
  readonly system: System<any>
  /** The run that was given, as choices. */
  readonly after: Schedule
}

/** Throws a ModelError when the run does not fit, or nothing can come after it. */
export function begunWith(system: System<any>, given: Schedule | readonly string[]): Begun {
  const run = replay(system, given)
  if (run.end !== 'open')
    throw new ModelError(
      'bad-schedule',
      `Nothing comes after the run that is given: it has ${run.end === 'deadlock' ? 'come to a deadlock' : run.end}.`,
      [['steps', `${run.steps.length}`]],
      'Give fewer of its steps.',
    )
  const after = run.steps.map(({ choice }) => choice)
  return { system: systemBehind(system, after), after }
}
