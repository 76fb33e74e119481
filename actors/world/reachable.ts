/** A world needs no more actors than its tasks can meet. */
import { ModelError } from '../../explore/errors.ts'
import type { ActorSpec, Brought } from './world.ts'

/**
 * Those that the tasks can reach: by being named in the input of somebody who is reached, by guarding him, or by being the thread that he is
 * a call of; and, where something of one's own was brought, by what that says. Keeps their order, which is the order of choices in a schedule. Throws a ModelError when two have one name;
 * `givenIn`: names in it that a description has given, and where.
 */
export function reachableFrom(
  roots: readonly string[],
  everything: readonly ActorSpec[],
  { always, leadsTo }: Brought = { always: [], leadsTo: new Map() },
  givenIn: GivenIn = () => [],
): ActorSpec[] {
  const byId = new Map<string, ActorSpec>()
  for (const spec of everything) {
    if (byId.has(spec.id)) throw calledAlike(spec.id, givenIn(spec.id))
    byId.set(spec.id, spec)
  }
  const reached = new Set([...roots, ...always].flatMap((id) => byId.get(id) ?? []))
  for (const { id, input, guardedBy, thread } of reached) {
    for (const name of [...namesIn(input), guardedBy ?? '', thread ?? '', ...(leadsTo.get(id) ?? [])]) {
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

/** A name, whose it is, and where it stands: `iommu`, a device, `containers.container0.groups.group26.devices.iommu`. */
export interface Given {
  readonly name: string
  readonly what: string
  readonly place: string
}

/** Which names that were given are part of an actor's. */
export type GivenIn = (id: string) => readonly Given[]

/** Two that have one name: what each is called after, as far as somebody has said so, and what to write. */
function calledAlike(id: string, given: readonly Given[]): ModelError {
  const [one, other] = given
  const told = ({ name, what, place }: Given): string => `${what} called "${name}", at ${place}`
  return new ModelError(
    'bad-description',
    `Two actors would be called "${id}".`,
    one
      ? [
          ['one', told(one)],
          ['other', other ? told(other) : 'something that the kernel itself calls so'],
        ]
      : [],
    one
      ? `Actors are called after what is described. Write another name at ${(other ?? one).place}, as "${(other ?? one).name}b".`
      : 'Actors are called after what is described (mdev0.lock, vmm0/unmap): choose other names.',
  )
}
