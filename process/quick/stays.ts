/** Events that are known to change nothing where one field has a certain value, whatever the others have. */
import type { Rows, Table } from './rows.ts'
import type { Shortcut } from './shortcuts.ts'

export class Stays {
  /** By event: the ways of the others. */
  readonly shortcuts: (Shortcut | undefined)[]
  readonly #words: number
  readonly #always: Int32Array
  readonly #slots: number[] = []
  readonly #rows: Rows[] = []
  readonly #columns: number[] = []
  readonly #table: Table

  constructor(events: number, table: Table) {
    this.shortcuts = Array.from({ length: events }, () => undefined)
    this.#table = table
    this.#words = (events + 31) >>> 5
    this.#always = new Int32Array(this.#words)
  }

  /** Writes a bit for each event. */
  read(state: Int32Array, into: Int32Array): void {
    const words = this.#words
    for (let word = 0; word < words; word++) into[word] = this.#always[word]!
    for (let each = 0; each < this.#slots.length; each++) {
      const rows = this.#rows[each]!
      const at = rows.find(state[this.#slots[each]!]!)
      if (at < 0) continue
      const base = at + this.#columns[each]!
      for (let word = 0; word < words; word++) into[word]! |= rows.numbers[base + word]!
    }
  }

  /** `slot`: what it depends on; 0: nothing. */
  add(event: number, slot: number, state: Int32Array): void {
    const bit = 1 << (event & 31)
    const word = event >>> 5
    if (slot === 0) {
      this.#always[word]! |= bit
      return
    }
    let each = this.#slots.indexOf(slot)
    if (each < 0) {
      each = this.#slots.push(slot) - 1
      const made = this.#table.of(slot)
      this.#rows.push(made)
      this.#columns.push(made.columns(this.#words))
    }
    const rows = this.#rows[each]!
    const at = rows.make(state[slot]!)
    if (at >= 0) rows.numbers[at + this.#columns[each]! + word]! |= bit
  }
}
