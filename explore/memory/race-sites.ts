/**
 * Which accesses of variables a search has met, and which of them might race: those of different threads to the same variable, one of which
 * writes, not both marked, and for which no lock was held each time by both (by one of them alone for itself). Locks that were held order them
 * in every run, so nothing else has to be looked at; of most programs nothing is left.
 */
import { conflict, type Access, type HappensBefore } from './happens-before.ts'
import { holdersOf, isLock } from '../locks/holders.ts'
import type { Entry, Tables } from '../states/tables.ts'

type How = 'exclusive' | 'shared'

interface Site {
  /** One that does it, by number. */
  readonly entry: number
  readonly access: Access
  /** Locks that were held each time. */
  held: ReadonlyMap<number, How>
}

export interface KeptSite {
  readonly entry: number
  readonly held: readonly (readonly [lock: number, how: How])[]
}

export class RaceSites {
  readonly #tables: Tables
  readonly #order: HappensBefore
  readonly #locks: readonly number[]
  readonly #sites = new Map<number, Site>()

  constructor(tables: Tables, order: HappensBefore) {
    this.#tables = tables
    this.#order = order
    this.#locks = [...tables.components.keys()].filter((index) => isLock(tables.components[index]!))
  }

  /** A step with an access; `after` is the state behind it. */
  meet(after: Int32Array, entry: Entry): void {
    const { access } = this.#order.of(entry)
    if (!access) return
    const site = this.#sites.get(access.number)
    if (!site)
      this.#sites.set(access.number, {
        ...{ entry: entry.number, access },
        held: this.#heldBy(access.thread, after, this.#locks),
      })
    else if (site.held.size > 0) {
      const now = this.#heldBy(access.thread, after, [...site.held.keys()])
      site.held = new Map([...now].map(([lock, how]) => [lock, site.held.get(lock) === 'shared' ? 'shared' : how]))
    }
  }

  get kept(): readonly KeptSite[] {
    return [...this.#sites.values()].map(({ entry, held }) => ({ entry, held: [...held] }))
  }

  restore(kept: readonly KeptSite[], entries: readonly Entry[]): void {
    for (const { entry, held } of kept) {
      const access = this.#order.of(entries[entry]!).access!
      this.#sites.set(access.number, { entry, access, held: new Map(held) })
    }
  }

  /** Access → those that it might race with; without those that race with none. */
  get suspects(): ReadonlyMap<Access, readonly Access[]> {
    const sites = [...this.#sites.values()]
    return new Map(
      sites.flatMap((one) => {
        const others = sites.filter((other) => conflict(one.access, other.access) && !areOrdered(one, other))
        return others.length === 0 ? [] : [[one.access, others.map(({ access }) => access)] as const]
      }),
    )
  }

  #heldBy(thread: string, state: Int32Array, locks: readonly number[]): ReadonlyMap<number, How> {
    const held = new Map<number, How>()
    for (const lock of locks) {
      const { threads, exclusive } = holdersOf(this.#tables.components[lock]!, this.#tables.locals[lock]![state[lock]!])
      if (threads.includes(thread)) held.set(lock, exclusive ? 'exclusive' : 'shared')
    }
    return held
  }
}

const areOrdered = (one: Site, other: Site): boolean =>
  [...one.held].some(([lock, how]) => {
    const also = other.held.get(lock)
    return also !== undefined && (how === 'exclusive' || also === 'exclusive')
  })
