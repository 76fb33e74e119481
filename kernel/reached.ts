/** What a thread comes to run: its procedures, and those that they call. */
import { ModelError } from '../explore/errors.ts'
import type { Procedure } from './procedure.ts'

/** Procedures that a thread runs, and those that they call, each once. */
export function reached(run: readonly Procedure[]): readonly Procedure[] {
  const met = new Map<string, Procedure>()
  const follow = (procedure: Procedure, way: readonly Procedure[]): void => {
    if (way.includes(procedure)) throw recursive([...way, procedure])
    const other = met.get(procedure.name)
    if (other !== undefined && other !== procedure)
      throw new ModelError('bad-description', `Two procedures are called "${procedure.name}".`)
    met.set(procedure.name, procedure)
    for (const callee of procedure.calls) follow(callee, [...way, procedure])
  }
  for (const procedure of run) follow(procedure, [])
  return [...met.values()]
}

const recursive = (way: readonly Procedure[]): ModelError =>
  new ModelError(
    'bad-description',
    `${way.map(({ name }) => name).join(' calls ')}: a procedure cannot be entered again before it has returned.`,
    [],
    'Write the second call as a procedure of its own.',
  )
