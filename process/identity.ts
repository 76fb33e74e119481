/**
 * One text for one state of a process: everything that can influence what happens next, and nothing else. Actors are numbered from the root on, in
 * the order in which they are met, so that it does not matter in how many others the search has met them before.
 */
import { atom } from '../explore/states/canonical.ts'
import { ModelError } from '../explore/errors.ts'
import type { Logic } from './inside.ts'
import { isLive, isMachineSnapshot, type Live, type MachineSnapshot, type Snapshot } from './inside.ts'
import { ownName, srcOf, withoutNumbers } from './names.ts'
import type { Flight } from './network.ts'
import type { Timer } from './timers.ts'

/** What a process is besides its actors' own states. */
export interface Surroundings {
  readonly root: Live
  /** Alive, in the order in which they were started. */
  readonly alive: Iterable<Live>
  readonly keyed: ReadonlyMap<string, Live>
  readonly timers: readonly Timer[]
  readonly byKey: ReadonlyMap<string, Timer>
  /** What is on its way, by lane. */
  readonly lanes: readonly (readonly Flight[])[]
  /** How often an actor has answered, where that is counted. */
  readonly given: (actor: Live) => number
  /** Whatever else the search remembers, as text. */
  readonly rest: string
  readonly label?: Label
}

/** What an actor is called where another (if it is one) is told to know of it; by itself, its number. */
export type Label = (actor: Live, by: Live | undefined) => number

export interface Identity {
  readonly key: string
  /** Every actor that the state knows of, the root first. */
  readonly actors: readonly Live[]
  /** Of each of them, of timers and of names in the system. */
  readonly texts: readonly string[]
  readonly armed: string
  readonly named: string
  /** Lane by lane. */
  readonly flying: readonly string[]
}

/** Throws a ModelError that names the actor, its state and the path of what cannot be told from anything else. */
export const identityOf = (around: Surroundings): Identity => new Encoder(around).whole(around)

const machines = new WeakMap<object, number>()
let machinesMet = 0

/** Logic without a name is the same if it reads the same: it may be made anew each time it is spawned. */
const logicKey = (logic: Logic): string => {
  if (typeof logic.config === 'function') return String(logic.config)
  const known = machines.get(logic) ?? machinesMet++
  machines.set(logic, known)
  return String(known)
}

class Encoder {
  readonly #numbers = new Map<Live, number>()
  readonly #actors: Live[] = []
  /** Where it is: for whoever has to be told of something that does not fit. */
  #at: Live | undefined
  #path: string[] = []
  readonly #label: Label | undefined

  constructor({ label }: Surroundings) {
    this.#label = label
  }

  whole({ root, alive, keyed, timers, byKey, lanes, given, rest }: Surroundings): Identity {
    const texts: string[] = []
    this.#number(root)
    const drain = (): void => {
      for (let at = texts.length; at < this.#actors.length; at++) texts.push(this.#actor(this.#actors[at]!, given))
    }
    drain()
    for (const actor of alive) {
      this.#number(actor)
      drain()
    }
    // From here on nobody is told to know of the other.
    this.#at = undefined
    const ordered = timers.map((timer) => {
      const { key, source, target, event, left } = timer
      // Of several under one name only the last can be cancelled.
      const isKnown = byKey.get(key) === timer
      const name = key.slice(source.sessionId.length)
      return `${this.#name(source)}>${this.#name(target)}${name}${isKnown ? '' : '!'} ${left} ${this.#value(event)}`
    })
    const armed = ordered.join(';')
    const named = [...keyed].map(([id, actor]) => `${JSON.stringify(id)}:${this.#name(actor)}`).join(';')
    const flying = lanes.map((lane) => this.#lane(lane))
    drain()
    const key = [...texts, armed, named, ...flying.toSorted(), rest].join('\n')
    return { key, actors: this.#actors, texts, armed, named, flying }
  }

  #lane(lane: readonly Flight[]): string {
    const [{ source, target }] = lane as readonly [Flight]
    return `${this.#name(source)}>>${this.#name(target)} ${lane.map(({ event }) => withoutNumbers(this.#value(event))).join(' ')}`
  }

  #name(actor: Live): number {
    const number = this.#number(actor)
    return this.#label ? this.#label(actor, this.#at) : number
  }

  #number(actor: Live): number {
    const known = this.#numbers.get(actor)
    if (known !== undefined) return known
    const made = this.#actors.push(actor) - 1
    this.#numbers.set(actor, made)
    return made
  }

  #actor(actor: Live, given: (actor: Live) => number): string {
    const { _parent: parent, _processingStatus: status, id, sessionId, options, mailbox } = actor
    this.#at = actor
    this.#path = []
    const queued = mailbox._current === null ? '' : this.#queue(mailbox._current)
    return [
      id === sessionId ? '~' : JSON.stringify(id),
      parent ? this.#name(parent) : '',
      status,
      srcOf(actor) === id ? '' : JSON.stringify(srcOf(actor)),
      logicKey(actor.logic),
      options.syncSnapshot ? 's' : '',
      given(actor),
      queued,
      this.#snapshot(actor._snapshot),
    ].join(' ')
  }

  /** Only an actor that was never started keeps what it was sent. */
  #queue(first: unknown): string {
    const events: string[] = []
    for (let at = first as { value: unknown; next: unknown } | null; at; at = at.next as typeof at)
      events.push(this.#value(at.value))
    return events.join()
  }

  #snapshot(snapshot: Snapshot): string {
    if (isMachineSnapshot(snapshot)) return this.#machine(snapshot)
    const { status, output, error, context, input } = snapshot
    return `${status} ${this.#in('output', output)} ${this.#in('error', error)} ${this.#in('context', context)} ${this.#in('input', input)}`
  }

  #machine({ status, output, error, context, _nodes, historyValue, children }: MachineSnapshot): string {
    const nodes = _nodes.map(({ order }) => order).join()
    const history = Object.keys(historyValue)
      .sort()
      .map((name) => `${name}:${historyValue[name]!.map(({ id }) => id).join()}`)
    const known = Object.entries(children).flatMap(([name, child]) =>
      child === undefined ? [] : [`${name === child.sessionId ? '~' : JSON.stringify(name)}:${this.#name(child)}`],
    )
    return `${status} ${nodes} [${history.join()}] {${known.join()}} ${this.#in('output', output)} ${this.#in('error', error)} ${this.#in('context', context)}`
  }

  #in(name: string, value: unknown): string {
    this.#path = [name]
    return this.#value(value)
  }

  #value(value: unknown): string {
    const text = atom(value)
    if (text !== undefined) return text
    if (typeof value === 'object') return this.#object(value!)
    throw this.#unfit(
      `a ${typeof value} that cannot be told from any other`,
      'Keep data in it, and functions beside the machine.',
    )
  }

  #object(value: object): string {
    if (isLive(value)) return `@${this.#name(value)}`
    if (isMachineSnapshot(value)) return `snapshot(${this.#machine(value)})`
    if (Array.isArray(value)) return `[${value.map((each, at) => this.#under(String(at), each)).join()}]`
    if (value instanceof Date) return `Date(${value.getTime()})`
    if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`
    if (value instanceof Set) return `Set(${[...value].map((each, at) => this.#under(String(at), each)).join()})`
    if (value instanceof Map)
      return `Map(${[...value].map(([name, each]) => `${this.#under('a key', name)}=>${this.#under(String(name), each)}`).join()})`
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null)
      throw this.#unfit(
        `a ${value.constructor?.name ?? 'class instance'} that cannot be told from any other`,
        'Keep plain data in it: what a class hides cannot be compared.',
      )
    // The order of fields can be seen (Object.keys), and is part of what it is.
    return `{${Object.entries(value)
      .map(([name, field]) => `${JSON.stringify(name)}:${this.#under(name, field)}`)
      .join()}}`
  }

  #under(name: string, value: unknown): string {
    if (this.#path.length > deepest)
      throw this.#unfit(
        `what contains itself, or is nested more than ${deepest} deep`,
        'Refer to what contains it by a name, not by itself.',
      )
    this.#path.push(name)
    const text = this.#value(value)
    this.#path.pop()
    return text
  }

  #unfit(what: string, hint: string): ModelError {
    const actor = this.#at
    const snapshot = actor?._snapshot
    const isSomewhere = isMachineSnapshot(snapshot) && JSON.stringify(snapshot.value) !== '{}'
    const state = isSomewhere ? ` in state ${JSON.stringify(snapshot.value)}` : ''
    const path = this.#path.length > deepest ? `${this.#path.slice(0, 4).join('.')}…` : this.#path.join('.')
    return new ModelError(
      'not-json-like',
      `${actor ? ownName(actor) : 'An event'}${state} has ${what}.`,
      [['path', path || 'the event of a timer']],
      hint,
    )
  }
}

const deepest = 100
