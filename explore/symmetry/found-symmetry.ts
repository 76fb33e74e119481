/** Symmetry that nobody has declared: threads that are described alike are taken for interchangeable until something tells them apart. */
import { exchanging, threadsAlike, type Renamed } from './alike.ts'
import type { Cells } from '../states/cells.ts'
import type { Keeper } from '../several/checkpoint.ts'
import type { ExploreOptions } from '../options.ts'
import { tellsWho, type Order } from '../runs/held.ts'
import { Orbits } from './orbits.ts'
import { ToldApart } from './renaming.ts'
import type { Report } from '../outcome/report.ts'
import type { Property } from '../system.ts'

export class FoundSymmetry {
  orbits: Orbits | undefined
  readonly #cells: Cells
  readonly #keeper: Keeper | undefined
  /** Pairs that something tells apart, and what. */
  readonly #apart = new Map<string, string>()
  #off: string | undefined

  constructor(
    cells: Cells,
    properties: readonly Property[],
    { symmetry = true }: ExploreOptions,
    keeper: Keeper | undefined,
  ) {
    this.#cells = cells
    this.#keeper = keeper
    const { apart = [], off } = keeper?.apart ?? {}
    for (const [pair, what] of apart) this.#apart.set(pair, what)
    const classes = symmetry ? this.#classes : []
    if (classes.length === 0) return
    this.#off = off ?? noneForStates(properties)
    this.#begin(classes)
  }

  /** Then the search begins again with fewer that are alike, or none. */
  isBrokenBy(cause: unknown): boolean {
    if (!(cause instanceof ToldApart)) return false
    const { threads, message } = cause
    if (threads) this.#apart.set(threads.join('\n'), message)
    else this.#off = message
    this.#begin(this.#off === undefined ? this.#classes : [])
    return true
  }

  get report(): Pick<Report, 'symmetry' | 'alike' | 'apart'> {
    const apart = [...new Set(this.#apart.values())].filter((what) => what !== '')
    const none = this.#off ?? apart[0]
    if (!this.orbits) return none === undefined ? {} : { symmetry: { off: none } }
    return { symmetry: 'on', alike: this.orbits.classes, ...(apart.length > 0 && { apart }) }
  }

  get #classes(): readonly (readonly string[])[] {
    return threadsAlike(this.#cells.tables.system, (...threads) => this.#areTold(threads))
  }

  /** Two that are described alike: something, or the order, tells them apart. */
  #areTold(threads: readonly [string, string]): boolean {
    const pair = threads.join('\n')
    const { order } = this.#cells.tables.system
    if (order && isAboutOne(order, exchanging(...threads))) this.#apart.set(pair, tellsWho)
    return this.#apart.has(pair)
  }

  #begin(classes: readonly (readonly string[])[]): void {
    this.orbits = undefined
    try {
      if (classes.length > 0 && this.#off === undefined) this.orbits = new Orbits(this.#cells, classes)
    } catch (cause) {
      if (!this.isBrokenBy(cause)) throw cause
    }
    if (this.#keeper)
      this.#keeper.apart = { apart: [...this.#apart], ...(this.#off !== undefined && { off: this.#off }) }
  }
}

/** By other names it would be another order. */
const isAboutOne = ({ rules }: Order, by: Renamed): boolean =>
  rules.some(({ said }) => said.some((name) => by(name) !== name))

/** Why states that differ only in who is who cannot count once for these properties. */
export function noneForStates(properties: readonly Property[]): string | undefined {
  const aboutRuns = properties.find(({ kind }) => kind === 'eventually')
  if (aboutRuns) return `"${aboutRuns.name}" is about whole runs`
  const aboutSteps = properties.find(({ step }) => step)
  return aboutSteps && `"${aboutSteps.name}" is about steps`
}
