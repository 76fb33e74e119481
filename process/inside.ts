/**
 * XState 5 as it is inside, as far as relock holds on to it. A running actor and its system are ordinary objects; what is named here is all that is
 * read, kept and put back. `test/process/real.test.ts` compares with actors that nobody holds on to.
 */
import type { AnyEventObject, AnyStateMachine } from 'xstate'

/** Of any logic. */
export interface Snapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output?: unknown
  readonly error?: unknown
  readonly context?: unknown
  readonly input?: unknown
}

/** Of a machine. */
export interface MachineSnapshot extends Snapshot {
  readonly machine: AnyStateMachine
  readonly value: unknown
  readonly context: object
  readonly children: Readonly<Record<string, Live | undefined>>
  readonly historyValue: Readonly<Record<string, readonly { readonly id: string }[]>>
  readonly tags: ReadonlySet<string>
  readonly _nodes: readonly Node[]
  matches(value: unknown): boolean
  hasTag(tag: string): boolean
  can(event: AnyEventObject): boolean
}

/** A state of a chart. */
export interface Node {
  readonly id: string
  readonly order: number
  readonly type: string
  readonly always?: readonly Transition[] | undefined
  /** Without targets where it has no states, or is in all of them. */
  readonly initial?: { readonly target: readonly Node[] } | undefined
  readonly after: readonly { readonly delay: number | string | ((...given: never[]) => unknown) }[]
  readonly invoke: readonly { readonly src: unknown; readonly id: string }[]
  readonly transitions: ReadonlyMap<string, readonly Transition[]>
}

export interface Transition {
  readonly source: Node
  readonly eventType: string
  readonly target?: readonly Node[] | undefined
  readonly guard?: unknown
  readonly actions: readonly NamedAction[]
}

/** A function, or the name of one, perhaps with parameters. */
export type NamedAction = string | { readonly type: string } | ((...given: never[]) => unknown)

export interface Logic {
  readonly config?: unknown
  transition(snapshot: unknown, event: AnyEventObject, scope: unknown): unknown
  start?(snapshot: unknown, scope: unknown): void
}

export interface Action {
  readonly type: string
  readonly params?: unknown
  readonly exec?: unknown
}

interface Scope {
  actionExecutor: (action: Action) => void
  stopChild: (child: Live) => void
  emit: (event: AnyEventObject) => void
}

export const running = 1
export const stopped = 2

/** An actor. */
export interface Live {
  readonly id: string
  sessionId: string
  readonly src: unknown
  logic: Logic
  readonly options: { readonly syncSnapshot?: boolean | undefined; readonly systemId?: string | undefined }
  readonly system: ActorSystem
  readonly observers: Set<unknown>
  readonly _actorScope: Scope
  readonly _parent?: Live | undefined
  /** Not started, running or stopped. */
  _processingStatus: number
  _snapshot: Snapshot
  /** What it will do when its step is over; an error leaves some of it behind. */
  readonly _deferred: (() => void)[]
  mailbox: { _active: boolean; _current: unknown; _last: unknown }
  send(event: AnyEventObject): void
  _stop(): void
  on(type: string, listen: (event: AnyEventObject) => void): unknown
  subscribe(...observer: unknown[]): unknown
}

export interface Scheduler {
  schedule(source: Live, target: Live, event: AnyEventObject, delay: number, id?: string): void
  cancel(source: Live, id: string): void
  cancelAll(source: Live): void
}

/** What the actors of one process share. */
export interface ActorSystem {
  scheduler: Scheduler
  _bookId(): string
  _register(sessionId: string, actor: Live): string
  _unregister(actor: Live): void
  _set(systemId: string, actor: Live): void
  get(systemId: string): Live | undefined
  getAll(): Readonly<Record<string, Live>>
  _relay(source: Live | undefined, target: Live, event: AnyEventObject): void
}

/** What an inspector is told. */
export type Inspected =
  | { readonly type: '@xstate.actor'; readonly actorRef: Live }
  | {
      readonly type: '@xstate.event'
      readonly sourceRef?: Live | undefined
      readonly actorRef: Live
      readonly event: AnyEventObject
    }
  | {
      readonly type: '@xstate.microstep'
      readonly actorRef: Live
      readonly event: AnyEventObject
      readonly snapshot: MachineSnapshot
      readonly _transitions: readonly Transition[]
    }
  | {
      readonly type: '@xstate.snapshot'
      readonly actorRef: Live
      readonly event: AnyEventObject
      readonly snapshot: Snapshot
    }
  | { readonly type: '@xstate.action'; readonly actorRef: Live; readonly action: Action }

/** The same, and what a listener is told. */
export type Told = Inspected | { readonly type: 'emitted'; readonly actorRef: Live; readonly event: AnyEventObject }

export const isMachine = (logic: unknown): logic is AnyStateMachine =>
  typeof logic === 'object' && logic !== null && 'root' in logic && 'getStateNodeById' in logic

export const isMachineSnapshot = (given: unknown): given is MachineSnapshot =>
  typeof given === 'object' && given !== null && 'machine' in given && '_nodes' in given

export const isLive = (given: unknown): given is Live =>
  typeof given === 'object' && given !== null && 'sessionId' in given && '_processingStatus' in given
