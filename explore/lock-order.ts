/**
 * Lock order by class, as lockdep keeps it: whoever asks for a lock while holding others adds an edge from each of their classes. A cycle
 * among classes is an inversion, reported even where no run deadlocks.
 */
import type { Finding } from './system.ts'
import type { Entry, Lane, Tables } from './tables.ts'

export class LockOrder {
  readonly #tables: Tables
  readonly #locks: readonly number[]
  readonly #asks: ReadonlyMap<number, ReadonlySet<string>>
  readonly #after = new Map<string, Set<string>>()
  readonly #held = new Map<number, (readonly string[])[]>()

  constructor(tables: Tables) {
    this.#tables = tables
    this.#locks = [...tables.components.keys()].filter((index) => tables.components[index]!.lockClass !== undefined)
    this.#asks = new Map(this.#locks.map((lock) => [lock, new Set(tables.components[lock]!.acquires ?? [])]))
    for (const lock of this.#locks) this.#held.set(lock, [])
  }

  /** Looks at the request for a lock that a step has just sent, if it has; returns the inversion it completes, if it does. */
  look(after: Int32Array, entry: Entry): Finding | undefined {
    for (let index = 0; index < entry.lanes.length; index++) {
      const lane = this.#tables.lanes[entry.lanes[index]!]!
      const asks = this.#asks.get(lane.receiver)
      const found = asks && this.#lookAtRequest(after, lane, asks, entry.messages[index]!)
      if (found) return found
    }
    return undefined
  }

  #lookAtRequest(after: Int32Array, lane: Lane, asks: ReadonlySet<string>, message: number): Finding | undefined {
    const { components, messages } = this.#tables
    if (lane.sender < 0 || !asks.has(messages[lane.receiver]![message]!.type)) return undefined
    const thread = components[lane.sender]!.thread
    if (thread === undefined) return undefined
    for (const held of this.#locks) {
      if (!this.#holders(held, after[held]!).includes(thread)) continue
      const found = this.#add(components[held]!.lockClass!, components[lane.receiver]!.lockClass!)
      if (found) return found
    }
    return undefined
  }

  #holders(lock: number, local: number): readonly string[] {
    const known = this.#held.get(lock)!
    return (known[local] ??= this.#tables.components[lock]!.holders!(this.#tables.locals[lock]![local]).threads)
  }

  #add(held: string, asked: string): Finding | undefined {
    const after = this.#after.get(held) ?? new Set()
    this.#after.set(held, after)
    if (after.has(asked)) return undefined
    after.add(asked)
    if (held === asked) return inversion(`recursive locking of ${held}`, `${held} is asked for by a task that holds it already`)
    const back = this.#way(asked, held)
    if (!back) return undefined
    return inversion(`lock order ${rotate(back).join(' → ')}`, `${asked} is asked for with ${held} held; elsewhere ${back.join(' → ')}`)
  }

  /** The classes on a way from one class to another, both included. */
  #way(from: string, to: string, seen = new Set<string>()): string[] | undefined {
    if (from === to) return [to]
    seen.add(from)
    for (const next of this.#after.get(from) ?? []) {
      const rest = seen.has(next) ? undefined : this.#way(next, to, seen)
      if (rest) return [from, ...rest]
    }
    return undefined
  }
}

/** A cycle has no first class: begin with the smallest name, so that one inversion has one title. */
function rotate(cycle: readonly string[]): string[] {
  const first = cycle.indexOf([...cycle].sort()[0]!)
  const turned = [...cycle.slice(first), ...cycle.slice(0, first)]
  return [...turned, turned[0]!]
}

const inversion = (title: string, detail: string): Finding => ({ kind: 'lock-order', title, fatal: false, detail })
