/**
 * The set of states seen, bit-packed. Each slot gets just as many bits as the values seen in it need; a slot that never changes costs
 * nothing. When a slot outgrows its bits everything is packed again, which happens early and rarely.
 *
 * States are numbered in the order they are added. Each remembers its parent and the lane taken from it.
 */
const noParent = -1

/**
 * Bits a slot gets beyond what it needs: while there are few states memory is cheap and packing them all again is what costs; later it is
 * the other way round. At these counts of states everything is packed again with less to spare.
 */
const spareBits = (states: number): number => (states < 4096 ? 2 : states < 65_536 ? 1 : 0)
const isTightening = (states: number): boolean => states === 4096 || states === 65_536

interface Field {
  readonly slot: number
  word: number
  shift: number
  mask: number
}

export class Store {
  #words = 1
  #packed = new Int32Array(1 << 12)
  #parents = new Int32Array(1 << 12)
  #lanes = new Uint16Array(1 << 12)
  #table = new Int32Array(1 << 13).fill(-1)
  #count = 0
  /** Slots that need bits. */
  #fields: Field[] = []
  #fieldOf: (Field | undefined)[] = []
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
    let at = hash(this.#scratch, this.#words) & (this.#table.length - 1)
    for (let known = this.#table[at]!; known >= 0; known = this.#table[at]!) {
      if (this.#equals(known)) return -(known + 1)
      at = (at + 1) & (this.#table.length - 1)
    }
    const made = this.#count++
    this.#table[at] = made
    this.#reserve()
    this.#packed.set(this.#scratch, made * this.#words)
    this.#parents[made] = parent
    this.#lanes[made] = lane
    if (isTightening(this.#count)) this.#layOut(width)
    if (this.#count * 10 > this.#table.length * 7) this.#rehash(this.#table.length * 2)
    return made
  }

  /** Writes a stored state into `slots`. */
  load(state: number, slots: Int32Array, width: number): void {
    const base = state * this.#words
    for (let slot = 0; slot < width; slot++) {
      const field = this.#fieldOf[slot]
      const values = this.#values[slot]
      slots[slot] = field
        ? values![(this.#packed[base + field.word]! >>> field.shift) & field.mask]!
        : (values?.[0] ?? 0)
    }
  }

  #pack(slots: Int32Array, width: number): void {
    let packAgain = false
    for (let slot = this.#values.length; slot < width; slot++) {
      // A lane that is new was empty in every state so far.
      this.#codes.push(new Int32Array(8).fill(-1))
      this.#values.push([])
      if (this.#count > 0) this.#number(slot, 0)
    }
    const scratch = this.#scratch.fill(0)
    for (let slot = 0; slot < width; slot++) {
      const value = slots[slot]!
      const codes = this.#codes[slot]!
      let code = value < codes.length ? codes[value]! : -1
      if (code < 0) {
        code = this.#number(slot, value)
        const field = this.#fieldOf[slot]
        packAgain ||= code > (field?.mask ?? 0)
      }
      const field = this.#fieldOf[slot]
      if (field) scratch[field.word]! |= code << field.shift
    }
    if (!packAgain) return
    this.#layOut(width)
    this.#pack(slots, width)
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
    return code
  }

  /** Gives each slot its bits, first fit into 32-bit words, and packs every state again. */
  #layOut(width: number): void {
    const old = { fieldOf: this.#fieldOf, packed: this.#packed, words: this.#words }
    const free: number[] = []
    this.#fields = []
    this.#fieldOf = []
    const spare = spareBits(this.#count)
    const bitsOf = (slot: number) => 32 - Math.clz32(this.#values[slot]!.length - 1)
    const slots = [...this.#values.keys()].filter((slot) => slot < width && bitsOf(slot) + spare > 0)
    for (const slot of slots.sort((a, b) => bitsOf(b) - bitsOf(a))) {
      const bits = Math.min(32, bitsOf(slot) + (bitsOf(slot) > 0 || spare > 1 ? spare : 0))
      if (bits === 0) continue
      let word = free.findIndex((left) => left >= bits)
      if (word < 0) word = free.push(32) - 1
      const field = { slot, word, shift: 32 - free[word]!, mask: bits === 32 ? -1 : (1 << bits) - 1 }
      free[word]! -= bits
      this.#fields.push(field)
      this.#fieldOf[slot] = field
    }
    this.#words = Math.max(1, free.length)
    this.#scratch = new Int32Array(this.#words)
    this.#packed = new Int32Array(Math.max(1 << 12, this.#parents.length * this.#words))
    for (let state = 0; state < this.#count; state++) {
      for (const { slot, word, shift } of this.#fields) {
        const before = old.fieldOf[slot]
        if (!before) continue
        const code = (old.packed[state * old.words + before.word]! >>> before.shift) & before.mask
        this.#packed[state * this.#words + word]! |= code << shift
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
