/** What properties look at: actors and their snapshots, as users of XState know them. */
import type { Property } from '../explore/system.ts'
import { ModelError } from '../explore/errors.ts'
import { nearest, toChooseFrom } from '../shapes/nearest.ts'
import type { Asked } from './asked.ts'
import { nodesOf, type ChartNode } from './coverage.ts'
import { isMachineSnapshot, type Live, type MachineSnapshot, type Snapshot } from './inside.ts'
import { rootNameOf, srcOf } from './names.ts'

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
  readonly emitted: Pick<ReadonlySet<string>, 'has'>
  readonly lost: Pick<ReadonlySet<string>, 'has'>
  readonly isAlive: (actor: Live) => boolean
  readonly asked: Asked
  /** What an actor was in then (default: what it is in now). */
  readonly snapshotOf?: (actor: Live) => Snapshot
  /** Told whom a property looks at. */
  readonly onLook?: (name: string) => void
}

/** Throws a ModelError for a state, or a tag, that the machine has not: nothing would ever be in it, and the claim be about nothing. */
const insistOn = (what: 'state' | 'tag', asked: string, { machine }: MachineSnapshot): void => {
  const nodes = nodesOf(machine.root as unknown as ChartNode)
  const known = what === 'tag' ? nodes.flatMap(({ tags }) => tags) : nodes.slice(1).map(({ path }) => path.join('.'))
  if (known.includes(asked)) return
  const guess = nearest(asked, known)
  throw new ModelError(
    'bad-property',
    `A property asks for a ${what} that ${rootNameOf(machine)} does not have: ${JSON.stringify(asked)}.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['expected', toChooseFrom(known, asked) || `no ${what}s: there are none`]],
  )
}

/** Paths of the states that a value names: `{ form: 'open' }` is `form.open`. */
const pathsIn = (value: unknown, above = ''): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [`${above}${name}`, ...pathsIn(inner, `${above}${name}.`)])
    : [`${above}${String(value)}`]

const actorView = (name: string, snapshot: Snapshot): ActorView => ({
  name,
  status: snapshot.status,
  value: isMachineSnapshot(snapshot) ? snapshot.value : undefined,
  // A search over numbers shows one snapshot with one context after the other.
  get context() {
    return snapshot.context
  },
  output: snapshot.output,
  error: snapshot.error,
  matches(value) {
    if (!isMachineSnapshot(snapshot)) return false
    if (snapshot.matches(value)) return true
    for (const path of pathsIn(value)) insistOn('state', path, snapshot)
    return false
  },
  hasTag(tag) {
    if (!isMachineSnapshot(snapshot)) return false
    if (snapshot.hasTag(tag)) return true
    insistOn('tag', tag, snapshot)
    return false
  },
})

export const viewOf = (seen: Seen): ActorsView => {
  const { root, snapshotOf, onLook } = seen
  const others = othersIn(seen)
  // Most properties look at the root.
  let lastOfRoot: Snapshot | undefined
  let lastRoot: ActorView | undefined
  return {
    get root() {
      const now = snapshotOf ? snapshotOf(root) : root._snapshot
      if (lastRoot && now === lastOfRoot && !onLook) return lastRoot
      lastOfRoot = now
      return (lastRoot = viewed(root, seen))
    },
    ...others,
  }
}

/** The same where the root is in one snapshot for good. */
export const stillViewOf = (seen: Seen): ActorsView => ({ root: viewed(seen.root, seen), ...othersIn(seen) })

const viewed = (actor: Live, { names, snapshotOf, onLook }: Seen): ActorView => {
  const name = names.get(actor) ?? actor.id
  onLook?.(name)
  return actorView(name, snapshotOf ? snapshotOf(actor) : actor._snapshot)
}

const othersIn = (seen: Seen): Omit<ActorsView, 'root'> => {
  const { root, names, keyed, emitted, lost, isAlive, asked } = seen
  const alive = [...names.keys()].filter((each) => each === root || isAlive(each))
  return {
    actor(name) {
      const found =
        keyed.get(name) ?? alive.find((each) => names.get(each) === name) ?? alive.find(({ id }) => id === name)
      asked.actor(name, found !== undefined)
      return found && viewed(found, seen)
    },
    actors(src) {
      const found = alive.filter((each) => srcOf(each) === src || each.id === src || each.id.startsWith(`${src}-`))
      asked.actor(src, found.length > 0)
      return found.map((each) => viewed(each, seen))
    },
    emitted(type) {
      const was = emitted.has(type)
      asked.emitted(type, was)
      return was
    },
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
