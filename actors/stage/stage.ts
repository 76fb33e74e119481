/** Sets the stage for a story: everybody whom its tasks can reach, standing where what was done before has left them. */
import type { Step } from '../../machines/kernel/tasks/task.ts'
import { after } from './before.ts'
import { worldOf } from '../world/world-of.ts'
import type { ActorSpec, Part, World } from '../world/world.ts'
import { reachableFrom } from '../world/reachable.ts'
import { choicesOf, startOf } from '../scripts/tasks.ts'

export interface Cast {
  readonly name: string
  /** Objects, threads that serve others for as long as the machine runs, and what those call. */
  readonly shared: readonly ActorSpec[]
  /** Those threads: they are started before anything else. */
  readonly servers: readonly string[]
  /** The task that does what is done before the story begins. */
  readonly before: ActorSpec
  readonly tasks: readonly ActorSpec[]
  /** Every call that a task might make, and every call those might make in turn; `joined`: beside threads whose calls are not known. */
  readonly callsFor: (task: string, joined: boolean) => readonly ActorSpec[]
  /** A task that joins, with what it calls. */
  readonly joins: (id: string, script: readonly Step[]) => ActorSpec
}

/** The world of a cast, which others may join. Throws a ModelError when what is done before the story begins goes wrong. */
export function stage<View>(
  cast: Cast,
  view: (actors: readonly ActorSpec[], threads: readonly string[]) => World<View>['view'],
): World<View> {
  const { name, shared, servers, before, tasks, callsFor } = cast
  const starting = [before, ...callsFor(before.id, false), ...shared]
  const start = [...servers, before.id].map(startOf)
  const isNothing =
    servers.length === 0 && (before.input as { readonly script: readonly unknown[] }).script.length === 0
  const begun = isNothing ? undefined : after({ name, actors: starting, start, view: () => undefined }, before.id)
  // What was done before stands where it was left.
  const wasThere = new Set(shared)
  const standing = (spec: ActorSpec): ActorSpec => (begun && wasThere.has(spec) ? begun.standing(spec) : spec)
  return worldOf(name, (joining) => {
    const joined = Object.entries(joining).map(([id, script]) => cast.joins(id, script))
    const acting = [...tasks, ...joined]
    const threads = acting.map(({ id }) => id)
    const choices = choicesOf(tasks)
    const everything = [
      ...acting,
      ...threads.flatMap((id) => callsFor(id, joined.length > 0)),
      ...shared,
      ...choices.actors,
    ]
    // What was changed by then is part of the picture, whether or not anybody comes to it again.
    const roots = [...threads, ...everything.flatMap(({ id }) => (begun?.touched.has(id) ? id : []))]
    const met: Part['met'] = (all, brought) => reachableFrom(roots, all, brought).map(standing)
    const there = new Set(reachableFrom(roots, everything).map(({ id }) => id))
    return {
      threads,
      servers,
      actors: everything,
      start: [...(begun?.inFlight ?? []).filter(({ to }) => there.has(to)), ...threads.map(startOf), ...choices.start],
      met,
      view: (actors) => view(actors, threads),
    }
  })
}
