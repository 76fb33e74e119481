/** Data races in one run: every access is followed until all threads come after it. */
import { carried, conflict, titleOf, type Access, type HappensBefore, type Knowing } from './happens-before.ts'
import type { Finding } from '../system.ts'
import type { Entry } from '../states/tables.ts'

interface Followed {
  readonly access: Access
  readonly knowing: Knowing
  readonly step: number
}

/** Two accesses that nothing orders: the later one, and the step (from 1) of the earlier one. */
export interface Race {
  readonly earlier: Access
  readonly later: Access
  readonly at: number
}

export class RaceWatch {
  readonly #order: HappensBefore
  #followed: readonly Followed[] = []

  constructor(order: HappensBefore) {
    this.#order = order
  }

  /** Nothing is followed: what orders others orders nothing. */
  get isIdle(): boolean {
    return this.#followed.length === 0
  }

  /** The races of a step with those before, the nearest first. */
  see(entry: Entry, step: number): readonly Race[] {
    const { access, effects } = this.#order.of(entry)
    if (access === undefined && (effects.length === 0 || this.#followed.length === 0)) return none
    const races = access ? this.#racesOf(access) : none
    const all = access ? [...this.#followed, { access, knowing: this.#order.start(access), step }] : this.#followed
    // The same access, known to the same: the last is as good as all of them.
    const followed = new Map<string, Followed>()
    for (const each of all) {
      const knowing = carried(each.knowing, effects, each.access)
      const key = `${each.access.number} ${knowing}`
      followed.delete(key)
      if (!this.#order.isKnownToAll(knowing)) followed.set(key, { ...each, knowing })
    }
    this.#followed = [...followed.values()]
    return races
  }

  #racesOf(later: Access): readonly Race[] {
    return this.#followed
      .filter(({ access, knowing }) => conflict(access, later) && !this.#order.isAfter(knowing, later))
      .map(({ access, step }) => ({ earlier: access, later, at: step }))
      .reverse()
  }
}

/** What is told of the races of one run: nobody is told twice, as KCSAN is quiet about what it has reported. */
export class RacesOfRun {
  readonly #watch: RaceWatch
  readonly #told = new Set<string>()

  constructor(order: HappensBefore) {
    this.#watch = new RaceWatch(order)
  }

  /** A step may race with several before it: with the nearest of those that go by the same name. */
  see(entry: Entry, step: number): readonly Finding[] {
    return this.#watch
      .see(entry, step)
      .map(dataRace)
      .filter(({ title }) => !this.#told.has(title) && this.#told.add(title))
  }
}

const none: readonly Race[] = []

/** What is told of a race. */
export const dataRace = ({ earlier, later, at }: Race): Finding => ({
  kind: 'data-race',
  title: titleOf(earlier, later),
  fatal: false,
  object: later.variable,
  against: at,
})
