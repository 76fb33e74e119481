/**
 * Orbits: the states that become each other when threads which are alike (alike.ts) change places, with what comes along. Each change of places is a few exchanges of the
 * first of a class with another, one after the other; what an exchange makes of the value of a cell is learned (renaming.ts).
 *
 * Of the states of an orbit one stands for all, that with the smallest numbers (smallest.ts). What is searched are the states that were met first: a run to
 * one of them is a run of the system itself.
 */
import type { Cells, Collapsed } from '../states/cells.ts'
import type { Class, Exchange } from './alike.ts'
import { Renaming, ToldApart } from './renaming.ts'
import { Smallest } from './smallest.ts'
import type { Entry, Tables } from '../states/tables.ts'

/** With more ways to change places it takes longer to compare states than to look into them. */
const mostPlaces = 5040

/** A way to change places: that of `before`, and an exchange behind it. */
interface Places {
  readonly before: Places | undefined
  readonly exchange: Renaming
  /** By cell: which cell it becomes, and what its values become. */
  readonly cells: number[]
  readonly values: number[][]
  /** By cell: which cell becomes it. */
  readonly from: number[]
  /** The way back, by number. */
  back: number
}

export class Orbits {
  readonly classes: readonly Class[]
  readonly #cells: Cells
  /** By these all is asked; places are changed by those that are known to be exchanges of one class. */
  readonly #exchanges: readonly Renaming[]
  /** All of them, but for the one that leaves everybody where he is. */
  readonly #places: readonly Places[]
  /** Entries that were asked, and are not asked by other names yet. */
  readonly #asked: Entry[]
  #isAsking = false
  readonly #image: Collapsed
  readonly #smallest: Smallest
  /** Cells that are compared behind those which tell where everybody went. */
  readonly #others: number[] = []
  #met = 0
  readonly #alike: ReadonlySet<number>

  /** Throws ToldApart, here and later, where they are not interchangeable. */
  constructor(cells: Cells, classes: readonly Class[]) {
    const { tables } = cells
    this.classes = classes
    this.#cells = cells
    this.#image = cells.blank()
    const most = classes.reduce((product, { names }) => product * factorial(names.length), 1)
    if (most > mostPlaces) throw new ToldApart(`there are ${most} ways in which threads can change places`)
    const renamings = (all: readonly Exchange[]) => all.map((each) => new Renaming(tables, each))
    const exchanges = classes.flatMap((each) => renamings(each.exchanges))
    this.#exchanges = [...exchanges, ...classes.flatMap(({ tried }) => renamings(tried))]
    this.#places = allPlaces(exchanges, tables)
    const alike = classes.map((each) => membersIn(tables, each).map((component) => cells.cellOf(component)))
    this.#alike = new Set(alike.flat())
    this.#smallest = new Smallest(
      {
        many: this.#places.length + 1,
        from: (number, cell) => (number === 0 ? cell : this.#fromAt(this.#places[number - 1]!, cell)),
        valueBy: (number, cell, value) =>
          number === 0 ? value : this.#valueBy(this.#places[number - 1]!, cell, value),
        imageAt: (state, number, cell) => this.#imageAt(state, number, cell),
      },
      alike,
    )
    // By a search that has begun again.
    this.#asked = [...tables.entries()].sort((a, b) => a.number - b.number)
  }

  /** Something new was asked: it will be asked by all names, before the next state is looked at. */
  meet(entry: Entry): void {
    this.#asked.push(entry)
  }

  /** Asks all that was asked by all names. Whoever begins again in the middle of that goes on with the rest. */
  settle(): void {
    if (this.#isAsking || this.#asked.length === 0) return
    this.#isAsking = true
    try {
      // First come, first served: what an entry is about is known by the time that it is its turn.
      for (; this.#asked.length > 0; this.#asked.shift()) this.#askByAllNames(this.#asked[0]!)
    } finally {
      this.#isAsking = false
    }
    // Whoever is asked by another name may speak to somebody who was not spoken to before.
    this.#cells.meetLanes()
  }

  /** The way that leads from this state to the one that stands for it; 0: it stands for itself. */
  smallest(state: Collapsed): number {
    this.settle()
    for (; this.#met < this.#cells.count; this.#met++) if (!this.#alike.has(this.#met)) this.#others.push(this.#met)
    return this.#smallest.wayFrom(state, this.#others)
  }

  /** The way back. */
  back(number: number): number {
    return number === 0 ? 0 : this.#places[number - 1]!.back
  }

  /** Writes what a state becomes in this way into another. */
  image(state: Collapsed, number: number, into: Collapsed): Collapsed {
    // Of the room for cells that there may be most is never used.
    for (let cell = 0; cell < this.#cells.count; cell++) into[cell] = this.#imageAt(state, number, cell)
    return into
  }

  /** Changes a state to what it becomes in this way. */
  apply(state: Collapsed, number: number): void {
    if (number === 0) return
    const image = this.image(state, number, this.#image)
    for (let cell = 0; cell < this.#cells.count; cell++) state[cell] = image[cell]!
  }

  /** Insists that what is asked of a state has the same answer for all that it becomes. `whom`: by the answers, who tells them apart. */
  insistOnSame<Answer>(
    state: Collapsed,
    answer: Answer,
    ask: (image: Collapsed) => Answer,
    whom: (one: Answer, other: Answer) => string | undefined,
  ): void {
    this.settle()
    for (let number = 1; number <= this.#places.length; number++) {
      const image = state.slice()
      this.apply(image, number)
      const apart = whom(answer, ask(image))
      // The last exchange does it: before it, the answer was the same.
      if (apart !== undefined) throw this.#places[number - 1]!.exchange.toldApartBy(apart)
    }
  }

  /** The same components in other local states: what a component in a local state can become. */
  *likenesses(component: number, local: number): Generator<readonly [component: number, local: number]> {
    this.settle()
    for (const places of this.#places) yield throughout(places, [component, local], likenessBy)
  }

  #askByAllNames(entry: Entry): void {
    if (entry.accesses) throw new ToldApart('data races are looked for, and are told by who comes first')
    for (const exchange of this.#exchanges) exchange.meet(entry)
  }

  /** What stands in a cell once places were changed. */
  #imageAt(state: Collapsed, number: number, cell: number): number {
    if (number === 0) return state[cell]!
    const places = this.#places[number - 1]!
    const from = this.#fromAt(places, cell)
    const value = state[from]!
    return places.values[from]?.[value] ?? this.#valueBy(places, from, value)
  }

  /** The way back tells where it goes, and so what stood there. */
  #fromAt(places: Places, cell: number): number {
    return (places.from[cell] ??= this.#cellBy(this.#places[places.back - 1]!, cell))
  }

  #cellBy(places: Places, cell: number): number {
    return (places.cells[cell] ??= this.#cells.cellBy(
      places.before ? this.#cellBy(places.before, cell) : cell,
      places.exchange,
    ))
  }

  #valueBy(places: Places, cell: number, value: number): number {
    const { before, exchange } = places
    const known = (places.values[cell] ??= [])
    const from = before ? this.#cellBy(before, cell) : cell
    const then = before ? this.#valueBy(before, cell, value) : value
    return (known[value] ??= this.#cells.valueBy(from, then, this.#cellBy(places, cell), exchange))
  }
}

/** For each of a class a component that goes where it goes: of its thread, or the one that is called so. */
function membersIn({ components }: Tables, { names }: Class): readonly number[] {
  return names.map((name) => components.findIndex(({ id, thread = id }) => thread === name))
}

const factorial = (many: number): number => (many <= 1 ? 1 : many * factorial(many - 1))

/** Breadth first, so that each is as few exchanges as can be. */
function allPlaces(exchanges: readonly Renaming[], { components }: Tables): readonly Places[] {
  const stand = components.map((_, component) => component)
  const numbers = new Map([[stand.join(), 0]])
  const found: { readonly places: Places | undefined; readonly stand: readonly number[] }[] = [
    { places: undefined, stand },
  ]
  for (const { places: before, stand: from } of found)
    for (const exchange of exchanges) {
      const to = from.map((component) => exchange.component(component))
      if (numbers.has(to.join())) continue
      numbers.set(to.join(), found.length)
      found.push({ places: { before, exchange, cells: [], values: [], from: [], back: 0 }, stand: to })
    }
  for (const { places, stand: to } of found) {
    const back: number[] = []
    for (const [component, then] of to.entries()) back[then] = component
    if (places) places.back = numbers.get(back.join())!
  }
  return found.slice(1).map(({ places }) => places!)
}

type Likeness = readonly [component: number, local: number]

const likenessBy = (exchange: Renaming, [component, local]: Likeness): Likeness => [
  exchange.component(component),
  exchange.local(component, local),
]

/** One exchange after the other. */
const throughout = <What>(
  { before, exchange }: Places,
  what: What,
  by: (exchange: Renaming, what: What) => What,
): What => by(exchange, before ? throughout(before, what, by) : what)
