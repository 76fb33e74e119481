import type { Joining, Operations, Part, World } from './world.ts'

/** The world of one part, to which others may join. */
export function worldOf<View>(
  name: string,
  joins: (joining: Joining, operations?: Operations) => Part<View>,
): World<View> {
  const part = joins({})
  const actors = part.met(part.actors)
  return { name, actors, start: part.start, view: part.view(actors), joins }
}
