/** A state of a process: what the fields of its actors hold while every mailbox is empty, and what they share. */
import type { Live, Snapshot } from './inside.ts'
import type { Faults, Flight } from './network.ts'
import type { Coming } from './offers.ts'
import type { Process } from './process.ts'
import type { ArmedTimers } from './timers.ts'

/** What an actor's fields hold between two steps. */
export interface Held {
  readonly actor: Live
  readonly snapshot: Snapshot
  readonly status: number
  readonly observers: readonly unknown[]
  readonly mailbox: Live['mailbox']
  readonly isOpen: boolean
  readonly queue: unknown
  readonly deferred: Live['_deferred']
  readonly given: number
}

/** Key of what is before the start, where the start is a step. */
export const notStarted = 'not started'

/** A state of the process. */
export interface State {
  /** Whose it is: actors of one process know nothing of another's. */
  readonly of: Process
  readonly key: string
  readonly held: readonly Held[]
  readonly alive: ReadonlyMap<string, Live>
  readonly keyed: ReadonlyMap<string, Live>
  readonly armed: ArmedTimers
  readonly booked: number
  /** How often each of what a user may send was sent, where that is counted. */
  readonly sent: readonly number[]
  /** `network` only: what is on its way, and what went wrong there so far. */
  readonly flying: readonly Flight[]
  readonly faults: Faults
  /** Types of what was emitted so far, and of what was lost of those that must not be. */
  readonly emitted: ReadonlySet<string>
  readonly lost: ReadonlySet<string>
  /** Who waits for what cannot come any more, in words. */
  readonly stuck: readonly string[]
  /** How it was reached; absent: it is the start. */
  readonly from?: { readonly state: State; readonly by: Coming }
}

export const heldOf = (actor: Live, given: number): Held => {
  const { mailbox, observers } = actor
  return {
    actor,
    snapshot: actor._snapshot,
    status: actor._processingStatus,
    observers: [...observers],
    mailbox,
    isOpen: mailbox._active,
    queue: mailbox._current,
    deferred: [...actor._deferred],
    given,
  }
}

export const putBack = ({ actor, snapshot, status, observers, mailbox, isOpen, queue, deferred }: Held): void => {
  actor._snapshot = snapshot
  actor._processingStatus = status
  actor.observers.clear()
  for (const each of observers) actor.observers.add(each)
  actor.mailbox = mailbox
  mailbox._active = isOpen
  mailbox._current = queue
  actor._deferred.splice(0, Infinity, ...deferred)
}
