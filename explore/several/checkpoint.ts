/**
 * What is kept of a search breadth first, so that another process goes on from it and comes to the very same report. Stored states are kept as
 * they are; what the tables have learned is asked again, in the same order, and has to be the same (tables.ts); whatever else is only remembered to
 * save time is forgotten, and learned again.
 *
 * Where it is kept is another matter (checkpoint-files.ts).
 */
import { ModelError } from '../errors.ts'
import type { KeptDepths } from '../ordered/depths.ts'
import type { ExploreOptions } from '../options.ts'
import type { RuleSeen } from '../runs/held.ts'
import type { KeptReduction } from '../reduction/reduction.ts'
import type { KeptSearch } from '../breadth/search.ts'
import type { KeptStates } from '../states/store.ts'
import type { Two } from '../symmetry/words-apart.ts'
import type { Property, System } from '../system.ts'
import type { KeptTables } from '../states/tables.ts'

/** Plain data all through: numbers, texts, lists, records and typed arrays. */
export interface Checkpoint {
  readonly about: About
  /** How long it has taken so far. */
  readonly seconds: number
  /** Why states do not count together that differ in who is who, or why every order is tried. */
  readonly symmetryOff: string | undefined
  readonly apart: KeptSymmetry | undefined
  readonly reductionOff: string | undefined
  /** Components that properties look at. */
  readonly visible: readonly number[]
  readonly tables: KeptTables
  readonly cells: readonly Int32Array[]
  readonly reduction: KeptReduction | undefined
  readonly search: KeptSearch
  readonly states: KeptStates
  readonly depths: KeptDepths
  /** What was seen of an order. */
  readonly order?: readonly RuleSeen[]
}

/** Pairs that something tells apart, and what; what has to change places along with a pair; or what puts it off for all. */
export interface KeptSymmetry {
  readonly apart: readonly (readonly [pair: string, what: string])[]
  readonly along: readonly (readonly [pair: string, names: readonly Two[]])[]
  readonly off?: string
}

/** Where the last one lies, and the next is put. */
export interface Checkpoints {
  /** The last that was kept; undefined: none was. Throws where it is damaged. */
  read(): Checkpoint | undefined
  /** Is it time for another, now that as many states were looked into? */
  isDue(expanded: number): boolean
  /** Keeps what is made instead of the last, or the last if that cannot be done: then `trouble` says why. */
  write(make: () => Checkpoint): void
  /** The search is over, or given up. */
  end?(): void
  readonly trouble: string | undefined
}

/** Of which search it is: what is called so has to be the same, as text. */
export type About = Readonly<Record<string, string>>

/** Raised whenever what is kept, or the order in which states come, is another. */
const form = 2

const textOf = (property: Property): string =>
  Object.entries(property)
    .map(([name, said]) => `${name} ${String(said)}`)
    .join(', ')

export const aboutSearch = (
  { name, fingerprint, order }: System<any>,
  properties: readonly Property[],
  { after, reduction = true, symmetry = true, stopAtFirst = false, ignored = 'show', within }: ExploreOptions,
): About => ({
  form: `${form}`,
  system: name,
  fingerprint,
  claims: properties.map((each) => `${each.kind} "${each.name}"`).join(', '),
  // A claim is a function, and of two of them only the text can be compared.
  'text of the claims': properties.map(textOf).join('\n'),
  ...(after && { after: after.join(' ') }),
  ...(order && { order: order.rules.map(({ said }) => said.join(' before ')).join(', ') }),
  reduction: String(reduction),
  symmetry: String(symmetry),
  'stop at first': String(stopAtFirst),
  ignored,
  depth: String(within?.depth ?? 'any'),
})

/** Goes on from a checkpoint, if there is one, and keeps others. */
export class Keeper {
  /** Set once it is known. */
  symmetryOff: string | undefined
  apart: KeptSymmetry | undefined
  readonly #checkpoints: Checkpoints
  readonly #about: About
  #last: Checkpoint | undefined

  /** Throws a ModelError where what is there is of another search. */
  constructor(checkpoints: Checkpoints, about: About) {
    this.#checkpoints = checkpoints
    this.#about = about
    try {
      this.#last = checkpoints.read()
      if (this.#last) insistOnSame(this.#last.about, about)
    } catch (cause) {
      this.end()
      throw cause
    }
    this.symmetryOff = this.#last?.symmetryOff
    this.apart = this.#last?.apart
  }

  /** What to go on from; only the first search does. */
  take(): Checkpoint | undefined {
    const last = this.#last
    this.#last = undefined
    return last
  }

  isDue(expanded: number): boolean {
    return this.#checkpoints.isDue(expanded)
  }

  write(make: () => Omit<Checkpoint, 'about' | 'symmetryOff' | 'apart'>): void {
    const { symmetryOff, apart } = this
    this.#checkpoints.write(() => ({ about: this.#about, symmetryOff, apart, ...make() }))
  }

  end(): void {
    this.#checkpoints.end?.()
  }

  get trouble(): string | undefined {
    return this.#checkpoints.trouble
  }
}

export const otherCheckpoint = (differs: ModelError['evidence']): ModelError =>
  new ModelError(
    'other-checkpoint',
    'What was kept of a search is of another one: nobody can go on from it.',
    differs,
    'Go on with what it was searched with, or begin again in another folder.',
  )

function insistOnSame(was: About, is: About): void {
  const names = [...new Set([...Object.keys(is), ...Object.keys(was)])]
  const differs = names.filter((name) => was[name] !== is[name])
  if (differs.length === 0) return
  const isLong = (name: string): boolean => `${was[name]}${is[name]}`.includes('\n') || name.startsWith('text')
  throw otherCheckpoint(
    differs.map((name) => [name, isLong(name) ? 'is another' : `was ${was[name] ?? 'not said'}, and is ${is[name]}`]),
  )
}
