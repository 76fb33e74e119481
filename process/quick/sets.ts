/** Sets of types of events, and the names of the fields of a context, by number. */

export class TypeSets {
  readonly #sets: ReadonlySet<string>[] = []
  readonly #keys = new Map<string, number>()
  readonly #added = new Map<string, number>()

  constructor() {
    this.of(new Set())
  }

  at(number: number): ReadonlySet<string> {
    return this.#sets[number]!
  }

  of(types: ReadonlySet<string>): number {
    const key = [...types].sort().join('\n')
    const known = this.#keys.get(key) ?? this.#sets.push(types) - 1
    this.#keys.set(key, known)
    return known
  }

  with(number: number, type: string): number {
    const key = `${number} ${type}`
    const known = this.#added.get(key) ?? this.of(new Set([...this.at(number), type]))
    this.#added.set(key, known)
    return known
  }
}

/** Number 0 is none. */
export class Shapes {
  readonly #shapes: (readonly string[])[] = [[]]
  readonly #keys = new Map<string, number>()

  at(number: number): readonly string[] {
    return this.#shapes[number]!
  }

  of(names: readonly string[]): number {
    const key = JSON.stringify(names)
    const known = this.#keys.get(key) ?? this.#shapes.push(names) - 1
    this.#keys.set(key, known)
    return known
  }
}
