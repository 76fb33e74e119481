/** A world of XState actors before anybody decided how to run it: live (`live.ts`) or explored (`system.ts`). */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { Component, Interruption, Nesting, Orders, Send } from '../explore/system.ts'
import type { LockFacts } from '../machines/kernel/lock-facts.ts'
import type { Joining, Operations, Part } from './part.ts'

export interface ActorSpec {
  readonly id: string
  readonly machine: AnyStateMachine
  /** For the machines that want some. */
  readonly input?: unknown
  /** Where it stands when the story begins, if something happened before: its state after that. */
  readonly resumed?: AnyMachineSnapshot
  /** Tasks and calls: the task whose thread of control this is. */
  readonly thread?: string
  /** Locks, and what is waited for: lockdep's class, and the questions a lock answers. Without a class it has no place in the order of locks. */
  readonly lockClass?: string
  readonly lock?: LockFacts<any>
  /** What interrupts others: as what (explore/contexts.ts). */
  readonly runsIn?: Interruption
  /** Locks: the documented rule by which this one is taken while others of its class are held, and which those are. */
  readonly nest?: Nesting
  /** Objects whose data is only touched under this lock, except for these message types, which only read. */
  readonly guardedBy?: string
  readonly unguarded?: readonly string[]
  /** Objects that order threads and are no locks: a completion, work, a timer (explore/system.ts). */
  readonly orders?: Orders
}

export interface World<View = unknown> {
  readonly name: string
  readonly actors: readonly ActorSpec[]
  /** Components that are no statecharts: a name, an initial state and two pure functions (explore/system.ts). */
  readonly components?: readonly Component[]
  /** In flight at the start, from `env` unless it says otherwise. */
  readonly start: readonly Send[]
  /** Domain names over actors' contexts: `read(id)` gives `{ state, ...context }`; of a component its local state. */
  view(read: (id: string) => unknown): View
  /** The same world when others join it; undefined: nobody can. */
  readonly joins?: (joining: Joining, operations?: Operations) => Part<View>
}
