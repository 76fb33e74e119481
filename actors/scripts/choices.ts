/** What nobody decides: a thread asks, and goes whichever way (machines/kernel/choice/either.ts). */
import { either, eitherFacts } from '../../machines/kernel/choice/either.ts'
import { side } from '../../machines/kernel/choice/side.ts'
import type { Send } from '../../explore/system.ts'
import type { ActorSpec } from '../world/world.ts'

/** The actors of one choice among so many ways, and what is on its way to them at the start. */
export function choiceActors(
  id: string,
  ways: number,
): { readonly actors: readonly ActorSpec[]; readonly start: readonly Send[] } {
  const sides = Array.from({ length: ways }, (_, n) => ({ id: sideId(id, n), n }))
  return {
    actors: [
      { id, machine: either, input: {}, lock: eitherFacts },
      ...sides.map(({ id: each, n }) => ({ id: each, machine: side, input: { side: n } })),
    ],
    start: sides.map(({ id: from, n }) => ({ to: id, message: { type: 'SIDE', from, side: n, quiet: true } })),
  }
}

/** What a thread's choices among so many ways are called, behind its own name. */
export const choiceName = (ways: number): string => (ways === 2 ? 'either' : `one of ${ways}`)

export const choiceId = (task: string, ways: number): string => `${task}/${choiceName(ways)}`

export const sideIds = (task: string, ways: number): readonly string[] =>
  Array.from({ length: ways }, (_, n) => sideId(choiceId(task, ways), n))

const sideId = (id: string, n: number): string => `${id} (${n + 1})`
