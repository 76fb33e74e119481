/**
 * What a system describes alike: call each of two by the name of the other, and what is described is the same. That goes by names alone, in
 * what components show at the start, and says nothing yet about what they do: renaming.ts looks at that.
 *
 * Threads may be alike only together with what is theirs: a device each, say, with its lock. What has to change places along with two of them is told
 * by where their descriptions, or what they do, differ in names.
 */
import { canonical, NotPlain } from '../states/canonical.ts'
import { wordsApart, type Two } from './words-apart.ts'
import type { Component, System } from '../system.ts'

/** Names of components, and what each of them is called instead. */
export type Renamed = (name: string) => string

/** Names that change places together, two by two: first those that it is about, then those of what comes along. */
export type Exchange = readonly [Two, ...Two[]]

/** Names change places, wherever they stand as words of a name: `task0` in `task0/unmap`, and not in `task01`. */
export function exchanging(exchange: readonly Two[]): Renamed {
  const called = new Map(exchange.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]))
  const words = new RegExp(`(?<!\\w)(?:${[...called.keys()].map(escaped).join('|')})(?!\\w)`, 'g')
  return (name) => name.replace(words, (word) => called.get(word) ?? word)
}

/** What is known of two that are described alike, from what they did. */
export interface Known {
  /** Something tells them apart, whatever comes along. */
  areUnlike(exchange: Exchange): boolean
  /** What has to come along. */
  along(two: Two): readonly Two[]
}

const nothing: Known = { areUnlike: () => false, along: () => [] }

/** Any two of a class change places, with what comes along, and nothing is different. */
export interface Class {
  /** In the order in which they are described. */
  readonly names: readonly string[]
  /** The first of them with each of the others. */
  readonly exchanges: readonly Exchange[]
  /** With whom it may be alike once it is known what has to come along. */
  readonly tried: readonly Exchange[]
}

/** Classes of two threads or more; where there are no threads, of components. */
export function alikeIn(system: System<any>, known: Known = nothing): readonly Class[] {
  const { components } = system
  const threads = [...new Set(components.flatMap(({ thread }) => thread ?? []))]
  const names = threads.length > 0 ? threads : components.map(({ id }) => id)
  // What comes from outside is told apart by who says it.
  if (names.length < 2 || components.some((each) => each.offers !== undefined)) return []
  const description = new Description(system)
  try {
    const classes: { readonly names: string[]; readonly exchanges: Exchange[]; readonly tried: Exchange[] }[] = []
    for (const name of names) {
      if (isTaken(classes, name)) continue
      const found = classes.find((each) => {
        const two: Two = [each.names[0]!, name]
        const exchange = description.exchange([two, ...known.along(two)])
        if (!exchange || known.areUnlike(exchange)) return false
        const isOne = fits(exchange, each, classes)
        if (isOne) each.exchanges.push(exchange)
        else if (exchange.length < (each.exchanges[0]?.length ?? 0)) each.tried.push(exchange)
        return isOne
      })
      if (found) found.names.push(name)
      else classes.push({ names: [name], exchanges: [], tried: [] })
    }
    return classes.filter(({ exchanges }) => exchanges.length > 0)
  } catch (cause) {
    if (cause instanceof NotPlain) return []
    throw cause
  }
}

const wordsOf = (exchange: Exchange): readonly string[] => exchange.flat()

/** It comes along with others already. */
const isTaken = (classes: readonly Class[], name: string): boolean =>
  classes.some(({ exchanges }) => exchanges.some((each) => wordsOf(each).includes(name)))

/**
 * Whether with this exchange, too, each of the class has its own that comes along: all exchanges have in common what is the first one's, one name of each
 * two; and nobody has anything of another class.
 */
function fits(exchange: Exchange, { exchanges }: Class, classes: readonly Class[]): boolean {
  const words = wordsOf(exchange)
  const others = classes.flatMap((each) => (each.exchanges === exchanges ? [] : each.exchanges))
  if (others.some((each) => wordsOf(each).some((word) => words.includes(word)))) return false
  const common = (each: Exchange) => words.filter((word) => wordsOf(each).includes(word))
  const isFirst = common(exchanges[0] ?? exchange)
  const isOneOfEachTwo = (each: Exchange) =>
    each.length === exchange.length && each.every((two) => two.filter((word) => isFirst.includes(word)).length === 1)
  return (
    exchanges.length === 0 ||
    (isOneOfEachTwo(exchange) &&
      exchanges.every((each) => isOneOfEachTwo(each) && common(each).join() === isFirst.join()))
  )
}

/** How something is described by other names, and how it would have to be. */
interface Difference {
  readonly described: string
  readonly as: () => readonly string[]
}

/** No names would do. */
const unlike: Difference = { described: '', as: () => [] }

class Description {
  readonly #components: ReadonlyMap<string, Component>
  readonly #start: readonly unknown[]
  readonly #texts = new Map<string, string>()

  constructor({ components, start }: System<any>) {
    this.#components = new Map(components.map((each) => [each.id, each]))
    this.#start = start
  }

  /** The same, with all that has to come along as far as the description tells; undefined: by other names it would be another description. */
  exchange(exchange: Exchange): Exchange | undefined {
    const difference = this.#difference(exchanging(exchange))
    if (!difference) return exchange
    const { described, as } = difference
    const names = [...this.#components.keys()]
    for (const text of as()) {
      const along = wordsApart(described, text, names, exchange)
      if (along) return this.exchange([...exchange, ...along])
    }
    return undefined
  }

  /** The first thing that is described otherwise by other names. What costs least is looked at first: many a component is made only when it is asked. */
  #difference(by: Renamed): Difference | undefined {
    const components = [...this.#components.values()]
    if (!components.every(({ id }) => this.#components.has(by(id)))) return unlike
    const starts = [textOfAll(this.#start, by), textOfAll(this.#start, (name) => name)] as const
    if (starts[0] !== starts[1]) return { described: starts[0], as: () => [starts[1]] }
    for (const each of components) {
      // Edges of the order of locks are told by their classes, each once.
      const { lockClass } = each
      if (lockClass !== undefined && by(lockClass) !== lockClass) return unlike
      const described = canonical(unordered(renamed(describedBy(each), by)))
      const text = this.#textOf(by(each.id))
      // It may be another one's: of a lock that changes places, what it guards does.
      if (described !== text) return { described, as: () => [text, ...components.map(({ id }) => this.#textOf(id))] }
    }
    return undefined
  }

  #textOf(id: string): string {
    const text = this.#texts.get(id) ?? canonical(unordered(describedBy(this.#components.get(id)!)))
    this.#texts.set(id, text)
    return text
  }
}

/** The same data with other names in it. */
export function renamed<Data>(data: Data, by: Renamed): Data
export function renamed(data: unknown, by: Renamed): unknown {
  if (typeof data === 'string') return by(data)
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return data.map((each) => renamed(each, by))
  const prototype: unknown = Object.getPrototypeOf(data)
  // Whoever compares it says what is wrong with it.
  if (prototype !== Object.prototype && prototype !== null) return data
  return Object.fromEntries(Object.entries(data).map(([name, field]) => [by(name), renamed(field, by)]))
}

/** Whether it matters in which order names stand in a list, only what is done with them can tell. */
function unordered(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return data.every((each) => typeof each === 'string') ? data.toSorted() : data.map(unordered)
  return Object.fromEntries(Object.entries(data).map(([name, field]) => [name, unordered(field)]))
}

/** What a component says of itself in plain data. */
function describedBy(component: Component): object {
  const { id, thread, lockClass, acquires, waitType, runsIn, nest, tried, awaited, guardedBy, unguarded, orders } =
    component
  const facts = {
    id,
    thread,
    lockClass,
    acquires,
    waitType,
    runsIn,
    nest,
    tried,
    awaited,
    guardedBy,
    unguarded,
    orders,
  }
  return { ...facts, shown: component.show(component.initial) }
}

/** In whatever order they stand. */
const textOfAll = (all: readonly unknown[], by: Renamed): string =>
  all
    .map((each) => canonical(renamed(each, by)))
    .sort()
    .join('\n')

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
