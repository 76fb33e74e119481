/** What a system of actors is described by: the machine it begins with, and what may come from outside. */
import type { AnyActorLogic, AnyEventObject, InputFrom } from 'xstate'
import type { Property } from '../explore/system.ts'
import type { ActorsView } from './view.ts'

/** Something a user may send: an event, or its type if that is all there is to it. */
export type UserEvent = string | AnyEventObject | Sending

/** The same with how often, and to whom. */
export interface Sending {
  readonly send: string | AnyEventObject
  /** In one run (default: as often as anybody likes). */
  readonly times?: number
  /** A `systemId`, or the name that a report gives the actor (default: the root). */
  readonly to?: string
}

/** What may come of a promise, a callback or an observable, by the name of its `src`. */
export interface Answers {
  /** A promise: each is a value that it may resolve to. */
  readonly resolves?: readonly unknown[]
  /** A promise: each is a reason for which it may be rejected; a text is the message of an Error. */
  readonly rejects?: readonly unknown[]
  /** A callback or an event observable: events that it may send to its parent. */
  readonly sends?: readonly (string | AnyEventObject)[]
  /** An observable: values it may emit. */
  readonly emits?: readonly unknown[]
  /** An observable may complete. */
  readonly completes?: boolean
  /** An observable may fail with one of these. */
  readonly fails?: readonly unknown[]
  /** How many events or values one of them sends at most (default: any number). */
  readonly times?: number
}

/** What may go wrong on the way from one actor to another, by their names (a `systemId`, an id, a `src`); without a name any. */
export interface Lane {
  readonly from?: string
  readonly to?: string
  /** Events may be lost: as often as it likes, or so often in one run. */
  readonly loses?: boolean | number
  /** Events may arrive twice: as often as it likes, or so often in one run. */
  readonly doubles?: boolean | number
  /** Events may overtake each other. */
  readonly reorders?: boolean
}

export interface Outside<L extends AnyActorLogic = AnyActorLogic> {
  /** Default: the id of the machine. */
  readonly name?: string
  readonly input?: InputFrom<L>
  /** What a user may send (default: each event that the machine names, without data). */
  readonly events?: readonly UserEvent[]
  readonly answers?: Readonly<Record<string, Answers>>
  /**
   * `order` (default): the next timer to fire is the one with the earliest deadline, and events from outside take no time. `any`: any
   * timer that is armed may fire.
   */
  readonly clock?: 'order' | 'any'
  /**
   * `process` (default): all actors live in one JavaScript process, and hear each other in the order in which XState has it. `network`: each machine
   * lives somewhere else, and what it is sent is on its way for a while.
   */
  readonly semantics?: 'process' | 'network'
  /** `network` only: what may go wrong on which lane (default: nothing is lost, doubled, or overtaken by what was sent to the same actor behind it). */
  readonly lanes?: readonly Lane[]
  /** `network` only: while so many events are on their way from one to another, nothing comes from outside (default 3). */
  readonly inFlight?: number
  /** Custom actions that may be run, by name: they change nothing that a search cannot put back. Others are only told of. */
  readonly pure?: readonly string[]
  /** Events that may go unhandled, by type. */
  readonly ignores?: readonly string[]
  /** Actors that may wait for ever for what cannot come any more, as a server does for the next to ask: by `systemId`, id, `src`, or as a report has them. */
  readonly listeners?: readonly string[]
  /** How many actors may be alive at once (default 50): more is reported as growth without bound. */
  readonly actors?: number
  readonly properties?: readonly Property<ActorsView>[]
}
