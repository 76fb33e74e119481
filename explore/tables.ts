/**
 * A system turned into numbers. Local states, messages and lane contents become small integers, and each (component, local state,
 * message) is asked once what it does; from then on a step is a few table look-ups.
 *
 * A state is one integer per slot: first the components (which local state), then the lanes (which content), 0 being empty.
 */
import { canonical, deepFreeze, firstDifference } from './canonical.ts'
import { ModelError } from './errors.ts'
import type { Component, Finding, Memory, Message, Note, Outcome, Send, System } from './system.ts'

export interface Lane {
  readonly from: string
  readonly to: string
  /** Component index of the sender; -1 for a sender that is no component (`env`). */
  readonly sender: number
  readonly receiver: number
}

/** What one component does with one message in one local state. */
export interface Entry {
  readonly accepted: boolean
  readonly component: number
  readonly local: number
  readonly message: number
  readonly next: number
  /** Lanes and messages sent, in order. */
  readonly lanes: readonly number[]
  readonly messages: readonly number[]
  readonly findings: readonly Finding[]
  readonly notes: readonly Note[]
  readonly memory: readonly Memory[]
  readonly fatal: boolean
  readonly ignored: boolean
  /** It asks for a lock. */
  readonly asks: boolean
  /** Nothing to be seen in it but the next state: most steps are so, and need not be looked at any further. */
  readonly quiet: boolean
}

/** The most lanes a system may use. One lane is one pair of actors that really talk. */
const mostLanes = 1024

class LaneContents {
  /** Head message and the content that remains, by content number; number 0 is the empty lane. */
  readonly heads: number[] = [-1]
  readonly rests: number[] = [0]
  readonly #pushed: Map<number, number>[] = [new Map()]

  push(content: number, message: number): number {
    const known = this.#pushed[content]!.get(message)
    if (known !== undefined) return known
    const rest = content === 0 ? 0 : this.push(this.rests[content]!, message)
    const made = this.heads.length
    this.heads.push(content === 0 ? message : this.heads[content]!)
    this.rests.push(rest)
    this.#pushed.push(new Map())
    this.#pushed[content]!.set(message, made)
    return made
  }

  all(content: number): number[] {
    const messages: number[] = []
    for (let at = content; at !== 0; at = this.rests[at]!) messages.push(this.heads[at]!)
    return messages
  }
}

export class Tables {
  readonly system: System<any>
  readonly components: readonly Component[]
  readonly lanes: Lane[] = []
  /** Lane numbers in canonical order: by sender, then by receiver. */
  laneOrder: number[] = []
  readonly contents: LaneContents[] = []
  readonly locals: unknown[][]
  readonly messages: Message[][]
  /** Called whenever a component is asked something new. */
  onNewEntry: ((entry: Entry) => void) | undefined

  /** A slot between components and lanes, for what a search wants to remember along its runs. */
  readonly watchSlot: number
  /** The slot of lane 0. */
  readonly laneBase: number

  readonly #indexOf = new Map<string, number>()
  readonly #localKeys: Map<string, number>[]
  readonly #messageKeys: Map<string, number>[]
  readonly #laneNumbers = new Map<string, number>()
  readonly #entries: (Entry | undefined)[][][]
  readonly #initial: Int32Array

  constructor(system: System<any>) {
    this.system = system
    this.components = system.components
    this.watchSlot = this.components.length
    this.laneBase = this.watchSlot + 1
    for (const [index, { id }] of this.components.entries()) {
      if (this.#indexOf.has(id)) throw new ModelError('unknown-actor', `Two actors are called "${id}".`)
      this.#indexOf.set(id, index)
    }
    this.locals = this.components.map(() => [])
    this.messages = this.components.map(() => [])
    this.#localKeys = this.components.map(() => new Map())
    this.#messageKeys = this.components.map(() => new Map())
    this.#entries = this.components.map(() => [])
    this.#initial = new Int32Array(this.laneBase + mostLanes)
    for (const [index, component] of this.components.entries()) this.#internLocal(index, component.initial)
    for (const send of system.start) this.#post(this.#initial, send)
  }

  /** Slots in use: components and lanes. Grows while new pairs of actors talk for the first time. */
  get slots(): number {
    return this.laneBase + this.lanes.length
  }

  /** A fresh copy of the state at the start. */
  initial(): Int32Array {
    return this.#initial.slice()
  }

  indexOf(id: string): number {
    const index = this.#indexOf.get(id)
    if (index === undefined) {
      throw new ModelError(
        'unknown-actor',
        `Unknown actor "${id}". Known: ${this.components.map((each) => each.id).join(', ')}.`,
      )
    }
    return index
  }

  /** Message at the head of a lane in a state; -1 when the lane is empty. */
  head(state: Int32Array, lane: number): number {
    return this.contents[lane]!.heads[state[this.laneBase + lane]!]!
  }

  /** What delivering the head of this lane would do; undefined when the lane is empty. */
  entryOf(state: Int32Array, lane: number): Entry | undefined {
    const content = state[this.laneBase + lane]!
    if (content === 0) return undefined
    const receiver = this.lanes[lane]!.receiver
    return this.entry(receiver, state[receiver]!, this.contents[lane]!.heads[content]!)
  }

  entry(component: number, local: number, message: number): Entry {
    const rows = this.#entries[component]!
    return rows[local]![message] ?? this.#ask(component, local, message)
  }

  /** Delivers: changes `state` in place. `changed` gets (slot, old value) pairs, so that the caller can undo. */
  apply(state: Int32Array, lane: number, entry: Entry, changed?: number[]): void {
    const base = this.laneBase
    const slot = base + lane
    if (changed) changed.push(slot, state[slot]!, entry.component, state[entry.component]!)
    state[slot] = this.contents[lane]!.rests[state[slot]!]!
    state[entry.component] = entry.next
    for (let index = 0; index < entry.lanes.length; index++) {
      const target = entry.lanes[index]!
      const at = base + target
      if (changed) changed.push(at, state[at]!)
      state[at] = this.contents[target]!.push(state[at]!, entry.messages[index]!)
    }
  }

  /** Lanes that can be taken, in canonical order. */
  enabled(state: Int32Array): number[] {
    return this.laneOrder.filter((lane) => this.entryOf(state, lane)?.accepted)
  }

  message(lane: number, number: number): Message {
    return this.messages[this.lanes[lane]!.receiver]![number]!
  }

  #ask(component: number, local: number, message: number): Entry {
    const subject = this.components[component]!
    const before = this.locals[component]![local]
    const heard = this.messages[component]![message]!
    const accepted = subject.accepts(before, heard)
    const outcome = accepted ? this.#receiveTwice(subject, before, heard) : undefined
    const sends = outcome?.sends.map((send) => this.#intern(subject, send)) ?? []
    const asks = outcome?.sends.some((send) => this.#asksForLock(send)) ?? false
    const plain = outcome ? outcome.findings.length === 0 && !outcome.ignored : true
    const entry: Entry = {
      accepted,
      component,
      local,
      message,
      next: outcome ? this.#internLocal(component, outcome.local) : local,
      lanes: sends.map(([lane]) => lane),
      messages: sends.map(([, number]) => number),
      findings: outcome?.findings ?? [],
      notes: outcome?.notes ?? [],
      memory: outcome?.memory ?? [],
      fatal: outcome?.findings.some((finding) => finding.fatal) ?? false,
      ignored: outcome?.ignored ?? false,
      asks,
      quiet: plain && !asks,
    }
    this.#entries[component]![local]![message] = entry
    this.onNewEntry?.(entry)
    return entry
  }

  #asksForLock({ to, message }: Send): boolean {
    const { lockClass, acquires = [] } = this.components[this.indexOf(to)]!
    return lockClass !== undefined && acquires.includes(message.type)
  }

  /** Determinism is distrusted: everything is asked twice, and must answer the same. */
  #receiveTwice(subject: Component, local: unknown, message: Message): Outcome {
    const outcome = subject.receive(local, message)
    const again = subject.receive(local, message)
    const same =
      subject.key(outcome.local) === subject.key(again.local) && canonical(said(outcome)) === canonical(said(again))
    if (!same) {
      const difference =
        firstDifference(subject.show(outcome.local), subject.show(again.local)) ??
        firstDifference(said(outcome), said(again))
      throw nondeterministic(subject.id, message, difference ?? 'its local state')
    }
    subject.confirm?.(local, message)
    return outcome
  }

  #intern(sender: Component, { to, message }: Send): readonly [number, number] {
    if (!this.#indexOf.has(to)) throw unknownReceiver(sender.id, to, message, [...this.#indexOf.keys()])
    const lane = this.#laneOf(message.from, to)
    return [lane, this.#internMessage(this.lanes[lane]!.receiver, message)]
  }

  #post(state: Int32Array, { to, message }: Send): void {
    if (!this.#indexOf.has(to)) throw unknownReceiver(message.from, to, message, [...this.#indexOf.keys()])
    const lane = this.#laneOf(message.from, to)
    const slot = this.laneBase + lane
    state[slot] = this.contents[lane]!.push(state[slot]!, this.#internMessage(this.lanes[lane]!.receiver, message))
  }

  #internLocal(component: number, local: unknown): number {
    const key = this.components[component]!.key(local)
    const keys = this.#localKeys[component]!
    const known = keys.get(key)
    if (known !== undefined) return known
    const made = this.locals[component]!.push(local) - 1
    keys.set(key, made)
    this.#entries[component]!.push([])
    return made
  }

  #internMessage(receiver: number, message: Message): number {
    const key = canonical(message)
    const keys = this.#messageKeys[receiver]!
    const known = keys.get(key)
    if (known !== undefined) return known
    const made = this.messages[receiver]!.push(deepFreeze(message)) - 1
    keys.set(key, made)
    return made
  }

  #laneOf(from: string, to: string): number {
    const key = `${from}\n${to}`
    const known = this.#laneNumbers.get(key)
    if (known !== undefined) return known
    if (this.lanes.length === mostLanes)
      throw new RangeError(`more than ${mostLanes} pairs of actors talk to each other`)
    const number = this.lanes.length
    const lane: Lane = {
      from,
      to,
      sender: this.#indexOf.get(from) ?? -1,
      receiver: this.#indexOf.get(to)!,
    }
    this.lanes.push(lane)
    this.contents.push(new LaneContents())
    this.#laneNumbers.set(key, number)
    this.laneOrder = [...this.laneOrder, number].sort((a, b) => compareLanes(this.lanes[a]!, this.lanes[b]!))
    return number
  }
}

/** Tables only learn: whoever just follows single runs of a system can share them. A search has its own, which tell it what is new. */
export function tablesOf(system: System<any>): Tables {
  const tables = shared.get(system) ?? new Tables(system)
  shared.set(system, tables)
  return tables
}

const shared = new WeakMap<System<any>, Tables>()

const compareLanes = (a: Lane, b: Lane): number =>
  a.sender - b.sender || a.receiver - b.receiver || (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)

const said = ({ sends, findings, notes, memory = [], ignored }: Outcome) => ({
  sends,
  findings,
  notes,
  memory,
  ignored,
})

export function nondeterministic(actor: string, message: Message, difference: string): ModelError {
  return new ModelError(
    'nondeterministic',
    'The model is not deterministic: the same step from the same state gave two results.',
    [
      ['step', `${message.from} → ${actor} ${message.type}`],
      ['differs', `${actor}.${difference}`],
    ],
    'Usual causes: Math.random, Date.now, iteration over a Set built elsewhere, state kept outside context.',
  )
}

function unknownReceiver(from: string, to: string, message: Message, known: readonly string[]): ModelError {
  return new ModelError(
    'unknown-receiver',
    `${from} sends ${message.type} to "${to}", and nobody has that name.`,
    [['known', known.join(', ')]],
    'Give it a neighbour that exists, or add the actor to the system.',
  )
}
