/** Symmetry that nobody has declared: those that are described alike are taken for interchangeable until something tells them apart. */
import { alikeIn, exchanging, type Class, type Exchange, type Renamed } from './alike.ts'
import type { Cells } from '../states/cells.ts'
import type { Keeper } from '../several/checkpoint.ts'
import type { ExploreOptions } from '../options.ts'
import { tellsWho, type Order } from '../runs/held.ts'
import { Orbits } from './orbits.ts'
import { ToldApart } from './renaming.ts'
import type { Two } from './words-apart.ts'
import type { Report } from '../outcome/report.ts'
import type { Property } from '../system.ts'

export class FoundSymmetry {
  orbits: Orbits | undefined
  readonly #cells: Cells
  readonly #keeper: Keeper | undefined
  /** Pairs that something tells apart, and what. */
  readonly #apart = new Map<string, string>()
  /** By pair: what has to come along with the two. */
  readonly #along = new Map<string, readonly Two[]>()
  #off: string | undefined

  constructor(
    cells: Cells,
    properties: readonly Property[],
    { symmetry = true }: ExploreOptions,
    keeper: Keeper | undefined,
  ) {
    this.#cells = cells
    this.#keeper = keeper
    const { apart = [], along = [], off } = keeper?.apart ?? {}
    for (const [pair, what] of apart) this.#apart.set(pair, what)
    for (const [pair, names] of along) this.#along.set(pair, names)
    const classes = symmetry ? this.#classes : []
    if (classes.length === 0) return
    this.#off = off ?? noneForStates(properties)
    this.#begin(classes)
  }

  /** Then the search begins again with fewer that are alike, or none. */
  isBrokenBy(cause: unknown): boolean {
    if (!(cause instanceof ToldApart)) return false
    const { who, along, message } = cause
    if (who && along.length > 0) this.#along.set(pairOf(who), [...this.#alongWith(who), ...along])
    else if (who) this.#apart.set(pairOf(who), message)
    else this.#off = message
    this.#begin(this.#off === undefined ? this.#classes : [])
    return true
  }

  get report(): Pick<Report, 'symmetry' | 'alike' | 'along' | 'apart'> {
    const apart = [...new Set(this.#apart.values())].filter((what) => what !== '')
    const none = this.#off ?? apart[0]
    if (!this.orbits) return none === undefined ? {} : { symmetry: { off: none } }
    const { classes } = this.orbits
    const along = classes.flatMap(({ exchanges }) =>
      exchanges.flatMap(([of, ...names]) => (names.length > 0 ? [{ of, names }] : [])),
    )
    return {
      symmetry: 'on',
      alike: classes.map(({ names }) => names),
      ...(along.length > 0 && { along }),
      ...(apart.length > 0 && { apart }),
    }
  }

  get #classes(): readonly Class[] {
    return alikeIn(this.#cells.tables.system, {
      areUnlike: (exchange) => this.#areTold(exchange),
      along: (two) => this.#alongWith(two),
    })
  }

  #alongWith(two: Two): readonly Two[] {
    return this.#along.get(pairOf(two)) ?? []
  }

  /** Two that are described alike: something, or the order, tells them apart. */
  #areTold(exchange: Exchange): boolean {
    const pair = pairOf(exchange[0])
    const { order } = this.#cells.tables.system
    if (order && isAboutOne(order, exchanging(exchange))) this.#apart.set(pair, tellsWho)
    return this.#apart.has(pair)
  }

  #begin(classes: readonly Class[]): void {
    this.orbits = undefined
    try {
      if (classes.length > 0 && this.#off === undefined) this.orbits = new Orbits(this.#cells, classes)
    } catch (cause) {
      if (!this.isBrokenBy(cause)) throw cause
    }
    if (this.#keeper)
      this.#keeper.apart = {
        apart: [...this.#apart],
        along: [...this.#along],
        ...(this.#off !== undefined && { off: this.#off }),
      }
  }
}

const pairOf = (two: Two): string => two.join('\n')

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
