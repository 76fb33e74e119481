/** What a function of the context answers, by what it looks at there: a table for each field, so that what was asked once is looked up. */
import type { Rows, Table } from './rows.ts'

/** By the number of a field's value: 0, nobody knows; an answer + 1; or -(number of the look that follows) - 1. */
export interface Look {
  readonly slot: number
  readonly rows: Rows
  readonly column: number
}

const unknown = -1

/** Whoever looks at more fields is asked each time. */
const mostLooks = 3

/** There may be one look more for so many answers that were not known: values that never come again are not worth one. */
const answersPerLook = 16

export class Memo {
  /** By number of the names that a context has: which fields are there is looked at by whoever looks at one. */
  readonly #begins: (Look | number | undefined)[] = []
  readonly #looks: Look[] = []
  readonly #table: Table
  #asked = 0

  constructor(table: Table) {
    this.#table = table
  }

  /** The answer, or -1. */
  find(slots: Int32Array, names: number): number {
    const begin = this.#begins[names]
    if (typeof begin !== 'object') return begin ?? unknown
    for (let look = begin; ;) {
      const { rows, slot, column } = look
      const found = rows.at(slots[slot]!, column)
      if (found >= 0) return found - 1
      look = this.#looks[~found]!
    }
  }

  /** The field that it looks at first; or the answer, if it looks at none. */
  firstLook(names: number): Look | number | undefined {
    return this.#begins[names]
  }

  /** `looks`: slots of what it looked at, in order. True: it is kept. */
  learn(slots: Int32Array, names: number, looks: readonly number[], answer: number): boolean {
    this.#asked++
    if (looks.length > mostLooks) return false
    if (looks.length === 0) {
      this.#begins[names] ??= answer
      return true
    }
    let look = (this.#begins[names] ??= this.#lookAt(looks[0]!))
    for (let step = 0; typeof look === 'object' && look.slot === looks[step]; step++) {
      const { rows, slot, column } = look
      const row = rows.make(slots[slot]!)
      if (row < 0) return false
      const at = row + column
      const found = rows.numbers[at]!
      if (step === looks.length - 1) {
        if (found === 0) rows.numbers[at] = answer + 1
        return found === 0
      }
      if (found > 0 || (found === 0 && this.#looks.length * answersPerLook > this.#asked)) return false
      if (found < 0) {
        look = this.#looks[~found]!
        continue
      }
      const next = this.#lookAt(looks[step + 1]!)
      // The rows may be laid out anew.
      rows.numbers[rows.find(slots[slot]!) + column] = ~(this.#looks.push(next) - 1)
      look = next
    }
    return false
  }

  #lookAt(slot: number): Look {
    const rows = this.#table.of(slot)
    return { slot, rows, column: rows.columns(1) }
  }
}
