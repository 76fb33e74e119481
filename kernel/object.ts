/**
 * Objects of a world of one's own: locks, variables, lists … Each is an actor (or several), and can stand by itself, under a name, or be a
 * member of a struct: then there is one for each object that may live, and a pointer leads to it.
 */
import type { ActorSpec } from '../actors/world/world.ts'
import { ModelError } from '../explore/errors.ts'
import type { Component, Send } from '../explore/system.ts'
import type { Procedure } from './procedure.ts'

export interface KernelObject<Kind extends string = string> {
  readonly kind: Kind
  /** Empty for a member of a struct. */
  readonly name: string
  /** The actors that it is made of, when it is called `id`. */
  readonly actors: (id: string, as: Role) => readonly ActorSpec[]
  /** What it is made of that is no statechart. */
  readonly components?: readonly Component[]
  /** Objects without which it is not. */
  readonly needs?: readonly KernelObject[]
  /** A thread of its own does something for it. */
  readonly deferring?: Deferring
  /** Whom to tell when the memory is freed that it lies in. */
  readonly freed?: (id: string) => { readonly to: string; readonly piece: string }
}

export interface Deferring {
  /** What such threads are called: `kworker`. */
  readonly worker: string
  /** The processor that it is done on, between the steps of threads that are bound there. */
  readonly on?: string
  /** What it does, unless that is said later. */
  readonly does: readonly Procedure[]
}

/** What an object is told to have done later, by a thread of its own. */
export interface Deferred {
  readonly object: KernelObject
  readonly procedure: Procedure
}

/** What each thread has of its own: there is one for every thread that runs a step which needs it, called `<thread>/<name>`. */
export interface ThreadObject {
  readonly name: string
  /** Its actors, when it is called `id`, and what is on its way to them at the start. */
  readonly actors: (id: string, thread: string) => Own
}

/** Actors, and what is on its way to them at the start. */
export interface Own {
  readonly actors: readonly ActorSpec[]
  readonly start?: readonly Send[]
}

/** What an object is in its world. */
export interface Role {
  /** What all like it are called: the class of a lock. */
  readonly lockClass: string
  /** All of that class, itself among them. */
  readonly alike: readonly string[]
  /** All objects of the world, and members of structs, each under the name that it has. */
  readonly all: readonly { readonly id: string; readonly object: KernelObject }[]
  /** Does somebody in this world use it so? */
  readonly is: (manner: Manner) => boolean
  /** Which threads do. */
  readonly by: (manner: Manner) => readonly string[]
}

/**
 * A manner of using an object that it has to be made for. `tried`: who only tries to take it is answered while it is held, too. `killable`:
 * somebody waits for it only until a signal comes. `nested`: it is taken while others of its class are held, by a rule that whoever takes it
 * says he knows (mutex_lock_nested). `downgraded`: a writer makes it a reader's. `ended`: others wait for what it does to it (complete, wake_up).
 */
export type Manner = 'tried' | 'killable' | 'nested' | 'downgraded' | 'ended'

/** An object, or a member of a struct, and how it is used. */
export interface Used {
  readonly object: KernelObject
  readonly manner: Manner
}

/** A variable, or a field of an object. `Discipline` says what it may be touched with: a refcount_t is no plain number. */
export interface Cell<T = any, Discipline extends string = string> extends KernelObject<'cell'> {
  readonly discipline: Discipline
  readonly initial: T
}

export const isCell = (object: unknown): object is Cell =>
  typeof object === 'object' && object !== null && 'discipline' in object

/**
 * As C has it: `m`, `&gsm->mutex`, `vdev->irqs[0].lock`, `sco_pi(sk)->conn`. Names are parts of actors' names; those of structs and what they are, of
 * pointers, too.
 */
const expression = /^&?[A-Za-z_][\w-]*(?:(?:->|\.)[\w-]+|\[\w+\]|\([\w,&.>-]*\))*$/
const word = /^[A-Za-z_][\w.-]*$/

export function named<T extends KernelObject>(object: T): T {
  const { name } = object
  const kind = object.kind === 'cell' ? 'variable' : object.kind
  const isPlain = kind === 'struct' || kind === 'object'
  if (name === '' || (isPlain ? word : expression).test(name)) return object
  throw new ModelError(
    'bad-description',
    `"${name}" is no name for ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}.`,
    [],
    isPlain
      ? 'A name begins with a letter; letters, digits, _, - and . may follow.'
      : 'A name is a place as C has it: m, gsm->mutex, &vdev->irqs[0].lock, sco_pi(sk)->conn.',
  )
}
