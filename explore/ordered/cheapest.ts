/** A queue whose cheapest come first; of those that cost the same, the one that came last. Prices are small whole numbers. */
export class Cheapest<T> {
  readonly #byPrice: T[][] = []
  #least = 0

  push(one: T, price: number): void {
    ;(this.#byPrice[price] ??= []).push(one)
    if (price < this.#least) this.#least = price
  }

  pop(): T | undefined {
    for (; this.#least < this.#byPrice.length; this.#least++) {
      const one = this.#byPrice[this.#least]?.pop()
      if (one !== undefined) return one
    }
    return undefined
  }
}
