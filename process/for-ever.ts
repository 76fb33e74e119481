/**
 * Who waits for ever although others go on: an actor that does nothing any more whatever comes, and where it is waits for something.
 *
 * Three wait without being missed: who was said to (`listeners`); who waits where its chart begins for an event of somebody's, when others of its
 * machine went on from there, for it may be asked or not; and whoever is left when the root has come to where it waits for nothing.
 */
import type { AnyStateMachine } from 'xstate'
import type { ForEver as Asked, Finding, Message } from '../explore/system.ts'
import type { Outside } from './describe.ts'
import { isMachineSnapshot, type Live, type Snapshot } from './inside.ts'
import type { Process, Taken } from './process.ts'
import { notStarted, type State } from './state.ts'
import { awaitedBy, childOf, isWhereItBegan, listening, waitingTitle, type Listens } from './stuck.ts'

export interface Waiting {
  /** What it waits for, if that is of interest. */
  readonly waits: readonly string[]
  /** Its child of that id is alive. */
  readonly hasChild: (id: string) => boolean
  /** Machines of which somebody went on from where they begin. */
  readonly begun: ReadonlySet<AnyStateMachine>
}

/** An actor that does nothing any more. */
export const waitingForEver = (snapshot: Snapshot, name: string, waiting: Waiting): readonly Finding[] => {
  const { waits, begun } = waiting
  if (waits.length === 0 || !isMachineSnapshot(snapshot)) return []
  const isAtRest = isWhereItBegan(snapshot) && begun.has(snapshot.machine)
  if (isAtRest && !waits.some((type) => isAnswer(type, waiting))) return []
  return [{ kind: 'deadlock', title: waitingTitle(name, snapshot, waits), fatal: false }]
}

const isAnswer = (type: string, { hasChild }: Waiting): boolean => {
  const id = /^xstate\.(done|error)\./.test(type) ? childOf(type) : undefined
  return id !== undefined && (id.includes('*') || hasChild(id))
}

/** Somewhere else than where it began, it waits for nothing. */
export const isAtItsEnd = (snapshot: Snapshot): boolean =>
  isMachineSnapshot(snapshot) &&
  !isWhereItBegan(snapshot) &&
  snapshot._nodes.every(
    ({ id, transitions, always = [] }) =>
      always.length === 0 && (transitions.size === 0 || id === snapshot.machine.root.id),
  )

/** The same of states that are held, by the names of actors. */
export class ForEver implements Asked<State> {
  readonly #process: Process
  readonly #listens: Listens
  readonly #doing = new WeakMap<State, Map<string, readonly string[]>>()

  constructor(process: Process, outside: Outside) {
    this.#process = process
    this.#listens = listening(outside)
  }

  /** Where nothing can come at all, all is known. */
  atTheStart(): readonly Finding[] {
    const { state, findings } = this.#process.begun
    if (this.#process.offers(state).length > 0) return []
    const isNew = ({ title }: Finding): boolean => !findings.some((each) => each.title === title)
    return this.wrong(state, new Set(this.there(state))).filter(isNew)
  }

  hear(state: State, { from, type }: Message, taken: Taken): void {
    if (state.key === notStarted) return
    const names = this.#process.names(state)
    const doers = new Set(taken.doers().flatMap((each) => names.get(each) ?? []))
    const known = this.#doing.get(state) ?? new Map<string, readonly string[]>()
    this.#doing.set(state, known.set(`${from}\n${type}`, [...doers]))
  }

  there(state: State): readonly string[] {
    if (state.key === notStarted || this.#process.holdsBack(state)) return []
    return [...this.#process.names(state)].flatMap(([actor, name]) => (isWaiting(state, actor) ? [name] : []))
  }

  doing(state: State, message: Message): readonly string[] {
    const known = (): readonly string[] | undefined => this.#doing.get(state)?.get(`${message.from}\n${message.type}`)
    if (!known()) this.hear(state, message, this.#process.take(state, message)!)
    return known() ?? []
  }

  wrong(state: State, idle: ReadonlySet<string>): readonly Finding[] {
    const { root, watch } = this.#process
    const names = this.#process.names(state)
    if (idle.has(names.get(root)!) && isAtItsEnd(root._snapshot)) return []
    return [...names].flatMap(([actor, name]) => {
      const { _snapshot: snapshot } = actor
      if (!idle.has(name) || this.#listens(actor) || !isMachineSnapshot(snapshot)) return []
      const hasChild = (id: string): boolean => {
        const child = snapshot.children[id]
        return child !== undefined && isThere(state, child)
      }
      return waitingForEver(snapshot, name, { waits: awaitedBy(snapshot), hasChild, begun: watch.met.begun })
    })
  }
}

const isThere = (state: State, actor: Live): boolean => state.alive.get(actor.sessionId) === actor

/** A machine that goes on. */
const isWaiting = (state: State, actor: Live): boolean =>
  isThere(state, actor) && isMachineSnapshot(actor._snapshot) && actor._snapshot.status === 'active'
