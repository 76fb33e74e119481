/**
 * What is known of the values of a field: a row for each, in which everybody who knows something of them has a column. So what is asked of one value
 * lies together.
 */

/** Rows at first. */
const few = 16
/** One miss is worth so many rows: values that never come again take no room. */
const missedFor = 4

export class Rows {
  /** Of a row. */
  width = 8
  numbers = new Int32Array(few * this.width)
  #columns = 0
  #rows = few
  /** How often a row was asked for that is not there. */
  #beyond = 0
  #last = 0

  /** So many columns beside each other: the first of them. */
  columns(many: number): number {
    const first = this.#columns
    this.#columns += many
    if (this.#columns > this.width) this.#lay(this.#rows, Math.max(this.width * 2, this.#columns))
    return first
  }

  /** What stands in a column of the row of a value; 0 where there is none. */
  at(value: number, column: number): number {
    return value < this.#rows ? this.numbers[value * this.width + column]! : 0
  }

  /** Where the row of a value begins, if there is one. */
  find(value: number): number {
    return value < this.#rows ? value * this.width : -1
  }

  /** The same, to write into. There are more rows when one was missed often enough. */
  make(value: number): number {
    if (value >= this.#rows && value !== this.#last && ++this.#beyond * missedFor >= this.#rows) {
      this.#beyond = 0
      this.#lay(this.#rows * 2, this.width)
    }
    this.#last = value
    return this.find(value)
  }

  #lay(rows: number, width: number): void {
    const made = new Int32Array(rows * width)
    if (width === this.width) made.set(this.numbers)
    else
      for (let row = 0; row < this.#rows; row++)
        for (let column = 0; column < this.width; column++)
          made[row * width + column] = this.numbers[row * this.width + column]!
    this.#rows = rows
    this.width = width
    this.numbers = made
  }
}

/** By slot: the rows of whatever is in it. */
export class Table {
  readonly #rows: (Rows | undefined)[] = []

  of(slot: number): Rows {
    return (this.#rows[slot] ??= new Rows())
  }
}
