/**
 * Which objects get only messages that commute: whatever the order, the same answers and the same state in the end. Nobody claims it; it is
 * assumed of every object until seen false, in every local state met, looking one step past what was reached.
 */
import { canonical } from './canonical.ts'
import { handOf, handsOver, hasBarriers, type Hand } from './orders.ts'
import { Restart } from './restart.ts'
import type { Component, Message, Outcome } from './system.ts'
import type { Entry, Tables } from './tables.ts'
import { nobody, type Threads } from './threads.ts'

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
  readonly hand: Hand | undefined
}

/** What was met of one object. */
interface Met {
  readonly locals: Set<number>
  readonly messages: Set<number>
  /** By local state: the transitions that lead to it, and those that leave it or are deferred there. */
  readonly into: Map<number, Entry[]>
  readonly from: Map<number, Entry[]>
}

export class Commuting {
  readonly #tables: Tables
  readonly #threads: Threads
  readonly #met: readonly Met[]
  readonly #not = new Set<number>()
  readonly #asked = new Map<string, Asked>()
  readonly #barriers: boolean

  constructor(tables: Tables, threads: Threads) {
    this.#tables = tables
    this.#threads = threads
    this.#barriers = hasBarriers(tables.components)
    this.#met = tables.components.map(() => ({
      locals: new Set(),
      messages: new Set(),
      into: new Map(),
      from: new Map(),
    }))
  }

  /** Nothing to the contrary was seen yet. */
  has(component: number): boolean {
    return !this.#not.has(component)
  }

  /** Every new local transition of an object. False: with it, the object has stopped to commute. */
  meet(entry: Entry): boolean {
    const { component } = entry
    if (this.#not.has(component)) return true
    if (this.#pairsCommute(entry) && this.#otherOrdersCommute(entry)) return true
    this.#not.add(component)
    return false
  }

  #pairsCommute({ component, local, message }: Entry): boolean {
    const { locals, messages } = this.#met[component]!
    const [newLocal, newMessage] = [!locals.has(local), !messages.has(message)]
    locals.add(local)
    messages.add(message)
    if (locals.size > mostLocals || messages.size > mostMessages) return false
    const pairsCommute = (at: number, one: number) =>
      [...messages].every((other) => this.#pairCommutes(component, at, one, other))
    if (newMessage && ![...locals].every((at) => pairsCommute(at, message))) return false
    return !newLocal || [...messages].every((one) => pairsCommute(local, one))
  }

  /**
   * Taken alone, a message comes before others that might have come before it. The object was not asked what it does in those other
   * orders: here it is, by the tables, so that what they learn is met like everything else.
   */
  #otherOrdersCommute(entry: Entry): boolean {
    const { into, from } = this.#met[entry.component]!
    const before = listAt(into, entry.local)
    const after = listAt(from, entry.next)
    listAt(from, entry.local).push(entry)
    if (entry.accepted) listAt(into, entry.next).push(entry)
    return (
      before.every((first) => this.#swapped(first, entry)) &&
      (!entry.accepted || after.every((second) => this.#swapped(entry, second)))
    )
  }

  #swapped(first: Entry, second: Entry): boolean {
    const { component } = first
    if (!this.#concurrent(component, first.message, second.message)) return true
    try {
      const early = this.#tables.entry(component, first.local, second.message)
      this.#tables.entry(component, early.next, first.message)
    } catch (cause) {
      // It may be no run that there is: an object that cannot answer there does not commute, and nothing is wrong with it.
      if (cause instanceof Restart) throw cause
      return false
    }
    return this.has(component)
  }

  #pairCommutes(component: number, local: number, one: number, other: number): boolean {
    if (!this.#concurrent(component, one, other)) return true
    const at = this.#tables.locals[component]![local]
    const a = this.#ask(component, at, one)
    const b = this.#ask(component, at, other)
    if (!a.accepted || !b.accepted) return false
    // Both speak to the same receiver: there the order would show.
    if (a.targets.some((target) => b.targets.includes(target))) return false
    if (handsOver(a.hand, b.hand)) return false
    const ab = this.#ask(component, a.next, other)
    const ba = this.#ask(component, b.next, one)
    return ab.accepted && ba.accepted && ab.key === ba.key && a.says === ba.says && b.says === ab.says
  }

  /** Messages of one lane keep their order, and a thread has only one in flight. */
  #concurrent(component: number, one: number, other: number): boolean {
    const messages = this.#tables.messages[component]!
    const [a, b] = [messages[one]!.from, messages[other]!.from]
    if (a === b) return false
    const thread = this.#threads.ofSender(a)
    return thread === nobody || thread !== this.#threads.ofSender(b)
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
    const hand = outcome && handOf(subject, heard, outcome.sends, outcome.memory, this.#barriers)
    const answer = { accepted, next, key: subject.key(next), says, targets, hand }
    this.#asked.set(question, answer)
    return answer
  }
}

function listAt(lists: Map<number, Entry[]>, local: number): Entry[] {
  const known = lists.get(local)
  if (known) return known
  const made: Entry[] = []
  lists.set(local, made)
  return made
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
