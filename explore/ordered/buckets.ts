/** A queue whose cheapest come first; of those that cost the same, the one that came first. Prices are whole numbers. */
export class Buckets<T> {
  readonly #byPrice: ({ readonly waiting: T[]; next: number } | undefined)[] = []
  #least = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  push(one: T, price: number): void {
    ;(this.#byPrice[price] ??= { waiting: [], next: 0 }).waiting.push(one)
    if (price < this.#least) this.#least = price
    this.#count++
  }

  /** The price of the next one; undefined: there is none. */
  get price(): number | undefined {
    for (; this.#least < this.#byPrice.length; this.#least++) {
      const bucket = this.#byPrice[this.#least]
      if (bucket && bucket.next < bucket.waiting.length) return this.#least
      this.#byPrice[this.#least] = undefined
    }
    return undefined
  }

  /** The next one. */
  pop(): T | undefined {
    if (this.price === undefined) return undefined
    this.#count--
    const bucket = this.#byPrice[this.#least]!
    return bucket.waiting[bucket.next++]
  }
}
