/**
 * Which bits of a packed state belong to which slot. A slot has as many as the values seen in it need; one that never changes has none. A slot
 * that outgrows its bits gets more of them somewhere else: in the states packed already these bits are 0, which is right, so nothing moves.
 */

/** Bits of a slot's code: `mask` of it, from bit `from` on, at `shift` in word `word`. */
export interface Field {
  readonly from: number
  readonly word: number
  readonly shift: number
  readonly mask: number
}

export interface KeptLayout {
  readonly fields: readonly (readonly Field[])[]
  readonly free: readonly number[]
}

export class Layout {
  /** The fields of each slot, lowest bits first. */
  readonly fields: readonly (readonly Field[])[]
  /** Bits not given to any slot, by word: always the upper ones. */
  readonly #free: readonly number[]

  private constructor(fields: readonly (readonly Field[])[], free: readonly number[]) {
    this.fields = fields
    this.#free = free
  }

  get words(): number {
    return this.#free.length
  }

  /** The tightest for slots of so many values each. */
  static of(values: readonly number[]): Layout {
    const bits = values.map((many) => widthOf(many - 1))
    const slots = [...bits.keys()].filter((slot) => bits[slot]! > 0)
    const begun = new Layout(
      values.map(() => []),
      [32],
    )
    return slots.sort((a, b) => bits[b]! - bits[a]!).reduce((made, slot) => made.#fit(slot, 0, bits[slot]!), begun)
  }

  /** As plain data, and the same again. */
  get kept(): KeptLayout {
    return { fields: this.fields, free: this.#free }
  }

  static from({ fields, free }: KeptLayout): Layout {
    return new Layout(fields, free)
  }

  withSlot(): Layout {
    return new Layout([...this.fields, []], this.#free)
  }

  /** With room for this code: one bit more at most, since codes are given one after the other. */
  holding(slot: number, code: number): Layout {
    const bits = this.fields[slot]!.reduce((sum, { mask }) => sum + widthOf(mask), 0)
    return widthOf(code) > bits ? this.#fit(slot, bits, 1) : this
  }

  /** First fit: the first word with as many bits free, or one word more. */
  #fit(slot: number, from: number, bits: number): Layout {
    const free = this.#free.some((left) => left >= bits) ? this.#free : [...this.#free, 32]
    const word = free.findIndex((left) => left >= bits)
    const field = { from, word, shift: 32 - free[word]!, mask: -1 >>> (32 - bits) }
    return new Layout(this.fields.with(slot, [...this.fields[slot]!, field]), free.with(word, free[word]! - bits))
  }
}

/** Bits that a number needs. */
const widthOf = (code: number): number => 32 - Math.clz32(code)
