/** Sets of types of events, by number. */

export class TypeSets {
  readonly #sets: ReadonlySet<string>[] = []
  readonly #keys = new Map<string, number>()
  /** By number: what there is with one type more. */
  readonly #added: Map<string, number>[] = []

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
    const added = (this.#added[number] ??= new Map())
    const known = added.get(type) ?? this.of(new Set([...this.at(number), type]))
    added.set(type, known)
    return known
  }
}
