/**
 * What threads hold, as a number: two states have the same for a thread exactly when it holds the same locks in the same way in both. What a step
 * shows of the order of locks, and of accesses under them, is told by the step and by that.
 */
import type { Cells, Collapsed } from '../states/cells.ts'
import type { HappensBefore } from '../memory/happens-before.ts'
import { holdersOf } from './holders.ts'
import type { Tell } from '../parallel/lessons.ts'
import type { Entry } from '../states/tables.ts'

/** Those that a step is about, by number. */
export interface Hands {
  readonly of: readonly number[]
}

/** Who holds a lock in a local state, by number, and how: 0 with others, 1 alone. */
export interface Held {
  readonly threads: readonly number[]
  readonly how: 0 | 1
}

export class Holdings {
  readonly #cells: Cells
  readonly #order: HappensBefore
  /** Components that may be held, and by local state who holds them. */
  readonly #locks: readonly { readonly component: number; readonly held: Held[] }[]
  readonly #known = new Map<string, Hands>()
  readonly #ofEntry: (Hands | undefined)[] = []
  readonly #threads = new Map<string, number>()
  /** By thread: what it holds in the state that was looked at last. */
  readonly #holds: number[] = []
  /** A trie: what is held, and one lock more. */
  readonly #more: number[][] = [[]]
  /** What several hold, as a number. */
  readonly #several = new Map<string, number>()
  /** Called with all that is told or numbered for the first time. */
  onLesson: Tell | undefined

  constructor(cells: Cells, order: HappensBefore) {
    this.#cells = cells
    this.#order = order
    const { components } = cells.tables
    this.#locks = [...components.keys()].flatMap((component) =>
      components[component]!.holders ? [{ component, held: [] }] : [],
    )
  }

  /** Components that may be held. */
  get locks(): readonly number[] {
    return this.#locks.map(({ component }) => component)
  }

  /** Whose hands a step is about: those of whoever asks for a lock, or touches a variable. */
  of(entry: Entry): Hands {
    return (this.#ofEntry[entry.number] ??= this.#hands(entry))
  }

  /** Looks at a state. */
  look(state: Collapsed): void {
    const holds = this.#holds
    for (let thread = 0; thread < holds.length; thread++) holds[thread] = 0
    for (let lock = 0; lock < this.#locks.length; lock++) {
      const { component, held } = this.#locks[lock]!
      const local = this.#cells.local(state, component)
      const { threads, how } = (held[local] ??= this.#ask(lock, component, local))
      for (let at = 0; at < threads.length; at++) {
        const thread = threads[at]!
        holds[thread] = this.#with(holds[thread] ?? 0, 2 * lock + how)
      }
    }
  }

  /** What they hold in the state that was looked at last. */
  held({ of }: Hands): number {
    if (of.length === 1) return this.#holds[of[0]!] ?? 0
    const key = of.map((thread) => this.#holds[thread] ?? 0).join()
    return this.#several.get(key) ?? this.#numberSeveral(key)
  }

  #numberSeveral(held: string): number {
    const is = this.#several.size
    this.onLesson?.({ of: 'several', held, is })
    this.#several.set(held, is)
    return is
  }

  #with(held: number, lock: number): number {
    return (this.#more[held]![lock] ??= this.#numberMore(held, lock))
  }

  #numberMore(held: number, lock: number): number {
    const is = this.#more.push([]) - 1
    this.onLesson?.({ of: 'more', held, lock, is })
    return is
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

  #ask(lock: number, component: number, local: number): Held {
    const { components, locals } = this.#cells.tables
    const { threads, exclusive } = holdersOf(components[component]!, locals[component]![local])
    const held: Held = {
      threads: [...new Set(threads)].map((thread) => this.#numbered(thread)),
      how: exclusive ? 1 : 0,
    }
    this.onLesson?.({ of: 'held', lock, local, held })
    return held
  }

  #numbered(thread: string): number {
    const number = this.#threads.get(thread) ?? this.#threads.size
    this.#threads.set(thread, number)
    return number
  }
}
