/**
 * Stately's inspection protocol, as `@statelyai/inspect` 0.7 speaks it and Stately's inspector reads it: JSON messages about actors, the events
 * they get and the snapshots that follow; and XState's microsteps, which that package leaves out. Written from its published types.
 */
import type { AnyTransitionDefinition, InspectionEvent } from 'xstate'
import { namesOf, nameOf } from '../report/statecharts/names.ts'

/** The version of the package whose messages these are. */
const version = '0.7.2'

interface About {
  /** The actor that all others belong to. */
  readonly rootId: string | undefined
  /** The actor, by our name for it. */
  readonly sessionId: string
  /** Milliseconds since 1970. */
  readonly createdAt: string
  readonly id: string
  readonly _version: string
}

interface Event {
  readonly type: string
  readonly [field: string]: unknown
}

/** An actor that there is, before anything else is said of it. */
export interface ActorMessage extends About {
  readonly type: '@xstate.actor'
  readonly name: string
  readonly parentId: string | undefined
  /** What `createMachine` takes, as JSON; undefined: it is no statechart. */
  readonly definition: string | undefined
  readonly snapshot: unknown
}

/** An event on its way to the actor. */
export interface EventMessage extends About {
  readonly type: '@xstate.event'
  readonly sourceId: string | undefined
  readonly event: Event
}

/** A transition that is taken on account of the event, and others that follow from it at once. */
export interface MicrostepMessage extends About {
  readonly type: '@xstate.microstep'
  readonly event: Event
  readonly snapshot: unknown
  /** None: nobody in the actor hears the event. */
  readonly _transitions: readonly TakenTransition[]
}

/** How the actor is once the event was heard. */
export interface SnapshotMessage extends About {
  readonly type: '@xstate.snapshot'
  readonly event: Event
  readonly snapshot: unknown
}

export type InspectionMessage = ActorMessage | EventMessage | MicrostepMessage | SnapshotMessage

/** States are meant by their names in the definition, with a `#` before them. */
export interface TakenTransition {
  readonly eventType: string
  readonly source: string
  readonly target: readonly string[]
  readonly guard: string | undefined
  readonly actions: readonly string[]
  readonly reenter: boolean
}

/** As JSON has it, however deep it is; a bigint is decimal text. */
const plain = (value: unknown): unknown => JSON.parse(json(value) ?? 'null')

export const json = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each))

const taken = ({ eventType, source, target, guard, actions, reenter }: AnyTransitionDefinition): TakenTransition => ({
  eventType,
  source: `#${source.id}`,
  target: (target ?? []).map(({ id }) => `#${id}`),
  guard: guard === undefined ? undefined : nameOf(guard),
  actions: namesOf(actions),
  reenter,
})

/** Says it in the protocol's words. Messages are plain data, and stay as they are when the run goes on. */
export class Telling {
  readonly #send: (message: InspectionMessage) => void
  readonly #root: string
  #told = 0

  constructor(send: (message: InspectionMessage) => void, root: string) {
    this.#send = send
    this.#root = root
  }

  actor(sessionId: string, about: Pick<ActorMessage, 'name' | 'parentId' | 'definition' | 'snapshot'>): void {
    this.#send({ type: '@xstate.actor', ...this.#about(sessionId), ...about, snapshot: plain(about.snapshot) })
  }

  event(sessionId: string, event: Event, sourceId: string): void {
    this.#send({ type: '@xstate.event', ...this.#about(sessionId), sourceId, event: plain(event) as Event })
  }

  microstep(sessionId: string, step: InspectionEvent & { readonly type: '@xstate.microstep' }): void {
    this.#send({
      type: '@xstate.microstep',
      ...this.#about(sessionId),
      event: plain(step.event) as Event,
      snapshot: plain(step.snapshot),
      _transitions: step._transitions.map(taken),
    })
  }

  snapshot(sessionId: string, snapshot: unknown, event: Event): void {
    this.#send({
      type: '@xstate.snapshot',
      ...this.#about(sessionId),
      event: plain(event) as Event,
      snapshot: plain(snapshot),
    })
  }

  #about(sessionId: string): About {
    this.#told++
    return { rootId: this.#root, sessionId, createdAt: `${Date.now()}`, id: `${this.#told}`, _version: version }
  }
}
