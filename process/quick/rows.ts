/** A table with a row for each value of a field, as long as it is worth it. */

/** Rows at first. */
const few = 16

export class Rows {
  readonly width: number
  numbers: Int32Array
  /** How often a row was asked for that is not there. */
  #beyond = 0

  constructor(width: number) {
    this.width = width
    this.numbers = new Int32Array(few * width)
  }

  /** Where the row of a value begins, if there is one. */
  find(value: number): number {
    const at = value * this.width
    return at < this.numbers.length ? at : -1
  }

  /** The same, to write into. The table is longer when it was missed often enough: values that never come again take no room. */
  make(value: number): number {
    const { width, numbers } = this
    const rows = numbers.length / width
    if (value >= rows && ++this.#beyond * missedFor >= rows) {
      this.#beyond = 0
      this.numbers = new Int32Array(numbers.length * 2)
      this.numbers.set(numbers)
    }
    return this.find(value)
  }
}

/** One miss is worth so many rows. */
const missedFor = 4
