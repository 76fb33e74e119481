/**
 * Which messages to the same receiver are independent: in every local state, one does neither make the other possible nor impossible, and in both
 * orders they come to the same, with the same answers. Nobody claims it. It is assumed of any two until seen false, in each local state that was
 * met and one step beyond, and those that the other orders lead to are met as well (commuting.ts asks the same of whole objects).
 *
 * Messages that each make a third impossible are dependent, even if they commute: a run in which neither came before the third is found by looking
 * back from one of them, which must not leave the other in the way.
 */
import { Answers, comeToTheSame, goUnseen, listAt } from './answers.ts'
import { canonical } from '../states/canonical.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { nobody, Threads } from '../states/threads.ts'

/** More questions than this, and all messages to a receiver are taken to be dependent. */
const mostQuestions = 400_000

/** What is known of two messages. */
const [trusted, dependent] = [1, 2]

/** What was met of one receiver. */
class Met {
  readonly locals: number[] = []
  readonly messages: number[] = []
  readonly has = { local: new Set<number>(), message: new Set<number>() }
  /** By local state: the transitions that lead to it, and those that leave it. */
  readonly into = new Map<number, Entry[]>()
  readonly from = new Map<number, Entry[]>()
  /** By two messages, the smaller number first. */
  readonly known = new Map<number, number>()
  /** By message: those that make it impossible somewhere. */
  readonly disablers = new Map<number, Set<number>>()
  questions = 0
  isTooLarge = false
}

export class Pairs {
  readonly #tables: Tables
  readonly #threads: Threads
  readonly #met: readonly Met[]
  readonly #answers: Answers
  /** Something that was relied on turned out otherwise. */
  isBroken = false

  constructor(tables: Tables) {
    this.#tables = tables
    this.#threads = new Threads(tables.components)
    this.#met = tables.components.map(() => new Met())
    this.#answers = new Answers(
      tables,
      (component, local, message) => !this.#isOffer(component, message) || this.#isOffered(component, local, message),
    )
  }

  /** Two messages to the same receiver that came by different lanes. */
  areDependent(component: number, one: number, other: number): boolean {
    const met = this.#met[component]!
    if (met.isTooLarge) return true
    const pair = pairOf(one, other)
    const known = met.known.get(pair)
    if (known !== undefined) return known === dependent
    const found = this.#inOrder(component, one, other) ? dependent : trusted
    met.known.set(pair, found)
    return found === dependent
  }

  /** Every new local transition comes by here. */
  meet(entry: Entry): void {
    const { component, local, next, message } = entry
    const met = this.#met[component]!
    if (met.isTooLarge) return
    if (!met.has.message.has(message)) this.#meetMessage(component, met, message)
    for (const each of [local, next]) if (!met.has.local.has(each)) this.#meetLocal(component, met, each)
    if (entry.accepted && !entry.fatal) this.#meetOrders(met, entry)
  }

  /** In whatever local state it comes, this one ends the run there. */
  #meetMessage(component: number, met: Met, message: number): void {
    met.has.message.add(message)
    met.messages.push(message)
    if (this.#outgrows(met, met.locals.length * met.messages.length)) return
    for (const local of met.locals)
      for (const other of met.messages)
        this.#compare(component, met, this.#tables.locals[component]![local], message, other)
  }

  #meetLocal(component: number, met: Met, local: number): void {
    met.has.local.add(local)
    met.locals.push(local)
    if (this.#outgrows(met, (met.messages.length * met.messages.length) / 2)) return
    const at = this.#tables.locals[component]![local]
    for (const [index, one] of met.messages.entries())
      for (let other = 0; other < index; other++) this.#compare(component, met, at, one, met.messages[other]!)
  }

  #outgrows(met: Met, questions: number): boolean {
    met.questions += questions
    if (met.questions <= mostQuestions) return false
    met.isTooLarge = true
    if ([...met.known.values()].includes(trusted)) this.isBroken = true
    return true
  }

  /** Two transitions one after the other, in the other order: what that leads to is met, too. */
  #meetOrders(met: Met, entry: Entry): void {
    const before = listAt(met.into, entry.local)
    const after = listAt(met.from, entry.next)
    listAt(met.from, entry.local).push(entry)
    listAt(met.into, entry.next).push(entry)
    for (const first of [...before]) this.#swap(met, first, entry)
    for (const second of [...after]) this.#swap(met, entry, second)
  }

  #swap(met: Met, first: Entry, second: Entry): void {
    const { component, local } = first
    const [one, other] = [first.message, second.message]
    if (met.isTooLarge || this.#inOrder(component, one, other) || this.#isKnownDependent(met, one, other)) return
    try {
      if (!this.#answers.of(component, this.#tables.locals[component]![local], other)) return
      const early = this.#tables.entry(component, local, other)
      if (!early.accepted || early.fatal) return
      if (this.#answers.of(component, this.#tables.locals[component]![early.next], one))
        this.#tables.entry(component, early.next, one)
    } catch {
      // It may be no run that there is: nothing is wrong with a component that cannot answer there.
      this.#depend(met, one, other)
    }
  }

  #isKnownDependent(met: Met, one: number, other: number): boolean {
    return met.known.get(pairOf(one, other)) === dependent
  }

  #compare(component: number, met: Met, at: unknown, one: number, other: number): void {
    if (this.#inOrder(component, one, other)) return
    const [a, b] = [this.#answers.of(component, at, one), this.#answers.of(component, at, other)]
    const ab = a && !a.fatal ? this.#answers.of(component, a.next, other) : null
    const ba = b && !b.fatal ? this.#answers.of(component, b.next, one) : null
    if (a && b && !ab) this.#disables(met, one, other)
    if (a && b && !ba) this.#disables(met, other, one)
    // Neither changes whether the other may come.
    const isFree = (!a || (b === null) === (ab === null)) && (!b || (a === null) === (ba === null))
    if (!isFree || (a && b && !(ab && ba && goUnseen(a, b) && comeToTheSame(a, b, ab, ba))))
      this.#depend(met, one, other)
  }

  /** The first makes the second impossible. */
  #disables(met: Met, one: number, other: number): void {
    const known = met.disablers.get(other) ?? new Set()
    met.disablers.set(other, known)
    if (known.has(one)) return
    for (const each of known) this.#depend(met, one, each)
    known.add(one)
  }

  #depend(met: Met, one: number, other: number): void {
    const pair = pairOf(one, other)
    if (met.known.get(pair) === trusted) this.isBroken = true
    met.known.set(pair, dependent)
  }

  /** They never wait at the same time: a lane keeps its order, and a thread has one message in flight. */
  #inOrder(component: number, one: number, other: number): boolean {
    const messages = this.#tables.messages[component]!
    const [a, b] = [messages[one]!, messages[other]!]
    if (a.from === b.from) return one === other || !(this.#isOffer(component, one) && this.#isOffer(component, other))
    const thread = this.#threads.ofSender(a.from)
    return thread !== nobody && thread === this.#threads.ofSender(b.from)
  }

  /** Does it come from outside, on a lane of its own? */
  #isOffer(component: number, message: number): boolean {
    if (this.#tables.components[component]!.offers === undefined) return false
    const { from, type } = this.#tables.messages[component]![message]!
    return this.#tables.lanes.some(
      ({ receiver, from: speaker, offer }) => receiver === component && speaker === from && offer === type,
    )
  }

  /** What comes from outside may come where it is offered. */
  #isOffered(component: number, local: unknown, message: number): boolean {
    const said = canonical(this.#tables.messages[component]![message]!)
    return this.#tables.components[component]!.offers!(local).some((each) => canonical(each) === said)
  }
}

const pairOf = (one: number, other: number): number => (one < other ? one * 2 ** 26 + other : other * 2 ** 26 + one)
