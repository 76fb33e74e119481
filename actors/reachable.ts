/** A world needs no more actors than its tasks can meet. */
import type { ActorSpec } from './world.ts'

/**
 * Those that the tasks can reach: by being named in the input of somebody who is reached, by guarding him, or by being the thread that he is
 * a call of. Keeps their order, which is the order of choices in a schedule.
 */
export function reachableFrom(roots: readonly ActorSpec[], everything: readonly ActorSpec[]): ActorSpec[] {
  const byId = new Map(everything.map((spec) => [spec.id, spec]))
  const reached = new Set<ActorSpec>(roots)
  for (const { input, guardedBy, thread } of reached) {
    for (const name of [...namesIn(input), guardedBy ?? '', thread ?? '']) {
      const neighbour = byId.get(name)
      if (neighbour) reached.add(neighbour)
    }
  }
  return everything.filter((spec) => reached.has(spec))
}

/** Every string in an input: the ids of neighbours are among them. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(namesIn)
}
