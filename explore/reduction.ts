/**
 * Which deliveries need no alternatives.
 *
 * Actors cost messages that shared memory does not. A delivery is taken alone, without trying the others first, when it commutes with
 * everything that can still reach its receiver before it, and changes nothing that a property looks at. Deliveries to different
 * receivers always commute, so only other messages to the same receiver matter:
 *
 *   1. the receiver is a task or call: its thread has one message in flight, and this is it;
 *   2. every message the receiver ever gets commutes with every other (readers of a lock nobody writes, a list nobody changes);
 *   3. the receiver is a lock the sender's thread holds for itself: everything else is deferred (not if others may try it);
 *   4. the receiver's data is guarded by a lock which the sender's thread holds, and the message only reads it (or the lock is
 *      exclusive and nothing is ever read without it).
 *
 * These are persistent sets of one element; together with the rule about properties and the end of each chain of such deliveries being
 * expanded in full, they preserve findings, deadlocks, final states and stutter-invariant properties (Godefroid; Clarke, Grumberg, Peled).
 *
 * The facts are claims of the components. Each is checked on every new local transition and every delivery that is enabled: a false
 * claim throws `Restart`, and the search begins again with less reduction. Claim 2 is not made by anybody: it is assumed until seen false.
 */
import { canonical } from './canonical.ts'
import type { Component, Message, Outcome } from './system.ts'
import type { Entry, Lane, Tables } from './tables.ts'

/** Thrown to begin the search again, with more care. */
export class Restart extends Error {
  readonly because: { readonly notCommuting: number } | { readonly visible: number } | { readonly broken: string }
  constructor(because: Restart['because']) {
    super('restart')
    this.because = because
  }
}

/** A delivery that might be taken alone, for rules of one's own (the tests try an unsound one). */
export interface Candidate {
  readonly component: Component
  readonly local: unknown
  readonly message: Message
  readonly thread: string | undefined
  /** It changes the receiver's local state. */
  readonly changes: boolean
}
export type AloneRule = (candidate: Candidate) => boolean

const nobody = -1

export class Reduction {
  readonly #tables: Tables
  readonly #visible: ReadonlySet<number>
  /** Objects of which two messages were seen not to commute. */
  readonly #notCommuting = new Set<number>()
  /** Objects to which something was delivered alone because everything seen there commuted. */
  readonly #trusted = new Set<number>()
  readonly #rule: AloneRule | undefined
  /** Component → number of its thread; -1 for objects. */
  readonly #thread: number[]
  readonly #guard: number[]
  /** Locks and what they guard: a delivery to anything else needs no check. */
  readonly #claims: readonly boolean[]
  readonly #holders: (readonly number[] | undefined)[][] = []
  readonly #exclusive: boolean[][] = []
  readonly #commuting: Commuting

  constructor(tables: Tables, visible: ReadonlySet<number>, rule?: AloneRule) {
    this.#tables = tables
    this.#visible = visible
    this.#rule = rule
    const threads = [...new Set(tables.components.flatMap(({ thread }) => thread ?? []))]
    this.#thread = tables.components.map(({ thread }) => (thread === undefined ? nobody : threads.indexOf(thread)))
    this.#guard = tables.components.map(({ guardedBy }) =>
      guardedBy === undefined ? nobody : tables.indexOf(guardedBy),
    )
    this.#claims = tables.components.map((each) => !rule && ('holders' in each || each.guardedBy !== undefined))
    this.#holders = tables.components.map(() => [])
    this.#exclusive = tables.components.map(() => [])
    this.#commuting = new Commuting(tables, this.#thread)
    this.#checkStart()
  }

  /** Every new local transition comes by here. */
  meet(entry: Entry): void {
    if (this.#rule) return
    this.#checkToken(entry)
    const { component } = entry
    if (this.#thread[component] !== nobody || this.#notCommuting.has(component)) return
    if (this.#commuting.stillCommutes(entry)) return
    this.#notCommuting.add(component)
    if (this.#trusted.has(component)) throw new Restart({ notCommuting: component })
  }

  /** Every delivery that could be taken comes by here: the claims about locks must hold. */
  check(state: Int32Array, lane: Lane, entry: Entry): void {
    const { component } = entry
    if (!this.#claims[component]) return
    const subject = this.#tables.components[component]!
    const sender = this.#threadOfSender(lane)
    if (subject.holders) {
      this.#askLock(component, entry.local)
      const holders = this.#holders[component]![entry.local]!
      const isAttempt = subject.tried === true && entry.next === entry.local
      if (this.#exclusive[component]![entry.local] && holders.length > 0 && holders[0] !== sender && !isAttempt) {
        throw broken(`${subject.id} took ${this.#messageOf(entry).type} from ${lane.from}, which does not hold it`)
      }
    }
    const guard = this.#guard[component]!
    if (guard === nobody) return
    const changes = entry.next !== entry.local
    const held = this.#holds(guard, state[guard]!, sender)
    const message = this.#messageOf(entry)
    const lockName = this.#tables.components[guard]!.id
    if (held === 'no' && (changes || !subject.unguarded?.includes(message.type))) {
      throw broken(`${lane.from} reached ${subject.id} (${message.type}) without ${lockName}`)
    }
    if (held === 'shared' && changes)
      throw broken(`${lane.from} changed ${subject.id} (${message.type}) with ${lockName} held for read`)
  }

  /** May this delivery be taken without trying any other first? */
  alone(state: Int32Array, lane: Lane, entry: Entry): boolean {
    const { component } = entry
    if (entry.fatal) return false
    const changes = entry.next !== entry.local
    if (this.#rule) return this.#rule(this.#candidate(lane, entry, changes))
    if (changes && this.#visible.has(component)) return false
    if (this.#thread[component] !== nobody) return true
    if (!this.#notCommuting.has(component)) {
      this.#trusted.add(component)
      return true
    }
    const sender = this.#threadOfSender(lane)
    if (sender === nobody) return false
    const subject = this.#tables.components[component]!
    const defersOthers = subject.holders !== undefined && subject.tried === undefined
    if (defersOthers && this.#holds(component, entry.local, sender) === 'exclusive') return true
    const guard = this.#guard[component]!
    if (guard === nobody) return false
    const held = this.#holds(guard, state[guard]!, sender)
    if (held === 'no') return false
    return !changes || (held === 'exclusive' && !subject.unguarded?.length)
  }

  #holds(lock: number, local: number, thread: number): 'no' | 'shared' | 'exclusive' {
    this.#askLock(lock, local)
    if (!this.#holders[lock]![local]!.includes(thread)) return 'no'
    return this.#exclusive[lock]![local] ? 'exclusive' : 'shared'
  }

  #askLock(lock: number, local: number): void {
    if (this.#holders[lock]![local]) return
    const { threads, exclusive } = this.#tables.components[lock]!.holders?.(this.#tables.locals[lock]![local]) ?? {
      threads: [],
      exclusive: false,
    }
    this.#holders[lock]![local] = threads.map((name) => this.#numberOf(name))
    this.#exclusive[lock]![local] = exclusive
  }

  #numberOf(thread: string): number {
    const member = this.#tables.components.findIndex((each) => each.thread === thread)
    return member < 0 ? nobody - 1 : this.#thread[member]!
  }

  #threadOfSender(lane: Lane): number {
    return lane.sender < 0 ? nobody : this.#thread[lane.sender]!
  }

  #messageOf(entry: Entry): Message {
    return this.#tables.messages[entry.component]![entry.message]!
  }

  #candidate(lane: Lane, entry: Entry, changes: boolean): Candidate {
    const component = this.#tables.components[entry.component]!
    const thread = lane.sender < 0 ? undefined : this.#tables.components[lane.sender]!.thread
    return {
      component,
      local: this.#tables.locals[entry.component]![entry.local],
      message: this.#messageOf(entry),
      thread,
      changes,
    }
  }

  /** A thread has one message in flight: its steps send at most one, and objects only answer. */
  #checkToken(entry: Entry): void {
    if (!entry.accepted) return
    const { components, lanes, system } = this.#tables
    const subject = components[entry.component]!
    const from = this.#messageOf(entry).from
    const targets = entry.lanes.map((lane) => lanes[lane]!.receiver)
    const thread = this.#thread[entry.component]!
    if (thread !== nobody) {
      const strangers = targets.filter((target) => this.#thread[target] !== nobody && this.#thread[target] !== thread)
      if (targets.length > 1 || strangers.length > 0) {
        throw broken(
          `${subject.id} sends ${targets.map((target) => components[target]!.id).join(' and ')} messages in one step`,
        )
      }
      const sender = components.find((each) => each.id === from)
      if (sender?.thread !== undefined && sender.thread !== subject.thread)
        throw broken(`${subject.id} hears ${from}, another thread`)
      if (!sender && !system.start.some((send) => send.message.from === from))
        throw broken(`${subject.id} hears ${from}`)
      return
    }
    const before = subject.owes?.(this.#tables.locals[entry.component]![entry.local]) ?? []
    const after = subject.owes?.(this.#tables.locals[entry.component]![entry.next]) ?? []
    const mayAnswer = new Set([...before, from])
    for (const target of targets.filter((each) => this.#thread[each] !== nobody)) {
      const name = components[target]!.id
      if (!mayAnswer.delete(name)) throw broken(`${subject.id} sends ${name} a message it is not waiting for`)
    }
    if (after.some((name) => !mayAnswer.has(name))) throw broken(`${subject.id} owes an answer it has given`)
  }

  #checkStart(): void {
    const inFlight = new Map<string, number>()
    const { components, system } = this.#tables
    for (const { to, message } of system.start) {
      const thread =
        components.find(({ id }) => id === to)?.thread ?? components.find(({ id }) => id === message.from)?.thread
      if (thread === undefined) continue
      inFlight.set(thread, (inFlight.get(thread) ?? 0) + 1)
      if (inFlight.get(thread)! > 1 && !this.#rule)
        throw broken(`two messages of thread ${thread} are in flight at the start`)
    }
  }
}

const broken = (what: string): Restart => new Restart({ broken: what })

/** More than this and a receiver is taken not to commute, rather than trying every pair. */
const mostLocals = 48
const mostMessages = 24

/** What an object would do with a message. */
interface Asked {
  readonly accepted: boolean
  readonly next: unknown
  readonly key: string
  readonly says: string
  readonly targets: readonly string[]
}

/** Finds out whether all messages an object gets commute, in every local state seen, looking one step past what was reached. */
class Commuting {
  readonly #tables: Tables
  readonly #thread: readonly number[]
  readonly #locals: number[][]
  readonly #messages: number[][]
  readonly #asked = new Map<string, Asked>()

  constructor(tables: Tables, thread: readonly number[]) {
    this.#tables = tables
    this.#thread = thread
    this.#locals = tables.components.map(() => [])
    this.#messages = tables.components.map(() => [])
  }

  stillCommutes({ component, local, message }: Entry): boolean {
    const locals = this.#locals[component]!
    const messages = this.#messages[component]!
    const newLocal = !locals.includes(local)
    const newMessage = !messages.includes(message)
    if (newLocal) locals.push(local)
    if (newMessage) messages.push(message)
    if (locals.length > mostLocals || messages.length > mostMessages) return false
    const pairsCommute = (at: number, one: number) =>
      messages.every((other) => this.#pairCommutes(component, at, one, other))
    if (newMessage && !locals.every((at) => pairsCommute(at, message))) return false
    return !newLocal || messages.every((one) => pairsCommute(local, one))
  }

  #pairCommutes(component: number, local: number, one: number, other: number): boolean {
    if (!this.#concurrent(component, one, other)) return true
    const at = this.#tables.locals[component]![local]
    const a = this.#ask(component, at, one)
    const b = this.#ask(component, at, other)
    if (!a.accepted || !b.accepted) return false
    // Both speak to the same receiver: there the order would show.
    if (a.targets.some((target) => b.targets.includes(target))) return false
    const ab = this.#ask(component, a.next, other)
    const ba = this.#ask(component, b.next, one)
    return ab.accepted && ba.accepted && ab.key === ba.key && a.says === ba.says && b.says === ab.says
  }

  /** Messages of one lane keep their order, and a thread has only one in flight. */
  #concurrent(component: number, one: number, other: number): boolean {
    const [a, b] = [this.#senderOf(component, one), this.#senderOf(component, other)]
    if (a.id === b.id) return false
    return a.thread === nobody || a.thread !== b.thread
  }

  #senderOf(component: number, message: number): { id: string; thread: number } {
    const id = this.#tables.messages[component]![message]!.from
    const index = this.#tables.components.findIndex((each) => each.id === id)
    return { id, thread: index < 0 ? nobody : this.#thread[index]! }
  }

  #ask(component: number, local: unknown, message: number) {
    const subject = this.#tables.components[component]!
    const heard = this.#tables.messages[component]![message]!
    const question = `${component} ${message} ${subject.key(local)}`
    const known = this.#asked.get(question)
    if (known) return known
    const outcome = answerOf(subject, local, heard)
    const accepted = outcome !== undefined
    const next = outcome ? outcome.local : local
    const says = outcome
      ? canonical([outcome.sends, outcome.findings, outcome.notes, livesIn(outcome), outcome.ignored])
      : ''
    const targets = outcome?.sends.map(({ to }) => to) ?? []
    const answer = { accepted, next, key: subject.key(next), says, targets }
    this.#asked.set(question, answer)
    return answer
  }
}

/** Where lives begin and end. Uses and counts may come in any order: what would be wrong with them is among the findings. */
const livesIn = ({ memory = [] }: Outcome) => memory.filter(({ act }) => act === 'alloc' || act === 'free')

/** What is asked here may never happen: an object that cannot answer does not commute, and nothing is wrong with it. */
const answerOf = (subject: Component, local: unknown, message: Message): Outcome | undefined => {
  try {
    return subject.accepts(local, message) ? subject.receive(local, message) : undefined
  } catch {
    return undefined
  }
}
