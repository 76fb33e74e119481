/** A world of XState actors before anybody decided how to run it: live (`live.ts`) or explored (`system.ts`). */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { Nesting, Send } from '../explore/system.ts'
import type { LockFacts } from '../machines/kernel/lock-facts.ts'

export interface ActorSpec {
  readonly id: string
  readonly machine: AnyStateMachine
  readonly input: unknown
  /** Where it stands when the story begins, if something happened before: its state after that. */
  readonly resumed?: AnyMachineSnapshot
  /** Tasks and calls: the task whose thread of control this is. */
  readonly thread?: string
  /** Locks: lockdep's class, and the questions a lock answers. */
  readonly lockClass?: string
  readonly lock?: LockFacts<any>
  /** Locks: the documented rule by which this one is taken while others of its class are held, and which those are. */
  readonly nest?: Nesting
  /** Objects whose data is only touched under this lock, except for these message types, which only read. */
  readonly guardedBy?: string
  readonly unguarded?: readonly string[]
}

export interface World<View = unknown> {
  readonly name: string
  readonly actors: readonly ActorSpec[]
  /** In flight at the start, from `env` unless it says otherwise. */
  readonly start: readonly Send[]
  /** Domain names over actors' contexts: `read(id)` gives `{ state, ...context }`. */
  view(read: (id: string) => unknown): View
}
