/**
 * Threads that a system describes alike: call each of two by the name of the other, and what is described is the same. That goes by names alone, in
 * what components show at the start, and says nothing yet about what they do: renaming.ts looks at that.
 */
import { canonical, NotPlain } from '../states/canonical.ts'
import type { Component, System } from '../system.ts'

/** Names of threads, and what each of them is called instead. */
export type Renamed = (name: string) => string

/** Two names change places, wherever they stand as words of a name: `task0` in `task0/unmap`, and not in `task01`. */
export function exchanging(one: string, other: string): Renamed {
  const words = new RegExp(`(?<!\\w)(?:${escaped(one)}|${escaped(other)})(?!\\w)`, 'g')
  return (name) => name.replace(words, (word) => (word === one ? other : one))
}

/**
 * Classes of two threads or more, any two of which change places and nothing is different; in the order in which they are described. `areUnlike`: of
 * two that are described alike it is known that something tells them apart.
 */
export function threadsAlike(
  system: System<any>,
  areUnlike: (...threads: readonly [string, string]) => boolean = () => false,
): readonly (readonly string[])[] {
  const { components } = system
  const threads = [...new Set(components.flatMap(({ thread }) => thread ?? []))]
  // What comes from outside is told apart by who says it.
  if (threads.length < 2 || components.some((each) => each.offers !== undefined)) return []
  const description = new Description(system)
  try {
    const classes: string[][] = []
    for (const thread of threads) {
      const found = classes.find(
        ([member]) => description.isSame(exchanging(member!, thread)) && !areUnlike(member!, thread),
      )
      if (found) found.push(thread)
      else classes.push([thread])
    }
    return classes.filter(({ length }) => length > 1)
  } catch (cause) {
    if (cause instanceof NotPlain) return []
    throw cause
  }
}

class Description {
  readonly #components: ReadonlyMap<string, Component>
  readonly #start: readonly unknown[]
  readonly #texts = new Map<string, string>()

  constructor({ components, start }: System<any>) {
    this.#components = new Map(components.map((each) => [each.id, each]))
    this.#start = start
  }

  /** By other names. What costs least is looked at first: many a component is made only when somebody asks it something. */
  isSame(by: Renamed): boolean {
    const components = [...this.#components.values()]
    return (
      components.every(({ id }) => this.#components.has(by(id))) &&
      textOfAll(this.#start, by) === textOfAll(this.#start, (name) => name) &&
      components.every((each) => canonical(unordered(renamed(describedBy(each), by))) === this.#textOf(by(each.id)))
    )
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
