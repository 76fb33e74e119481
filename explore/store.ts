/**
 * The set of states seen, bit-packed. Each slot gets just as many bits as the values seen in it need; a slot that never changes costs
 * nothing. A slot that outgrows its bits gets more of them somewhere else: in the states stored already these bits are 0, which is right,
 * so nothing moves. Now and then everything is packed again, without the gaps.
 *
 * States are numbered in the order they are added. Each remembers its parent and the lane taken from it.
 */
const noParent = -1

/** At these counts of states everything is packed again: the widths that few states needed say little about those that many will. */
const isTightening = (states: number): boolean => states === 1024 || states === 16_384 || states === 131_072

/** Bits of a slot's code: `mask` of it, from bit `from` on, at `shift` in word `word`. */
interface Field {
  readonly from: number
  readonly word: number
  readonly shift: number
  readonly mask: number
}

export class Store {
  #words = 1
  #packed = new Int32Array(1 << 12)
  #parents = new Int32Array(1 << 12)
  #lanes = new Uint16Array(1 << 12)
  #table = new Int32Array(1 << 13).fill(-1)
  #count = 0
  /** The fields of each slot, lowest bits first. */
  #fieldsOf: Field[][] = []
  /** Bits not given to any slot, by word: always the upper ones. */
  #free: number[] = [32]
  /** Slot value → small number, and back: only values that occur in stored states are numbered. */
  readonly #codes: Int32Array[] = []
  readonly #values: number[][] = []
  #scratch = new Int32Array(1)

  get count(): number {
    return this.#count
  }

  /** Bytes taken up by states, parents, lanes and the hash table, as allocated for use (not the unused tail of growing arrays). */
  get bytes(): number {
    return this.#count * (this.#words * 4 + 4 + 2) + this.#table.byteLength
  }

  parent(state: number): number {
    return this.#parents[state]!
  }

  lane(state: number): number {
    return this.#lanes[state]!
  }

  /** Adds a state unless it is there; returns its number, or -(number + 1) when it was known. */
  add(slots: Int32Array, width: number, parent = noParent, lane = 0): number {
    this.#pack(slots, width)
    return this.#addPacked(width, parent, lane)
  }

  /** The same for a state that differs from stored state `near` in the slots of `changed` only: (slot, anything) pairs. */
  addNear(
    near: number,
    slots: Int32Array,
    changed: readonly number[],
    width: number,
    parent: number,
    lane: number,
  ): number {
    if (changed.length > width || !this.#packNear(near, slots, changed, width)) this.#pack(slots, width)
    return this.#addPacked(width, parent, lane)
  }

  /** Writes a stored state into `slots`. */
  load(state: number, slots: Int32Array, width: number): void {
    const base = state * this.#words
    const packed = this.#packed
    for (let slot = 0; slot < width; slot++) {
      const values = this.#values[slot]
      if (values === undefined) {
        slots[slot] = 0
        continue
      }
      let code = 0
      const fields = this.#fieldsOf[slot]!
      for (let at = 0; at < fields.length; at++) {
        const { word, shift, mask, from } = fields[at]!
        code |= ((packed[base + word]! >>> shift) & mask) << from
      }
      slots[slot] = values[code] ?? 0
    }
  }

  #addPacked(width: number, parent: number, lane: number): number {
    const table = this.#table
    const last = table.length - 1
    let at = hash(this.#scratch, this.#words) & last
    for (let known = table[at]!; known >= 0; known = table[at]!) {
      if (this.#equals(known)) return -(known + 1)
      at = (at + 1) & last
    }
    const made = this.#count++
    table[at] = made
    this.#reserve()
    const base = made * this.#words
    for (let word = 0; word < this.#words; word++) this.#packed[base + word] = this.#scratch[word]!
    this.#parents[made] = parent
    this.#lanes[made] = lane
    if (isTightening(this.#count)) this.#layOut(width)
    if (this.#count * 4 > this.#table.length * 3) this.#rehash(this.#table.length * 2)
    return made
  }

  #pack(slots: Int32Array, width: number): void {
    this.#meetSlots(width)
    this.#scratch.fill(0)
    for (let slot = 0; slot < width; slot++) this.#put(slot, slots[slot]!)
  }

  /** False: a slot is new. */
  #packNear(near: number, slots: Int32Array, changed: readonly number[], width: number): boolean {
    if (this.#values.length < width) return false
    const base = near * this.#words
    for (let word = 0; word < this.#words; word++) this.#scratch[word] = this.#packed[base + word]!
    for (let at = 0; at < changed.length; at += 2) this.#put(changed[at]!, slots[changed[at]!]!)
    return true
  }

  #put(slot: number, value: number): void {
    const codes = this.#codes[slot]!
    let code = value < codes.length ? codes[value]! : -1
    if (code < 0) code = this.#number(slot, value)
    const fields = this.#fieldsOf[slot]!
    for (let at = 0; at < fields.length; at++) {
      const { word, shift, mask, from } = fields[at]!
      this.#scratch[word] = (this.#scratch[word]! & ~(mask << shift)) | (((code >>> from) & mask) << shift)
    }
  }

  #meetSlots(width: number): void {
    for (let slot = this.#values.length; slot < width; slot++) {
      this.#codes.push(new Int32Array(8).fill(-1))
      this.#values.push([])
      this.#fieldsOf.push([])
      // A lane that is new was empty in every state so far.
      if (this.#count > 0) this.#number(slot, 0)
    }
  }

  #number(slot: number, value: number): number {
    const codes = this.#codes[slot]!
    if (value >= codes.length) {
      const wider = new Int32Array(Math.max(value + 1, codes.length * 2)).fill(-1)
      wider.set(codes)
      this.#codes[slot] = wider
    }
    const code = this.#values[slot]!.push(value) - 1
    this.#codes[slot]![value] = code
    const bits = this.#fieldsOf[slot]!.reduce((sum, { mask }) => sum + widthOf(mask), 0)
    if (widthOf(code) > bits) this.#give(slot, bits, 1)
    return code
  }

  /** Gives a slot more bits where some are free, or in a new word. */
  #give(slot: number, from: number, bits: number): void {
    this.#fit(slot, from, bits)
    if (this.#free.length > this.#words) this.#widen(this.#free.length)
  }

  /** First fit: the first word with as many bits free, or one word more. */
  #fit(slot: number, from: number, bits: number): void {
    let word = this.#free.findIndex((left) => left >= bits)
    if (word < 0) word = this.#free.push(32) - 1
    this.#fieldsOf[slot]!.push({ from, word, shift: 32 - this.#free[word]!, mask: 2 ** bits - 1 })
    this.#free[word]! -= bits
  }

  /** More words for every state. */
  #widen(words: number): void {
    const old = { words: this.#words, packed: this.#packed, scratch: this.#scratch }
    this.#words = words
    this.#scratch = grown(old.scratch, new Int32Array(words))
    this.#packed = new Int32Array(Math.max(1 << 12, this.#parents.length * words))
    for (let state = 0; state < this.#count; state++) {
      for (let word = 0; word < old.words; word++)
        this.#packed[state * words + word] = old.packed[state * old.words + word]!
    }
    this.#rehash(this.#table.length)
  }

  /** Gives each slot its bits anew, first fit into 32-bit words, and packs every state again. */
  #layOut(width: number): void {
    const old = { fields: this.#fieldsOf, packed: this.#packed, words: this.#words }
    const bitsOf = (slot: number) => widthOf(this.#values[slot]!.length - 1)
    const slots = [...this.#values.keys()].filter((slot) => slot < width && bitsOf(slot) > 0)
    this.#free = [32]
    this.#fieldsOf = this.#values.map(() => [])
    for (const slot of slots.sort((a, b) => bitsOf(b) - bitsOf(a))) this.#fit(slot, 0, bitsOf(slot))
    this.#words = this.#free.length
    this.#scratch = new Int32Array(this.#words)
    this.#packed = new Int32Array(Math.max(1 << 12, this.#parents.length * this.#words))
    for (const slot of slots) {
      const { word, shift } = this.#fieldsOf[slot]![0]!
      for (const before of old.fields[slot]!) {
        for (let state = 0; state < this.#count; state++) {
          const bits = (old.packed[state * old.words + before.word]! >>> before.shift) & before.mask
          this.#packed[state * this.#words + word]! |= bits << (before.from + shift)
        }
      }
    }
    this.#rehash(this.#table.length)
  }

  #rehash(size: number): void {
    const table = new Int32Array(size).fill(-1)
    const words = this.#words
    for (let state = 0; state < this.#count; state++) {
      let at = hash(this.#packed, words, state * words) & (size - 1)
      while (table[at]! >= 0) at = (at + 1) & (size - 1)
      table[at] = state
    }
    this.#table = table
  }

  #reserve(): void {
    if (this.#count > this.#parents.length) {
      const size = this.#parents.length * 2
      this.#parents = grown(this.#parents, new Int32Array(size))
      this.#lanes = grown(this.#lanes, new Uint16Array(size))
    }
    const needed = this.#parents.length * this.#words
    if (this.#packed.length < needed) this.#packed = grown(this.#packed, new Int32Array(needed))
  }

  #equals(state: number): boolean {
    const base = state * this.#words
    for (let word = 0; word < this.#words; word++) {
      if (this.#packed[base + word] !== this.#scratch[word]) return false
    }
    return true
  }
}

/** Bits that a number needs. */
const widthOf = (code: number): number => 32 - Math.clz32(code)

function grown<T extends Int32Array | Uint16Array>(old: T, wider: T): T {
  wider.set(old as never)
  return wider
}

function hash(words: Int32Array, count: number, base = 0): number {
  let sum = 0x9e3779b9 | 0
  for (let word = 0; word < count; word++) {
    sum = Math.imul(sum ^ words[base + word]!, 0x85ebca6b)
    sum ^= sum >>> 15
  }
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
  return sum ^ (sum >>> 16)
}
