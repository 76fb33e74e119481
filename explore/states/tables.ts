/**
 * A system turned into numbers. Local states, messages and lane contents become small integers, and each (component, local state,
 * message) is asked once what it does; from then on a step is a few table look-ups.
 *
 * A state is one integer per slot: first the components (which local state), then the lanes (which content), 0 being empty. What a component is
 * offered from outside stands on lanes of their own, one an offer.
 */
import { canonical, deepFreeze, NotPlain } from './canonical.ts'
import { letIn } from '../locks/contexts.ts'
import { Otherwise } from '../several/otherwise.ts'
import { ModelError } from '../errors.ts'
import { Held } from '../runs/held.ts'
import { witnessOf, type Witness } from './kept.ts'
import { Logs } from './logs.ts'
import { Merging } from '../claims/merging.ts'
import { Restart } from '../breadth/restart.ts'
import { insistOnSystem } from '../shapes.ts'
import type { Component, Finding, Memory, Message, Note, Send, System } from '../system.ts'
import { toChooseFrom } from '../../shapes/nearest.ts'

export interface Lane {
  readonly from: string
  readonly to: string
  /** Component index of the sender; -1 for a sender that is no component (`env`). */
  readonly sender: number
  readonly receiver: number
  /** Set on a lane of one offer: the type of its message. */
  readonly offer?: string
}

/** What one component does with one message in one local state. */
export interface Entry {
  /** In the order in which they were asked. */
  readonly number: number
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
  /** It accesses a variable. */
  readonly accesses: boolean
  readonly fatal: boolean
  readonly ignored: boolean
  /** It asks for a lock. */
  readonly asks: boolean
  /** It writes to a log that is kept. */
  readonly writes: boolean
  /** Nothing to be seen in it but the next state: most steps are so, and need not be looked at any further. */
  readonly quiet: boolean
}

/** The most lanes a system may use. One lane is one pair of actors that really talk. */
export const mostLanes = 1024

/**
 * What tables have learned, as plain data. Components are no data: they are asked again, in the same order, and have to answer the same. What is
 * on lanes is numbered by who sends first, and that is kept.
 */
export interface KeptTables {
  /** By entry: component, local state, message, next, and what else it does as a number. */
  readonly asked: Int32Array
  /** By component: local states and messages in words, as a number. */
  readonly words: readonly number[]
  /** By lane. */
  readonly contents: readonly { readonly heads: readonly number[]; readonly rests: readonly number[] }[]
}

/** Numbers of an entry. */
const ofEntry = 5

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

  /** Becomes what it was: each content is that of all but its last message, and that. */
  restore(heads: readonly number[], rests: readonly number[]): void {
    const numbers = new Map([['', 0]])
    for (let content = this.heads.length; content < heads.length; content++) {
      this.heads.push(heads[content]!)
      this.rests.push(rests[content]!)
    }
    for (let content = 1; content < heads.length; content++) {
      const messages = this.all(content)
      numbers.set(messages.join(), content)
      const before = numbers.get(messages.slice(0, -1).join())!
      this.#pushed[content] ??= new Map()
      this.#pushed[before]!.set(messages.at(-1)!, content)
    }
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
  /** What is not taken although it could be, where an order was given; and the slot of what has come of it. */
  readonly held: Held | undefined
  readonly orderSlot: number
  /** The slot of lane 0. */
  readonly laneBase: number

  /** Compares what the components' keys take for one. */
  readonly merging: Merging
  /** What components have written. */
  readonly logs: Logs

  readonly #witnesses: readonly Witness[]
  readonly #indexOf = new Map<string, number>()
  readonly #localKeys: Map<string, number>[]
  readonly #messageKeys: Map<string, number>[]
  readonly #laneNumbers = new Map<string, number>()
  readonly #entries: (Entry | undefined)[][][]
  readonly #initial: Int32Array
  /** By component and local state: slots of what is offered there, and their contents. */
  readonly #offered: (readonly number[])[][]
  #asked = 0
  /** What was asked in a search that is gone on with, until all of it was asked again. */
  #relearned: Int32Array | undefined
  /** By entry, and by component and local state, once they were kept. */
  readonly #does: number[] = []
  readonly #shown: readonly number[][]

  constructor(system: System<any>) {
    insistOnSystem(system)
    this.system = system
    this.components = system.components
    this.watchSlot = this.components.length
    this.held = system.order && new Held(system.order)
    this.orderSlot = this.watchSlot + 1
    this.laneBase = this.held ? this.orderSlot + 1 : this.orderSlot
    for (const [index, { id }] of this.components.entries()) {
      if (this.#indexOf.has(id))
        throw new ModelError(
          'bad-description',
          `Two actors are called "${id}".`,
          [],
          'Give each actor a name of its own.',
        )
      this.#indexOf.set(id, index)
    }
    this.locals = this.components.map(() => [])
    this.messages = this.components.map(() => [])
    this.#witnesses = this.components.map(witnessOf)
    this.merging = new Merging(this.components, this.messages)
    this.logs = new Logs(this.components, this.locals)
    this.#localKeys = this.components.map(() => new Map())
    this.#messageKeys = this.components.map(() => new Map())
    this.#entries = this.components.map(() => [])
    this.#shown = this.components.map(() => [])
    this.#offered = this.components.map(() => [])
    this.#initial = new Int32Array(this.laneBase + mostLanes)
    for (const [index, component] of this.components.entries()) this.#internLocal(index, component.initial)
    for (const component of this.components.keys()) this.#offer(this.#initial, component, none, 0)
    for (const send of system.start) this.#post(this.#initial, send)
    if (this.held) this.#initial[this.orderSlot] = this.held.atStart
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
        `Unknown actor "${id}". Known: ${toChooseFrom(
          this.components.map((each) => each.id),
          id,
        )}.`,
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

  /** What delivering the head of this lane would do was asked before. */
  knows(state: Int32Array, lane: number): boolean {
    const { receiver } = this.lanes[lane]!
    return this.#entries[receiver]![state[receiver]!]![this.head(state, lane)] !== undefined
  }

  entry(component: number, local: number, message: number): Entry {
    const rows = this.#entries[component]!
    return rows[local]![message] ?? this.#ask(component, local, message)
  }

  /** All that was asked so far. */
  *entries(): Generator<Entry> {
    for (const locals of this.#entries)
      for (const messages of locals) for (const entry of messages) if (entry) yield entry
  }

  /** Delivers: changes `state` in place. `changed` gets (slot, old value) pairs, so that the caller can undo. */
  apply(state: Int32Array, lane: number, entry: Entry, changed?: number[]): void {
    this.deliver(state, lane, entry, changed)
    if (!this.held) return
    changed?.push(this.orderSlot, state[this.orderSlot]!)
    state[this.orderSlot] = this.held.take(state[this.orderSlot]!, ...this.inOrder(lane, entry.message))
  }

  /** The same, whatever order there is. */
  deliver(state: Int32Array, lane: number, entry: Entry, changed?: number[]): void {
    const base = this.laneBase
    const slot = base + lane
    if (changed) changed.push(slot, state[slot]!, entry.component, state[entry.component]!)
    state[slot] = this.contents[lane]!.rests[state[slot]!]!
    state[entry.component] = entry.next
    const offered = this.#offered[entry.component]![entry.local]!
    if (entry.next !== entry.local || offered.length > 0)
      this.#offer(state, entry.component, offered, entry.next, changed)
    for (let index = 0; index < entry.lanes.length; index++) {
      const target = entry.lanes[index]!
      const at = base + target
      if (changed) changed.push(at, state[at]!)
      state[at] = this.contents[target]!.push(state[at]!, entry.messages[index]!)
    }
  }

  /** Lanes that can be taken, in canonical order. */
  enabled(state: Int32Array): number[] {
    const choices = this.choices(state)
    return this.held ? choices.filter((lane) => !this.isHeld(state, lane)) : choices
  }

  /** The same in any order: runs are told by these. */
  choices(state: Int32Array): number[] {
    return this.laneOrder.filter((lane) => this.entryOf(state, lane)?.accepted)
  }

  /** The order stands in the way of what is on this lane. */
  isHeld(state: Int32Array, lane: number): boolean {
    return this.held?.isHeld(state[this.orderSlot]!, ...this.inOrder(lane, this.head(state, lane))) ?? false
  }

  /** Of a state in which nothing can be taken: something could be, but for the order. Then a run is not at its end, but cut. */
  isCut(state: Int32Array): boolean {
    if (!this.held) return false
    const choices = this.choices(state)
    for (const lane of choices) this.held.cut(state[this.orderSlot]!, ...this.inOrder(lane, this.head(state, lane)))
    return choices.length > 0
  }

  /** A delivery as orders know it. */
  inOrder(lane: number, message: number): readonly [number: number, lane: Lane, message: number, type: string] {
    return [lane, this.lanes[lane]!, message, this.message(lane, message).type]
  }

  message(lane: number, number: number): Message {
    return this.messages[this.lanes[lane]!.receiver]![number]!
  }

  get kept(): KeptTables {
    const asked = new Int32Array(ofEntry * this.#asked)
    for (const entry of this.entries()) {
      const { number, component, local, message, next } = entry
      asked.set([component, local, message, next, (this.#does[number] ??= doneBy(entry))], ofEntry * number)
    }
    return {
      asked,
      words: this.components.map((subject, index) => {
        const shown = this.#shown[index]!
        for (const local of this.locals[index]!.slice(shown.length)) shown.push(sumOf([textOf(subject.show(local))]))
        return sumOf([...shown.map(String), '', ...this.#messageKeys[index]!.keys()])
      }),
      contents: this.contents.map(({ heads, rests }) => ({ heads, rests })),
    }
  }

  /** Learns the same again; throws Otherwise where it is not the same. All that was asked, in the order in which it was. */
  relearn({ asked, words, contents }: KeptTables): readonly Entry[] {
    const learned: Entry[] = []
    this.#relearned = asked
    const many = asked.length / ofEntry
    for (let at = 0; at < asked.length; at += ofEntry) {
      const [component, local, message, ...does] = asked.subarray(at, at + ofEntry) as Iterable<number> as number[]
      const subject = this.components[component!]
      const heard = this.messages[component!]?.[message!]
      if (!subject || !heard || local! >= this.locals[component!]!.length)
        throw new Otherwise(`step ${learned.length + 1} of ${many} that were looked at is not there`)
      const entry = this.#askAgain(component!, local!, message!)
      if (entry.number !== learned.length || entry.next !== does[0] || doneBy(entry) !== does[1])
        throw new Otherwise(`${subject.id} does something else on ${heard.type} from ${heard.from}`)
      learned.push(entry)
    }
    this.#relearned = undefined
    const now = this.kept.words
    const other = now.findIndex((each, index) => each !== words[index])
    if (other >= 0) throw new Otherwise(`${this.components[other]!.id} has other states, or hears other messages`)
    if (contents.length !== this.contents.length) throw new Otherwise('others talk to each other')
    for (const [lane, { heads, rests }] of contents.entries()) this.contents[lane]!.restore(heads, rests)
    return learned
  }

  /** Whoever is told of it may ask more; where a search began again in the middle of that, he has not. */
  #askAgain(component: number, local: number, message: number): Entry {
    try {
      return this.entry(component, local, message)
    } catch (cause) {
      if (!(cause instanceof Restart)) throw cause
      return this.entry(component, local, message)
    }
  }

  #isOutOfTurn(relearned: Int32Array, ...asked: readonly number[]): boolean {
    const at = ofEntry * this.#asked
    return asked.some((each, index) => relearned[at + index] !== each)
  }

  #ask(component: number, local: number, message: number): Entry {
    const again = this.#relearned
    if (again && this.#isOutOfTurn(again, component, local, message)) throw new Restart()
    const subject = this.components[component]!
    const witness = this.#witnesses[component]!
    const before = this.locals[component]![local]
    const heard = this.messages[component]![message]!
    const accepted = witness.accepts(before, heard)
    const outcome = accepted ? witness.receive(before, heard) : undefined
    const sends = outcome?.sends.map((send) => this.#intern(subject, send)) ?? []
    const asks = outcome?.sends.some((send) => this.#asksForLock(send)) ?? false
    const plain = outcome ? outcome.findings.length === 0 && !outcome.ignored : true
    const entry: Entry = {
      number: this.#asked++,
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
      accesses: outcome?.memory?.some(({ bytes }) => bytes !== undefined) ?? false,
      fatal: outcome?.findings.some((finding) => finding.fatal) ?? false,
      ignored: outcome?.ignored ?? false,
      asks,
      writes: outcome ? this.logs.meet(component, before, outcome.local) : false,
      quiet: plain && !asks,
    }
    this.#entries[component]![local]![message] = entry
    this.onNewEntry?.(entry)
    return entry
  }

  /** Only says whether to look closer: lock-order.ts looks for itself, and so the second half may be left out. */
  #asksForLock({ to, message }: Send): boolean {
    const { lockClass, acquires = [] } = this.components[this.indexOf(to)]!
    return (lockClass !== undefined && acquires.includes(message.type)) || letIn(message).length > 0
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

  /** What a component is offered in a local state. */
  offeredIn(component: number, local: number): readonly (readonly [lane: number, message: number])[] {
    const offered = this.#offered[component]![local]!
    return offered.flatMap((slot, at) => {
      if (at % 2 === 1) return []
      const lane = slot - this.laneBase
      return [[lane, this.contents[lane]!.all(offered[at + 1]!)[0]!] as const]
    })
  }

  /** What a component is offered follows from its local state: what it was offered before gives way to what it is offered now. */
  #offer(state: Int32Array, component: number, before: readonly number[], local: number, changed?: number[]): void {
    const now = this.#offered[component]![local]!
    for (let at = 0; at < before.length; at += 2) {
      changed?.push(before[at]!, state[before[at]!]!)
      state[before[at]!] = 0
    }
    for (let at = 0; at < now.length; at += 2) {
      changed?.push(now[at]!, state[now[at]!]!)
      state[now[at]!] = now[at + 1]!
    }
  }

  #offersIn(component: number, local: unknown): readonly number[] {
    const subject = this.components[component]!
    if (!subject.offers) return none
    return this.#witnesses[component]!.offers(local).flatMap((message) => {
      const lane = this.#laneOf(message.from, subject.id, message.type)
      return [this.laneBase + lane, this.contents[lane]!.push(0, this.#internMessage(component, message))]
    })
  }

  #internLocal(component: number, local: unknown): number {
    const key = this.#witnesses[component]!.key(local)
    const keys = this.#localKeys[component]!
    const known = keys.get(key)
    if (known !== undefined) {
      const kept = this.locals[component]![known]
      if (kept !== local) this.merging.meet(component, kept, local)
      return known
    }
    const made = this.locals[component]!.push(local) - 1
    keys.set(key, made)
    this.#entries[component]!.push([])
    this.#offered[component]!.push(this.#offersIn(component, local))
    return made
  }

  #internMessage(receiver: number, message: Message): number {
    const key = keyOfMessage(this.components[receiver]!.id, message)
    const keys = this.#messageKeys[receiver]!
    const known = keys.get(key)
    if (known !== undefined) return known
    const made = this.messages[receiver]!.push(deepFreeze(message)) - 1
    keys.set(key, made)
    return made
  }

  #laneOf(from: string, to: string, offer?: string): number {
    const key = offer === undefined ? `${from}\n${to}` : `${from}\n${to}\n${offer}`
    const known = this.#laneNumbers.get(key)
    if (known !== undefined) return known
    if (this.lanes.length === mostLanes) throw tooManyLanes(from, to)
    const number = this.lanes.length
    const lane: Lane = {
      from,
      to,
      sender: this.#indexOf.get(from) ?? -1,
      receiver: this.#indexOf.get(to)!,
      ...(offer !== undefined && { offer }),
    }
    this.lanes.push(lane)
    this.contents.push(new LaneContents())
    this.#laneNumbers.set(key, number)
    this.laneOrder = [...this.laneOrder, number].sort((a, b) => compareLanes(this.lanes[a]!, this.lanes[b]!))
    return number
  }
}

/** Tables only learn: whoever just follows single runs of a system can share them, which saves time and nothing else. A search has its own, which tell it what is new. */
export function tablesOf(system: System<any>): Tables {
  const tables = shared.get(system) ?? new Tables(system)
  shared.set(system, tables)
  return tables
}

const shared = new WeakMap<System<any>, Tables>()

/** Keys may have numbers in them that are others in another process; what is shown has none. */
function textOf(shown: unknown): string {
  try {
    return canonical(shown)
  } catch (cause) {
    if (cause instanceof NotPlain) return ''
    throw cause
  }
}

/** What an entry does besides, as a number. */
const doneBy = ({ accepted, lanes, messages, findings, notes, memory, ignored }: Entry): number =>
  sumOf([JSON.stringify([accepted, lanes, messages, findings.length, notes.length, memory.length, ignored])])

/** Of texts: others have another one, but for one in four thousand million. */
function sumOf(texts: readonly string[]): number {
  let sum = 0x811c9dc5
  for (const text of texts) {
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
    sum = Math.imul(sum ^ text.length, 0x85ebca6b)
  }
  return sum | 0
}

const compareLanes = (a: Lane, b: Lane): number =>
  a.sender - b.sender || a.receiver - b.receiver || inOrder(a.from, b.from) || inOrder(a.offer ?? '', b.offer ?? '')

const inOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const none: readonly number[] = []

function keyOfMessage(to: string, message: Message): string {
  try {
    return canonical(message)
  } catch (cause) {
    if (!(cause instanceof NotPlain)) throw cause
    throw new ModelError(
      'not-json-like',
      `${message.from} sends ${to} a ${message.type} that cannot be compared with others.`,
      [['because', cause.message]],
    )
  }
}

const tooManyLanes = (from: string, to: string): ModelError =>
  new ModelError(
    'too-large',
    `More than ${mostLanes} pairs of actors talk to each other.`,
    [['one more', `${from} → ${to}`]],
    'Every interleaving of so many is out of reach: describe a smaller world with the same race in it.',
  )

function unknownReceiver(from: string, to: string, message: Message, known: readonly string[]): ModelError {
  return new ModelError(
    'unknown-receiver',
    `${from} sends ${message.type} to "${to}", and nobody has that name.`,
    [['known', toChooseFrom(known, to)]],
    'Give it a neighbour that exists, or add the actor to the system.',
  )
}
