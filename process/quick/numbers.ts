/**
 * Plain values as small integers: what reads the same has the same number, however often it was made. A value is looked up part by part, so that
 * no text is made of it.
 */
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import { Branches } from './branches.ts'

/** What is nested deeper is a cycle, or as bad. */
const deepest = 100

export class Numbers {
  /** By number, the first value that had it. Number 0 is none. */
  readonly values: unknown[] = [undefined]
  readonly #atoms = new Map<unknown, number>()
  readonly #branches = new Branches()
  readonly #lists = this.#branches.root()
  readonly #records = this.#branches.root()
  /** By branch: the value whose parts end there; 0: none does. */
  readonly #ends: number[] = []
  readonly #minusZero = this.#add(-0)
  readonly #true = this.#add(true)
  readonly #false = this.#add(false)

  /** Throws NotNumbered for what is not plain. */
  of(value: unknown, depth = 0): number {
    if (typeof value !== 'object' || value === null) return this.#atom(value)
    if (depth > deepest) throw new NotNumbered()
    const end = Array.isArray(value) ? this.#list(value, depth) : this.#record(value, depth)
    const ends = this.#ends
    while (ends.length <= end) ends.push(0)
    if (ends[end] === 0) ends[end] = this.#add(value)
    return ends[end]!
  }

  #atom(value: unknown): number {
    if (value === true) return this.#true
    if (value === false) return this.#false
    if (value === 0 && Object.is(value, -0)) return this.#minusZero
    const known = this.#atoms.get(value)
    if (known !== undefined) return known
    if (typeof value === 'function' || typeof value === 'symbol') throw new NotNumbered()
    const made = this.#add(value)
    this.#atoms.set(value, made)
    return made
  }

  #list(value: readonly unknown[], depth: number): number {
    const branches = this.#branches
    let at = this.#lists
    for (let index = 0; index < value.length; index++) {
      const each: unknown = value[index]
      if (each === undefined && !(index in value)) throw new NotNumbered()
      at = branches.from(at, typeof each === 'object' ? this.of(each, depth + 1) : this.#atom(each))
    }
    return at
  }

  #record(value: object, depth: number): number {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) throw new NotNumbered()
    const branches = this.#branches
    let at = this.#records
    // The order of fields can be seen, and is part of what it is.
    for (const name of Object.keys(value)) {
      const part = this.of((value as Readonly<Record<string, unknown>>)[name], depth + 1)
      at = branches.from(branches.from(at, this.#atom(name)), part)
    }
    return at
  }

  #add(value: unknown): number {
    return this.values.push(value) - 1
  }
}
