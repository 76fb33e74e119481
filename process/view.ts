/** What properties look at: actors and their snapshots, as users of XState know them. */
import type { Property } from '../explore/system.ts'
import { isMachineSnapshot, type Live, type Snapshot } from './inside.ts'
import { srcOf } from './names.ts'

/** An actor in one state. */
export interface ActorView {
  /** What a report calls it. */
  readonly name: string
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** Of a machine. */
  readonly value: unknown
  readonly context: any
  readonly output: unknown
  readonly error: unknown
  /** The state is, or is inside, this one; false for what is no machine. */
  matches(value: string | Readonly<Record<string, unknown>>): boolean
  hasTag(tag: string): boolean
}

export interface ActorsView {
  /** The root. */
  readonly root: ActorView
  /** By `systemId`, by the name that a report gives it, or by its id; undefined when none is alive. */
  actor(name: string): ActorView | undefined
  /** All that are alive and have this `src` or begin so by name. */
  actors(src: string): readonly ActorView[]
  /** An event of this type was emitted before, by anybody. */
  emitted(type: string): boolean
  /** An event of this type was lost before. Only of types that `neverLost` watches. */
  lost(type: string): boolean
}

export interface Seen {
  readonly root: Live
  readonly names: ReadonlyMap<Live, string>
  readonly keyed: ReadonlyMap<string, Live>
  readonly emitted: ReadonlySet<string>
  readonly lost: ReadonlySet<string>
  readonly isAlive: (actor: Live) => boolean
}

const actorView = (name: string, snapshot: Snapshot): ActorView => ({
  name,
  status: snapshot.status,
  value: isMachineSnapshot(snapshot) ? snapshot.value : undefined,
  context: snapshot.context,
  output: snapshot.output,
  error: snapshot.error,
  matches: (value) => isMachineSnapshot(snapshot) && snapshot.matches(value),
  hasTag: (tag) => isMachineSnapshot(snapshot) && snapshot.hasTag(tag),
})

export const viewOf = ({ root, names, keyed, emitted, lost, isAlive }: Seen): ActorsView => {
  const seen = (actor: Live): ActorView => actorView(names.get(actor) ?? actor.id, actor._snapshot)
  const alive = [...names.keys()].filter((each) => each === root || isAlive(each))
  return {
    root: seen(root),
    actor(name) {
      const found =
        keyed.get(name) ?? alive.find((each) => names.get(each) === name) ?? alive.find(({ id }) => id === name)
      return found && seen(found)
    },
    actors: (src) =>
      alive.filter((each) => srcOf(each) === src || each.id === src || each.id.startsWith(`${src}-`)).map(seen),
    emitted: (type) => emitted.has(type),
    lost: (type) => lost.has(type),
  }
}

const watched = new WeakMap<Property, string>()

/** An event of this type that was sent is handled in the end: it neither falls through nor is sent to somebody who has stopped. */
export const neverLost = (type: string): Property<ActorsView> => {
  const property: Property<ActorsView> = {
    kind: 'always',
    name: `${type} is never lost`,
    holds: (view) => !view.lost(type),
  }
  watched.set(property, type)
  return property
}

/** Types of events that these properties want to know the fate of. */
export const watchedBy = (properties: readonly Property[]): readonly string[] =>
  properties.flatMap((each) => watched.get(each) ?? [])
