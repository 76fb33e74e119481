/**
 * Which deliveries need no alternatives.
 *
 * Actors cost messages that shared memory does not. A delivery is taken alone, without trying the others first, when it commutes with
 * everything that can still reach its receiver before it, and changes nothing that a property looks at. Deliveries to different
 * receivers always commute, so only other messages to the same receiver matter:
 *
 *   1. the receiver is a task or call: its thread has one message in flight, and this is it (tokens.ts);
 *   2. every message the receiver ever gets commutes with every other (readers of a lock nobody writes, a list nobody changes): commuting.ts;
 *   3. the receiver is a lock the sender's thread holds for itself: everything else is deferred (not if others may try it): holding.ts;
 *   4. the receiver's data is guarded by a lock which the sender's thread holds, and the message only reads it (or the lock is
 *      exclusive and nothing is ever read without it). Where others may read meanwhile, it speaks to threads only: what two readers have
 *      the object tell a third comes in the order of the reads.
 *
 * A receiver that is offered something from outside is never one of them: what it is offered may be gone after the delivery, and was not tried.
 *
 * These are persistent sets of one element; together with the rule about properties and the end of each chain of such deliveries being
 * expanded in full, they preserve findings, deadlocks, final states and stutter-invariant properties (Godefroid; Clarke, Grumberg, Peled).
 *
 * The facts are claims of the components (2 is not made by anybody: it is assumed until seen false), and which components properties look
 * at is known when they have looked. What turns out otherwise throws `Restart`, if something was left out for it, and the search begins
 * again with less reduction; if nothing was, it is the search that would have been made anyway, and goes on. It is enough to look at what
 * the reduced search meets, though claims are about every run:
 *
 *   Say a claim is false first in a state s, for a message d that waits there, and take a shortest run w to such a state from one that was
 *   expanded. Up to s all claims hold, so each delivery t that is taken alone on the way commutes with all of w before it. Either it is part of
 *   w, and taking it first makes w shorter; or w goes on behind it as before, and leads to s with t added. There d still waits, and the
 *   claim is still false, because each is about something that no such t can change:
 *     - the token, a lock's hands and what a lock takes are told from local transitions. Those of the receiver of t are the same with and
 *       without it under 1, 3 and 4; under 2 commuting.ts asks for those in the other orders, too. What a lock takes while it is held is not
 *       looked for where it happens: every message from somebody without the lock is tried in every local state in which it is held.
 *     - what is guarded: d must come from a thread with the lock. What a thread holds changes only by its own messages to the lock or while
 *       it is owed an answer by it, and its one message is d. Whether d changes the receiver can differ only if t has changed it; that takes the
 *       lock exclusively and that nobody reads without.
 *   So some state that is expanded shows it. Therefore transitions are checked when they are first met, and what waits in front of
 *   a guarded object (deferred or not) in each state that is expanded; inside a chain there is nothing to check.
 */
import { Commuting } from './commuting.ts'
import { Holding } from '../locks/holding.ts'
import { broken, Restart } from '../breadth/restart.ts'
import type { Component, Message } from '../system.ts'
import type { Entry, Lane, Tables } from '../states/tables.ts'
import { nobody, Threads } from '../states/threads.ts'
import { Tokens } from './tokens.ts'

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

export interface KeptReduction {
  readonly trusted: readonly number[]
  readonly overlooked: readonly number[]
}

export class Reduction {
  readonly #tables: Tables
  readonly #visible: ReadonlySet<number>
  /** Objects to which something was delivered alone because everything seen there commuted. */
  readonly #trusted = new Set<number>()
  /** Components that were changed alone because no property had looked at them. */
  readonly #overlooked = new Set<number>()
  readonly #rule: AloneRule | undefined
  readonly #threads: Threads
  /** Component → the lock that guards it; -1 for none. */
  readonly #guard: readonly number[]
  readonly #tokens: Tokens
  readonly #holding: Holding
  readonly #commuting: Commuting

  constructor(tables: Tables, visible: ReadonlySet<number>, rule?: AloneRule) {
    this.#tables = tables
    this.#visible = visible
    this.#rule = rule
    this.#threads = new Threads(tables.components)
    this.#guard = tables.components.map(({ guardedBy }) =>
      guardedBy === undefined ? unguarded : tables.indexOf(guardedBy),
    )
    this.#tokens = new Tokens(tables, this.#threads)
    this.#holding = new Holding(tables, this.#threads)
    this.#commuting = new Commuting(tables, this.#threads)
    if (!rule) this.#tokens.checkStart()
  }

  /** A search begins: what was learned before counts from now on. */
  begin(): void {
    this.#trusted.clear()
    this.#overlooked.clear()
  }

  /** What the search that goes on relies on. All else follows from what the tables have learned. */
  get kept(): KeptReduction {
    return { trusted: [...this.#trusted], overlooked: [...this.#overlooked] }
  }

  restore({ trusted, overlooked }: KeptReduction): void {
    for (const each of trusted) this.#trusted.add(each)
    for (const each of overlooked) this.#overlooked.add(each)
  }

  /** Properties have looked at components for the first time. */
  see(components: readonly number[]): void {
    if (components.some((each) => this.#overlooked.has(each))) throw new Restart()
  }

  /** Every new local transition comes by here. */
  meet(entry: Entry): void {
    if (this.#rule) return
    const { component } = entry
    this.#tokens.meet(entry)
    this.#holding.meet(entry)
    if (this.#threads.of[component] !== nobody || this.#commuting.meet(entry)) return
    if (this.#trusted.has(component)) throw new Restart()
  }

  /**
   * Every message at the head of its lane in a state that is expanded comes by here, with what its delivery would do; and the local state of
   * the guard of its receiver, where there is one.
   */
  check(guarding: number, lane: Lane, entry: Entry): void {
    const { component } = entry
    const guard = this.#guard[component]!
    if (guard === unguarded || this.#rule) return
    const held = this.#holding.of(guard, guarding, this.#threadOfSender(lane))
    if (held === 'exclusive') return
    const changes = entry.next !== entry.local
    const { id, unguarded: open = [] } = this.#tables.components[component]!
    const { type } = this.#messageOf(entry)
    const lock = this.#tables.components[guard]!.id
    if (held === 'no' && (changes || !open.includes(type)))
      throw broken(`${lane.from} reached ${id} (${type}) without ${lock}`)
    if (held === 'shared' && changes) throw broken(`${lane.from} changed ${id} (${type}) with ${lock} held for read`)
  }

  /** May this delivery be taken without trying any other first? */
  alone(guarding: number, lane: Lane, entry: Entry): boolean {
    const { component } = entry
    if (entry.fatal) return false
    if (this.#tables.components[component]!.offers) return false
    const changes = entry.next !== entry.local
    if (this.#rule) return this.#rule(this.#candidate(lane, entry, changes))
    if (changes && this.#visible.has(component)) return false
    // Whoever keeps a log is asked for it.
    if (entry.writes) return false
    if (!this.#commutes(guarding, lane, entry)) return false
    if (changes) this.#overlooked.add(component)
    return true
  }

  #commutes(guarding: number, lane: Lane, entry: Entry): boolean {
    const { component } = entry
    if (this.#threads.of[component] !== nobody) return true
    if (this.#commuting.has(component)) {
      this.#trusted.add(component)
      return true
    }
    const sender = this.#threadOfSender(lane)
    if (sender === nobody) return false
    const subject = this.#tables.components[component]!
    const defersOthers = subject.holders !== undefined && subject.tried === undefined
    if (defersOthers && this.#holding.of(component, entry.local, sender) === 'exclusive') return true
    const guard = this.#guard[component]!
    if (guard === unguarded) return false
    const held = this.#holding.of(guard, guarding, sender)
    if (held === 'no') return false
    const nobodyElse = held === 'exclusive' && !subject.unguarded?.length
    return nobodyElse || (entry.next === entry.local && !writes(entry) && this.#onlyAnswers(entry))
  }

  #onlyAnswers({ lanes }: Entry): boolean {
    return lanes.every((lane) => this.#threads.of[this.#tables.lanes[lane]!.receiver] !== nobody)
  }

  #threadOfSender(lane: Lane): number {
    return lane.sender < 0 ? nobody : this.#threads.of[lane.sender]!
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
}

/** What it writes may be what was there, and yet it matters to data races who wrote it first. */
const writes = ({ accesses, memory }: Entry): boolean => accesses && memory.some(({ access }) => access !== 'read')

const unguarded = -1
