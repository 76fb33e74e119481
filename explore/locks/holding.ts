/**
 * Who holds which lock. All that a lock claims can be told from its own local states and messages:
 *
 *   - at most one thread holds it exclusively;
 *   - what a thread holds changes only by its own message, or while the lock owes it an answer;
 *   - held exclusively, it defers everybody else; but not one that may be `tried`.
 */
import { holdersOf } from './holders.ts'
import { broken } from '../breadth/restart.ts'
import type { Component, Message } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import type { Threads } from '../states/threads.ts'

export type Hold = 'no' | 'shared' | 'exclusive'

interface Held {
  readonly threads: readonly number[]
  readonly exclusive: boolean
}

export class Holding {
  readonly #tables: Tables
  readonly #threads: Threads
  /** By lock, then by local state. */
  readonly #held: Held[][]
  /** Lock → local states in which a thread holds it exclusively. */
  readonly #exclusive: readonly Set<number>[]
  /** Lock → messages of those who did not hold it when they sent them. */
  readonly #strange: readonly Set<number>[]

  constructor(tables: Tables, threads: Threads) {
    this.#tables = tables
    this.#threads = threads
    this.#held = tables.components.map(() => [])
    this.#exclusive = tables.components.map(() => new Set())
    this.#strange = tables.components.map(() => new Set())
  }

  of(lock: number, local: number, thread: number): Hold {
    const { threads, exclusive } = this.#at(lock, local)
    if (!threads.includes(thread)) return 'no'
    return exclusive ? 'exclusive' : 'shared'
  }

  /** Every new local transition of a lock: its claims must hold. */
  meet(entry: Entry): void {
    const lock = this.#tables.components[entry.component]!
    if (!lock.holders) return
    this.#checkHands(lock, entry)
    if (!lock.tried) this.#checkDeferral(lock, entry)
  }

  #isHeldAlone(lock: number, local: number): boolean {
    const { threads, exclusive } = this.#at(lock, local)
    return exclusive && threads.length > 0
  }

  #at(lock: number, local: number): Held {
    return (this.#held[lock]![local] ??= this.#ask(this.#tables.components[lock]!, this.#tables.locals[lock]![local]))
  }

  #ask(lock: Component, local: unknown): Held {
    const { threads, exclusive } = holdersOf(lock, local)
    const numbers = new Set(threads.map((name) => this.#threads.numbered(name)))
    if (exclusive && numbers.size > 1) throw broken(`${lock.id} is held exclusively by ${threads.join(' and ')}`)
    return { threads: [...numbers], exclusive }
  }

  #checkHands(lock: Component, { component, local, next, message }: Entry): void {
    if (next === local) return
    const { from, type } = this.#tables.messages[component]![message]!
    const owed = lock.owes?.(this.#tables.locals[component]![local]) ?? []
    const mayChange = new Set([from, ...owed].map((id) => this.#threads.ofSender(id)))
    for (const thread of [...this.#at(component, local).threads, ...this.#at(component, next).threads]) {
      if (mayChange.has(thread) || this.of(component, local, thread) === this.of(component, next, thread)) continue
      throw broken(`${type} from ${from} changes what ${this.#threads.named(thread)} holds of ${lock.id}`)
    }
  }

  /** A local state and a message that were met apart may meet on a run that is left out: each is tried with all of the other kind. */
  #checkDeferral(lock: Component, { component, local, message }: Entry): void {
    const [exclusive, strange] = [this.#exclusive[component]!, this.#strange[component]!]
    if (this.#isHeldAlone(component, local) && !exclusive.has(local)) {
      exclusive.add(local)
      for (const each of strange) this.#checkDefers(lock, component, local, each)
    }
    if (strange.has(message) || this.of(component, local, this.#senderOf(component, message)) !== 'no') return
    strange.add(message)
    for (const each of exclusive) this.#checkDefers(lock, component, each, message)
  }

  #checkDefers(lock: Component, component: number, local: number, message: number): void {
    const { locals, messages } = this.#tables
    const { threads } = this.#at(component, local)
    const heard = messages[component]![message]!
    if (threads.includes(this.#senderOf(component, message)) || defers(lock, locals[component]![local], heard)) return
    throw broken(`${lock.id} took ${heard.type} from ${heard.from}, which does not hold it`)
  }

  #senderOf(lock: number, message: number): number {
    return this.#threads.ofSender(this.#tables.messages[lock]![message]!.from)
  }
}

/** What is asked here may never happen; a lock that cannot answer has not promised to wait. */
const defers = (lock: Component, local: unknown, message: Message): boolean => {
  try {
    return !lock.accepts(local, message)
  } catch {
    return false
  }
}
