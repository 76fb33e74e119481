/**
 * What threads hold, as a number: two states have the same for a thread exactly when it holds the same locks in the same way in both. What a step
 * shows of the order of locks, and of accesses under them, is told by the step and by that.
 */
import type { Cells, Collapsed } from '../states/cells.ts'
import type { HappensBefore } from '../memory/happens-before.ts'
import { holdersOf } from './holders.ts'
import type { Tell } from '../parallel/lessons.ts'
import type { Entry } from '../states/tables.ts'
import { unknown } from '../states/unknown.ts'

/** Those that a step is about, by number. */
export interface Hands {
  readonly of: readonly number[]
}

/** Who holds a lock in a local state, by number, and how: 0 with others, 1 alone. */
export interface Held {
  readonly threads: readonly number[]
  readonly how: 0 | 1
}

/**
 * The numbers of what threads hold, as far as they are known: of whoever asks components (`Holdings`), and, in a thread that cannot, of what he has
 * told of them.
 */
export class KnownHoldings {
  /** Components that may be held. */
  readonly locks: readonly number[]
  readonly #local: (state: Collapsed, component: number) => number
  /** By lock, then by local state: who holds it. */
  readonly #held: Held[][]
  /** By thread: what it holds in the state that was looked at last. */
  readonly #holds: number[] = []
  /** A trie: what is held, and one lock more. */
  readonly #more: number[][] = []
  /** What several hold, as a number. */
  readonly #several = new Map<string, number>()

  constructor(locks: readonly number[], local: (state: Collapsed, component: number) => number) {
    this.locks = locks
    this.#local = local
    this.#held = locks.map(() => [])
  }

  learnHeld(lock: number, local: number, held: Held): Held {
    return (this.#held[lock]![local] = held)
  }

  learnMore(held: number, lock: number, is: number): number {
    return ((this.#more[held] ??= [])[lock] = is)
  }

  learnSeveral(held: string, is: number): number {
    this.#several.set(held, is)
    return is
  }

  /** Looks at a state. */
  look(state: Collapsed): void {
    const holds = this.#holds
    for (let thread = 0; thread < holds.length; thread++) holds[thread] = 0
    for (let lock = 0; lock < this.locks.length; lock++) {
      const local = this.#local(state, this.locks[lock]!)
      const { threads, how } = this.#held[lock]![local] ?? this.askHeld(lock, local)
      for (let at = 0; at < threads.length; at++) {
        const [thread, one] = [threads[at]!, 2 * lock + how]
        const held = holds[thread] ?? 0
        holds[thread] = this.#more[held]?.[one] ?? this.askMore(held, one)
      }
    }
  }

  /** What they hold in the state that was looked at last. */
  held({ of }: Hands): number {
    if (of.length === 1) return this.#holds[of[0]!] ?? 0
    const key = of.map((thread) => this.#holds[thread] ?? 0).join()
    return this.#several.get(key) ?? this.askSeveral(key)
  }

  /** Who holds a lock in a local state that nobody has asked about. */
  protected askHeld(_lock: number, _local: number): Held {
    throw unknown
  }

  /** The number of what nobody was seen to hold: so much, and one lock more. */
  protected askMore(_held: number, _lock: number): number {
    throw unknown
  }

  /** That of what several hold. */
  protected askSeveral(_held: string): number {
    throw unknown
  }
}

export class Holdings extends KnownHoldings {
  readonly #cells: Cells
  readonly #order: HappensBefore
  readonly #known = new Map<string, Hands>()
  readonly #ofEntry: (Hands | undefined)[] = []
  readonly #threads = new Map<string, number>()
  #numbers = 1
  #severals = 0
  /** Called with all that is told or numbered for the first time. */
  onLesson: Tell | undefined

  constructor(cells: Cells, order: HappensBefore) {
    const { components } = cells.tables
    super(
      [...components.keys()].filter((component) => components[component]!.holders !== undefined),
      (state, component) => cells.local(state, component),
    )
    this.#cells = cells
    this.#order = order
  }

  /** Whose hands a step is about: those of whoever asks for a lock, or touches a variable. */
  of(entry: Entry): Hands {
    return (this.#ofEntry[entry.number] ??= this.#hands(entry))
  }

  protected override askSeveral(held: string): number {
    const is = this.#severals++
    this.onLesson?.({ of: 'several', held, is })
    return this.learnSeveral(held, is)
  }

  protected override askMore(held: number, lock: number): number {
    const is = this.#numbers++
    this.onLesson?.({ of: 'more', held, lock, is })
    return this.learnMore(held, lock, is)
  }

  #hands(entry: Entry): Hands {
    const { lanes, components } = this.#cells.tables
    const asking = entry.asks ? entry.lanes.map((lane) => components[lanes[lane]!.sender]?.thread) : []
    const touching = entry.accesses ? [this.#order.of(entry).access?.thread] : []
    const threads = new Set([...asking, ...touching].filter((each) => each !== undefined))
    const of = [...threads].map((thread) => this.#numbered(thread)).sort((a, b) => a - b)
    const known = this.#known.get(of.join()) ?? { of }
    this.#known.set(of.join(), known)
    return known
  }

  protected override askHeld(lock: number, local: number): Held {
    const { components, locals } = this.#cells.tables
    const component = this.locks[lock]!
    const { threads, exclusive } = holdersOf(components[component]!, locals[component]![local])
    const held: Held = {
      threads: [...new Set(threads)].map((thread) => this.#numbered(thread)),
      how: exclusive ? 1 : 0,
    }
    this.onLesson?.({ of: 'held', lock, local, held })
    return this.learnHeld(lock, local, held)
  }

  #numbered(thread: string): number {
    const number = this.#threads.get(thread) ?? this.#threads.size
    this.#threads.set(thread, number)
    return number
  }
}
