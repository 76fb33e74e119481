/**
 * The token of a thread: at most one message to its actors, from them, or owed to them is on its way at any time. An invariant: true of the
 * start, and kept by every local transition.
 */
import { broken } from '../breadth/restart.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { nobody, type Threads } from '../states/threads.ts'

export class Tokens {
  readonly #tables: Tables
  readonly #threads: Threads

  constructor(tables: Tables, threads: Threads) {
    this.#tables = tables
    this.#threads = threads
  }

  checkStart(): void {
    const { components, system } = this.#tables
    const threadOf = (id: string) => components.find((each) => each.id === id)?.thread
    const sent = system.start.map(({ to, message }) => threadOf(to) ?? threadOf(message.from))
    const owed = components.flatMap((each) => each.owes?.(each.initial) ?? []).map(threadOf)
    const met = new Set<string>()
    for (const thread of [...sent, ...owed]) {
      if (thread === undefined) continue
      if (met.has(thread)) throw broken(`two messages of thread ${thread} are in flight at the start`)
      met.add(thread)
    }
  }

  /** A thread's step sends at most one message, and stays in the thread; an object answers whoever asked, or whom it owes an answer. */
  meet(entry: Entry): void {
    if (!entry.accepted) return
    if (this.#threads.of[entry.component] === nobody) this.#meetObject(entry)
    else this.#meetActor(entry)
  }

  #meetActor(entry: Entry): void {
    const { components, lanes, messages, system } = this.#tables
    const subject = components[entry.component]!
    const thread = this.#threads.of[entry.component]!
    const targets = entry.lanes.map((lane) => lanes[lane]!.receiver)
    const isStranger = (target: number) => this.#threads.of[target] !== nobody && this.#threads.of[target] !== thread
    if (targets.length > 1 || targets.some(isStranger)) {
      throw broken(
        `${subject.id} sends ${targets.map((each) => components[each]!.id).join(' and ')} messages in one step`,
      )
    }
    const { from } = messages[entry.component]![entry.message]!
    const sender = components.find((each) => each.id === from)
    if (sender?.thread !== undefined && sender.thread !== subject.thread)
      throw broken(`${subject.id} hears ${from}, another thread`)
    if (!sender && !system.start.some((send) => send.message.from === from)) throw broken(`${subject.id} hears ${from}`)
  }

  #meetObject(entry: Entry): void {
    const { components, lanes, locals, messages } = this.#tables
    const subject = components[entry.component]!
    const owedAt = (local: number) => subject.owes?.(locals[entry.component]![local]) ?? []
    const { from } = messages[entry.component]![entry.message]!
    const mayAnswer = new Set([...owedAt(entry.local), from])
    for (const lane of entry.lanes) {
      const { receiver } = lanes[lane]!
      if (this.#threads.of[receiver] === nobody) continue
      const name = components[receiver]!.id
      if (!mayAnswer.delete(name)) throw broken(`${subject.id} sends ${name} a message it is not waiting for`)
    }
    if (owedAt(entry.next).some((name) => !mayAnswer.has(name)))
      throw broken(`${subject.id} owes an answer it has given`)
  }
}
