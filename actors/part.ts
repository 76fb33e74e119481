/**
 * What a world is put together from before it is known who else takes part. A family of worlds gives its part; who joins it brings threads of
 * his own and puts things in the place of others (kernel/joint.ts), and only then is left out what nobody can meet.
 */
import type { Send } from '../explore/system.ts'
import type { Step } from '../machines/user/task.ts'
import type { ActorSpec, World } from './world.ts'

/** Threads that join, and what each calls, one after the other. */
export type Joining = Readonly<Record<string, readonly Step[]>>

/** A system call, in the words of a case file: `{ op: 'map_dma', fd: 'c0', … }`. */
export interface Operation {
  readonly op: string
  readonly [field: string]: unknown
}

/** System calls that procedures of those threads make somewhere. */
export type Operations = Readonly<Record<string, readonly Operation[]>>

/** What is there on account of who joined. */
export interface Brought {
  /** In any case. */
  readonly always: readonly string[]
  /** From an actor to others, beside the names in its input. */
  readonly leadsTo: ReadonlyMap<string, readonly string[]>
}

export interface Part<View = unknown> {
  /** All of them, those that joined too. */
  readonly threads: readonly string[]
  /** Threads that serve others for as long as the machine runs: what they call can be replaced as well. */
  readonly servers?: readonly string[]
  /** Every actor there may be. */
  readonly actors: readonly ActorSpec[]
  readonly start: readonly Send[]
  /** Those of all actors that can be met. Throws a ModelError when two have one name. */
  met(all: readonly ActorSpec[], brought?: Brought): readonly ActorSpec[]
  /** How a thread makes one of the system calls that were announced: whom it asks, and with what. Only where there are system calls. */
  readonly made?: (
    thread: string,
    operation: Operation,
  ) => undefined | { readonly to: string; readonly args: Readonly<Record<string, unknown>> }
  /** A thread that has nothing left to do, by what is seen of it; undefined: it is in its final state. */
  readonly isThrough?: (seen: { readonly state: unknown }) => boolean
  view(actors: readonly ActorSpec[]): World<View>['view']
}

/** The world of one part, to which others may join. */
export function worldOf<View>(
  name: string,
  joins: (joining: Joining, operations?: Operations) => Part<View>,
): World<View> {
  const part = joins({})
  const actors = part.met(part.actors)
  return { name, actors, start: part.start, view: part.view(actors), joins }
}
