/** A world of XState actors before anybody decided how to run it: live (`live.ts`) or explored (`system.ts`). */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { Component, Interruption, LogLine, Nesting, Orders, Send } from '../../explore/system.ts'
import type { LockFacts } from '../../machines/kernel/locks/lock-facts.ts'
import type { Step } from '../../machines/kernel/tasks/task.ts'

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
  /** What interrupts others: as what (explore/locks/contexts.ts). */
  readonly runsIn?: Interruption
  /** Locks: the documented rule by which this one is taken while others of its class are held, and which those are. */
  readonly nest?: Nesting
  /** Objects whose data is only touched under this lock, except for these message types, which only read. */
  readonly guardedBy?: string
  readonly unguarded?: readonly string[]
  /** What it writes to the kernel's log is part of its state. */
  readonly keepsLog?: true
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
  /**
   * Domain names over actors' contexts: `read(id)` gives `{ state, ...context }`; of a component its local state. `log`, where it is given: what all
   * who keep their log have written.
   */
  view(read: (id: string) => unknown, log?: () => readonly LogLine[]): View
  /** What of it is not known from a kernel that was recorded, in a sentence. */
  readonly notRecorded?: string
  /** The same world when others join it; undefined: nobody can. */
  readonly joins?: (joining: Joining, operations?: Operations) => Part<View>
}

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

/**
 * What a world is put together from before it is known who else takes part. A family of worlds gives its part; who joins it brings threads of
 * his own and puts things in the place of others (kernel/joint.ts), and only then is left out what nobody can meet.
 */
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
  view(actors: readonly ActorSpec[]): World<View>['view']
}
