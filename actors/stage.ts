/** Sets the stage for a story: everybody whom its tasks can reach, standing where what was done before has left them. */
import type { Send } from '../explore/system.ts'
import { after } from './before.ts'
import { reachableFrom } from './reachable.ts'
import { startOf } from './tasks.ts'
import type { ActorSpec } from './world.ts'

export interface Cast {
  readonly name: string
  /** Objects, threads that serve others for as long as the machine runs, and what those call. */
  readonly shared: readonly ActorSpec[]
  /** Those threads: they are started before anything else. */
  readonly servers: readonly string[]
  /** The task that does what is done before the story begins. */
  readonly before: ActorSpec
  readonly tasks: readonly ActorSpec[]
  /** Every call that a task might make, and every call those might make in turn. */
  readonly callsFor: (task: string) => readonly ActorSpec[]
}

export interface Stage {
  readonly actors: readonly ActorSpec[]
  readonly start: readonly Send[]
}

/** Throws a ModelError when what is done before the story begins goes wrong. */
export function stage({ name, shared, servers, before, tasks, callsFor }: Cast): Stage {
  const starting = [before, ...callsFor(before.id), ...shared]
  const start = [...servers, before.id].map(startOf)
  const begun = after({ name, actors: starting, start, view: () => undefined }, before.id)
  // What was done before stands where it was left.
  const left = new Map(begun.actors.map((spec) => [spec.id, spec]))
  const everything = [
    ...tasks,
    ...tasks.flatMap(({ id }) => callsFor(id)),
    ...shared.map((spec) => left.get(spec.id) ?? spec),
  ]
  // What was changed by then is part of the picture, whether or not anybody comes to it again.
  const roots = [...tasks, ...everything.filter(({ id }) => begun.touched.has(id))]
  const actors = reachableFrom(roots, everything)
  const isThere = (id: string) => actors.some((spec) => spec.id === id)
  return {
    actors,
    start: [...begun.inFlight.filter(({ to }) => isThere(to)), ...tasks.map(({ id }) => startOf(id))],
  }
}
