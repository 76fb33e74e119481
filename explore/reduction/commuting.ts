/**
 * Which objects get only messages that commute: whatever the order, the same answers and the same state in the end. Nobody claims it; it is
 * assumed of every object until seen false, in every local state met, looking one step past what was reached.
 */
import { Answers, comeToTheSame, goUnseen, listAt } from './answers.ts'
import { Restart } from '../breadth/restart.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { nobody, type Threads } from '../states/threads.ts'

/** More than this and a receiver is taken not to commute, rather than trying every pair. */
const mostLocals = 48
const mostMessages = 24

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
  readonly #answers: Answers

  constructor(tables: Tables, threads: Threads) {
    this.#tables = tables
    this.#threads = threads
    this.#answers = new Answers(tables)
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
    const [a, b] = [this.#answers.of(component, at, one), this.#answers.of(component, at, other)]
    if (!a || !b) return false
    if (!goUnseen(a, b)) return false
    const [ab, ba] = [this.#answers.of(component, a.next, other), this.#answers.of(component, b.next, one)]
    return ab !== null && ba !== null && comeToTheSame(a, b, ab, ba)
  }

  /** Messages of one lane keep their order, and a thread has only one in flight. */
  #concurrent(component: number, one: number, other: number): boolean {
    const messages = this.#tables.messages[component]!
    const [a, b] = [messages[one]!.from, messages[other]!.from]
    if (a === b) return false
    const thread = this.#threads.ofSender(a)
    return thread === nobody || thread !== this.#threads.ofSender(b)
  }
}
