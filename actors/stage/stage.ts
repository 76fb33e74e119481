/** Sets the stage for a story: everybody whom its tasks can reach, standing where what was done before has left them. */
import type { Send } from '../../explore/system.ts'
import { after } from './before.ts'
import { worldOf } from '../world/world-of.ts'
import type { ActorSpec, Joining, Operations, Part, World } from '../world/world.ts'
import { reachableFrom, type Given, type GivenIn } from '../world/reachable.ts'
import { startOf } from '../scripts/tasks.ts'

export interface Cast<Acts extends Acting> {
  readonly name: string
  /** Objects, threads that serve others for as long as the machine runs, and what those call. */
  readonly shared: readonly ActorSpec[]
  /** Those threads: they are started before anything else. */
  readonly servers: readonly string[]
  /** What is written to the kernel's log from then on is part of a state. */
  readonly keepsLog?: boolean | undefined
  /** The task that does what is done before the story begins. */
  readonly before: ActorSpec
  /** Every call that a task might make, and every call those might make in turn; `joined`: beside threads whose calls are not known. */
  readonly callsFor: (task: string, joined: boolean) => readonly ActorSpec[]
  /** Names that were given, for whoever has one that another has; with those who join. */
  readonly given?: (joining: Joining) => readonly Given[]
  /** Whoever acts, when these join; `operations`: system calls that they make. */
  readonly acting: (joining: Joining, operations: Operations) => Acts
}

/** Those who act, and whatever stands there on their account whether or not anybody comes to it. */
export interface Acting extends Pick<Part, 'threads' | 'start' | 'made'> {
  readonly actors: readonly ActorSpec[]
  /** They stand last. */
  readonly choices: readonly ActorSpec[]
}

/** The world of a cast, which others may join. Throws a ModelError when what is done before the story begins goes wrong. */
export function stage<View, Acts extends Acting>(
  cast: Cast<Acts>,
  view: (actors: readonly ActorSpec[], acting: Acts) => World<View>['view'],
): World<View> {
  const { name, shared, servers, keepsLog, before, callsFor, given = () => [] } = cast
  const begun = hasBegun(cast)
    ? after(
        {
          name,
          actors: [before, ...callsFor(before.id, false), ...shared],
          start: [...servers, before.id].map(startOf),
          view: () => undefined,
        },
        before.id,
      )
    : undefined
  // What was done before stands where it was left.
  const wasThere = new Set(shared)
  const standing = (spec: ActorSpec): ActorSpec => (begun && wasThere.has(spec) ? begun.standing(spec) : spec)
  const inStory = keepsLog ? (spec: ActorSpec): ActorSpec => ({ ...standing(spec), keepsLog }) : standing
  return worldOf(name, (joining, operations = {}) => {
    const acting = cast.acting(joining, operations)
    const namedAs = namedIn(() => given(joining))
    const calls = acting.threads.flatMap((id) => callsFor(id, Object.keys(joining).length > 0))
    const everything = [...acting.actors, ...calls, ...shared, ...acting.choices]
    // What was changed by then is part of the picture, whether or not anybody comes to it again.
    const roots = [
      ...acting.actors.map(({ id }) => id),
      ...everything.flatMap(({ id }) => (begun?.touched.has(id) ? id : [])),
    ]
    return {
      ...{ threads: acting.threads, servers, actors: everything, made: acting.made },
      start: [...underWay(begun?.inFlight ?? [], roots, everything), ...acting.start],
      met: (all, brought) => (shared.length === 0 ? all : reachableFrom(roots, all, brought, namedAs)).map(inStory),
      view: (actors) => view(actors, acting),
    }
  })
}

const hasBegun = ({ servers, before }: Pick<Cast<Acting>, 'servers' | 'before'>): boolean =>
  servers.length > 0 || (before.input as { readonly script: readonly unknown[] }).script.length > 0

function underWay(
  inFlight: readonly Send[],
  roots: readonly string[],
  everything: readonly ActorSpec[],
): readonly Send[] {
  if (inFlight.length === 0) return []
  const there = new Set(reachableFrom(roots, everything).map(({ id }) => id))
  return inFlight.filter(({ to }) => there.has(to))
}

/** Those of them that stand in an actor's name as words of it. */
const namedIn =
  (given: () => readonly Given[]): GivenIn =>
  (id) =>
    given().filter(({ name }) => wordsOf(id).includes(wordsOf(name)))

const wordsOf = (name: string): string => ` ${name.replaceAll(/[./@]/g, ' ')} `
