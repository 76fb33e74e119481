/**
 * The set of states seen, bit-packed. Only values that occur in stored states are numbered, slot by slot, and get bits (layout.ts); now and then
 * everything is packed again, without the gaps.
 *
 * States are numbered in the order they are added. Each remembers its parent and the lane taken from it. An entry of the hash table is the number
 * of a state and, in the bits that this leaves, a part of its hash: where that differs, nobody looks at the state.
 *
 * Once states are spilled (spill/), all that have numbers are on the disk. What is here are those that were added last, by slot: they have no
 * numbers until it is known which of them were there before (`settle`). What `add` answers then is a slot.
 */
import { allocated, Column, mostStates, NoRoom, segmentBits, segmentSize, type Segment } from './columns.ts'
import { hash } from './hash.ts'
import { Layout, type Field, type KeptLayout } from './layout.ts'
import type { Spilled } from '../spill/spilled.ts'
import { unknown } from './unknown.ts'

const noParent = -1
const segmentMask = segmentSize - 1
/** The first table. */
const fewest = 1 << 13

/**
 * At these counts of states everything is packed again: the widths that few states needed say little about those that many will. The first is that
 * early because V8 compiles anew what it has taken for packed once and for all.
 */
const tightened = [64, 1024, 16_384, 131_072] as const

/** What is different from another state, as it is packed: a patch that is used again has its bits at hand. */
export class Patch {
  /** Slot, value. */
  readonly changes: readonly number[]
  layout: Layout | undefined
  /** For each word: the bits that change, and what they become. */
  bits = new Int32Array()

  constructor(changes: readonly number[]) {
    this.changes = changes
  }
}

/** As plain data. The hash table follows from the states, but for its size. */
export interface KeptStates {
  readonly count: number
  readonly layout: KeptLayout
  /** By slot: the values that have codes. */
  readonly values: readonly (readonly number[])[]
  readonly table: number
  readonly packed: readonly Int32Array[]
  readonly parents: readonly Segment[]
  readonly lanes: readonly Segment[]
  /** Of orbits (orbit-store.ts). */
  readonly ways?: readonly Segment[]
}

/** What another thread needs to look states up: the arrays, and how they are packed. */
export interface Shown {
  /** Raised whenever what was packed before is packed otherwise. */
  readonly epoch: number
  readonly layout: Layout
  readonly values: readonly (readonly number[])[]
  readonly table: Int32Array
  readonly packed: readonly Int32Array[]
}

const wordsOf = (length: number, isShared: boolean): Int32Array =>
  isShared ? new Int32Array(new SharedArrayBuffer(4 * length)) : new Int32Array(length)

export class Store {
  #layout = Layout.of([])
  /** By segment: the words of its states. */
  #packed: Int32Array[] = []
  readonly #parents = new Column()
  readonly #lanes = new Column()
  /** State number + 1 in the lower bits, hash in the upper ones; 0: free. */
  #table: Int32Array
  #count = 0
  /**
   * At so many states somebody looks whether there is room for the next one, and at so many whether they are packed well: the sooner the fewer there are,
   * for what V8 has seen no use of it compiles anew when there is one.
   */
  #full = 0
  #loose = 1
  /** Slot value → code, and back. */
  readonly #codes: Int32Array[] = []
  readonly #values: number[][] = []
  #scratch = new Int32Array(1)
  #epoch = 0
  #changes = 0
  /** Other threads look at it. */
  readonly #isShared: boolean
  /** It is that of another thread. */
  #isOthers = false
  #spilled: Spilled | undefined
  /** So many slots are settled: the column of parents has their numbers now, or says that they were there before. */
  #settled = 0
  /** Slots that there may be. */
  #capacity = Infinity
  #fewest = 0
  readonly #depths = new Column()
  /** Nothing new comes any more. */
  #isOver = false
  /** The words of a state that is looked at, and which it is. */
  #near = new Int32Array(0)
  #nearest = -1
  #base = 0
  /** The hash of what was sought last. */
  #key = 0

  constructor(isShared = false) {
    this.#isShared = isShared
    // So small that there is room, or nothing could be told at all.
    this.#table = wordsOf(fewest, isShared)
  }

  get count(): number {
    return this.#spilled ? this.#spilled.log.count : this.#count
  }

  /** How many are on the way, or among those that are: nobody knows which of them are new. */
  get pending(): number {
    return this.#spilled ? this.#count - this.#settled : 0
  }

  get spilled(): Spilled | undefined {
    return this.#spilled
  }

  /** Bytes that it asks for at once before long. */
  get growth(): number {
    if (this.#spilled) return 0
    const isNear = (this.#count + segmentSize) * 8 > this.#table.length * 7
    return (isNear ? this.#table.byteLength * 2 : 0) + segmentSize * 4 * (this.#layout.words + 2)
  }

  /** What it takes to spill: for each state its depth, and all at once what sorts them. */
  get spilling(): number {
    return this.#spilled ? 0 : this.#count * 2 + 6 * 2 ** 20
  }

  /** Bytes of all that is allocated for states, parents, lanes and the hash table. */
  get bytes(): number {
    const packed = this.#packed.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return packed + this.#parents.bytes + this.#lanes.bytes + this.#table.byteLength
  }

  get kept(): KeptStates {
    return {
      count: this.#count,
      layout: this.#layout.kept,
      values: this.#values,
      table: this.#table.length,
      packed: this.#packed,
      parents: this.#parents.kept,
      lanes: this.#lanes.kept,
    }
  }

  get shown(): Shown {
    return {
      ...{ epoch: this.#epoch, layout: this.#layout, values: this.#values },
      ...{ table: this.#table, packed: this.#packed },
    }
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Another number whenever something is shown that was not. */
  get changes(): number {
    return this.#changes
  }

  /** Looks at the states of another thread. Nothing can be added to them; what has no code there is `Unknown`. */
  lookAt({ epoch, layout, values, table, packed }: Shown): void {
    this.#isOthers = true
    this.#epoch = epoch
    this.#packed = [...packed]
    this.#table = table
    this.#adopt(layout, values)
  }

  /** Becomes the one that was kept. */
  restore({ count, layout, values, table, packed, parents, lanes }: KeptStates): void {
    this.#packed = packed.map((words) => this.#copyOf(words))
    this.#parents.restore(parents)
    this.#lanes.restore(lanes)
    this.#count = count
    this.#adopt(Layout.from(layout), values)
    this.#table = this.#array(table)
    this.#enterAll(this.#layout.words)
  }

  #adopt(layout: Layout, values: readonly (readonly number[])[]): void {
    this.#layout = layout
    for (const [slot, codes] of values.entries()) {
      const most = codes.reduce((so, value) => Math.max(so, value), 7)
      this.#codes[slot] = new Int32Array(most + 1).fill(-1)
      this.#values[slot] = [...codes]
      for (const [code, value] of codes.entries()) this.#codes[slot]![value] = code
    }
    this.#scratch = new Int32Array(layout.words)
  }

  #array(length: number): Int32Array {
    return allocated(() => wordsOf(length, this.#isShared))
  }

  #copyOf(words: Int32Array): Int32Array {
    if (!this.#isShared) return words
    const copy = this.#array(words.length)
    copy.set(words)
    return copy
  }

  parent(state: number): number {
    return this.#spilled ? this.#spilled.log.parent(state) : this.#parents.get(state) - 1
  }

  lane(state: number): number {
    return this.#spilled ? this.#spilled.log.lane(state) : this.#lanes.get(state)
  }

  /** All that are here go to the disk; no more than so many stay in memory from now on. Throws NoRoom, and is as it was. */
  spill(to: Spilled, fewest: number, depthOf: (state: number) => number): void {
    const states = { packed: this.#packed, words: this.#layout.words }
    for (let state = 0; state < this.#count; state++)
      to.add(states, state, [this.parent(state), this.lane(state), depthOf(state), this.wayOf(state)])
    const all = (): boolean => true
    to.seen.keep(states, this.#count, all, (state) => state)
    this.#fewest = fewest
    // Where hashes stay in memory, there is to be room for them.
    if (to.isHashed) this.#shrink()
    this.#capacity = to.isHashed ? fewest : Math.max(this.#count, fewest)
    this.#spilled = to
    // On the disk nothing is packed anew.
    this.#loose = Infinity
    this.#empty()
  }

  /** How deep it is, of what was added last. */
  setDepth(slot: number, depth: number): void {
    this.#depths.set(slot, depth)
  }

  /** Gives a number to each state that was added and is new, in the order in which they were. */
  settle(): void {
    const spilled = this.#spilled
    if (!spilled || this.#settled === this.#count) return
    const states = { packed: this.#packed, words: this.#layout.words }
    spilled.seen.tellKnown(states, this.#settled, this.#count, (slot) => this.#parents.set(slot, 0))
    for (; this.#settled < this.#count; this.#settled++) {
      const slot = this.#settled
      const parent = this.#parents.get(slot) - 1
      if (parent === noParent) continue
      if (spilled.log.count === mostStates) throw new NoRoom()
      const number = spilled.log.count
      spilled.add(states, slot, [parent, this.#lanes.get(slot), this.#depths.get(slot), this.wayOf(slot)])
      this.#parents.set(slot, number + 1)
    }
  }

  /** The search is over: states are only looked for. */
  close(): void {
    this.#isOver = this.#spilled !== undefined
  }

  /** In memory. */
  protected get slots(): number {
    return this.#count
  }

  /** Which way leads from what stands for it to a state: of orbits (orbit-store.ts). */
  protected readonly wayOf: (slot: number) => number = () => 0

  /** What is here goes to those on the disk. */
  #flush(): void {
    const spilled = this.#spilled
    if (!spilled) return
    this.settle()
    const isNew = (slot: number): boolean => this.#parents.get(slot) > 0
    const states = { packed: this.#packed, words: this.#layout.words }
    spilled.seen.keep(states, this.#count, isNew, (slot) => this.#parents.get(slot) - 1)
    this.#empty()
  }

  #shrink(): void {
    this.#packed = []
    this.#parents.clear()
    this.#lanes.clear()
    this.#table = this.#array(fewest)
  }

  #empty(): void {
    this.#count = 0
    this.#settled = 0
    this.#full = 0
    this.#table.fill(0)
  }

  /** Where the words of a state are: in what this answers, from `#base` on. */
  #wordsOf(state: number): Int32Array {
    const { words } = this.#layout
    if (!this.#spilled) {
      this.#base = (state & segmentMask) * words
      return this.#packed[state >>> segmentBits]!
    }
    if (this.#near.length !== words) this.#near = new Int32Array(words)
    else if (this.#nearest === state) return this.#near
    this.#spilled.log.words(state, this.#near)
    this.#nearest = state
    this.#base = 0
    return this.#near
  }

  /** Every state on the way to this one, with the lane that was taken from it. */
  wayTo(state: number): { readonly state: number; readonly choice: number }[] {
    const way: { readonly state: number; readonly choice: number }[] = []
    for (let at = state; this.parent(at) >= 0; at = this.parent(at))
      way.push({ state: this.parent(at), choice: this.lane(at) })
    return way.toReversed()
  }

  /** Adds a state unless it is there; returns its number, or -(number + 1) when it was known. Throws NoRoom, and is as it was. */
  add(slots: Int32Array, width: number, parent = noParent, lane = 0): number {
    this.#pack(slots, width)
    return this.#addPacked(parent, lane)
  }

  /** The same for a state that differs from its parent in these slots only, so many of them. */
  addChanged(
    parent: number,
    slots: Int32Array,
    width: number,
    changed: readonly number[],
    many: number,
    lane: number,
  ): number {
    const scratch = this.#scratch
    const { words, fields } = this.#layout
    if (this.#values.length < width) return this.add(slots, width, parent, lane)
    const packed = this.#wordsOf(parent)
    const base = this.#base
    for (let word = 0; word < words; word++) scratch[word] = packed[base + word]!
    for (let each = 0; each < many; each++) {
      const slot = changed[each]!
      const codes = this.#codes[slot]!
      const value = slots[slot]!
      const code = value < codes.length ? codes[value]! : -1
      if (code < 0) {
        this.#number(slot, value)
        return this.addChanged(parent, slots, width, changed, many, lane)
      }
      const parts = fields[slot]!
      for (let at = 0; at < parts.length; at++) {
        const { word, shift, mask, from } = parts[at]!
        scratch[word] = (scratch[word]! & ~(mask << shift)) | (((code >>> from) & mask) << shift)
      }
    }
    return this.#addPacked(parent, lane)
  }

  /** The same for a state that differs from its parent in a few slots that are always the same. */
  addNear(parent: number, patch: Patch, width: number, lane: number): number {
    this.#packNear(parent, patch, width)
    return this.#addPacked(parent, lane)
  }

  /** The same for one that is packed already, and its hash. */
  addWords(words: Int32Array, base: number, key: number, parent: number, lane: number): number {
    const scratch = this.#scratch
    for (let word = 0; word < scratch.length; word++) scratch[word] = words[base + word]!
    return this.#addHashed(key, parent, lane)
  }

  /** It is not packed anew while so many more are added. */
  staysAsItIs(many: number): boolean {
    return this.#count >= tightened[2] || tightened.every((at) => at <= this.#count || at > this.#count + many)
  }

  /** Is it there? If not, here are its words; their hash is `key`. */
  seek(parent: number, patch: Patch): Int32Array | undefined {
    this.#packNear(parent, patch, 0)
    const scratch = this.#scratch
    this.#key = hash(scratch, scratch.length)
    return this.#known(this.#key) >= 0 ? undefined : scratch
  }

  get key(): number {
    return this.#key
  }

  /** Writes a state that differs from another in a few slots into `scratch`. */
  #packNear(parent: number, patch: Patch, width: number): void {
    if (patch.layout !== this.#layout || this.#values.length < width) this.#prepare(patch, width)
    const { bits } = patch
    const scratch = this.#scratch
    const words = scratch.length
    const packed = this.#wordsOf(parent)
    const base = this.#base
    for (let word = 0; word < words; word++)
      scratch[word] = (packed[base + word]! & ~bits[2 * word]!) | bits[2 * word + 1]!
  }

  /** The number of a state, if it is there. */
  find(slots: Int32Array, width: number): number | undefined {
    this.#pack(slots, width)
    if (this.#spilled) return this.#numberOf(this.#spilled)
    const known = this.#known(hash(this.#scratch, this.#layout.words))
    return known < 0 ? undefined : known
  }

  /** Writes a stored state into `slots`. */
  load(state: number, slots: Int32Array, width: number): void {
    const { fields } = this.#layout
    const packed = this.#wordsOf(state)
    const base = this.#base
    for (let slot = 0; slot < width; slot++) {
      const values = this.#values[slot]
      if (values === undefined) {
        slots[slot] = 0
        continue
      }
      let code = 0
      const parts = fields[slot]!
      for (let at = 0; at < parts.length; at++) {
        const { word, shift, mask, from } = parts[at]!
        code |= ((packed[base + word]! >>> shift) & mask) << from
      }
      slots[slot] = values[code] ?? 0
    }
  }

  /** Writes a state into `scratch`. */
  #pack(slots: Int32Array, width: number): void {
    this.#meetSlots(width)
    while (!this.#isPacked(slots, width)) continue
  }

  /** False: a slot needed more bits for what is in it, and all is to be done again. */
  #isPacked(slots: Int32Array, width: number): boolean {
    const { fields } = this.#layout
    const scratch = this.#scratch
    scratch.fill(0)
    for (let slot = 0; slot < width; slot++) {
      const codes = this.#codes[slot]!
      const value = slots[slot]!
      const code = value < codes.length ? codes[value]! : -1
      if (code < 0) {
        this.#number(slot, value)
        return false
      }
      const parts = fields[slot]!
      for (let at = 0; at < parts.length; at++) {
        const { word, shift, mask, from } = parts[at]!
        scratch[word]! |= ((code >>> from) & mask) << shift
      }
    }
    return true
  }

  #prepare(patch: Patch, width: number): void {
    this.#meetSlots(width)
    const { changes } = patch
    for (let at = 0; at < changes.length; at += 2) this.#code(changes[at]!, changes[at + 1]!)
    // Now all have their codes, and these their bits.
    const layout = this.#layout
    const bits = new Int32Array(2 * layout.words)
    for (let at = 0; at < changes.length; at += 2) {
      const code = this.#code(changes[at]!, changes[at + 1]!)
      for (const { word, shift, mask, from } of layout.fields[changes[at]!]!) {
        bits[2 * word]! |= mask << shift
        bits[2 * word + 1]! |= ((code >>> from) & mask) << shift
      }
    }
    patch.layout = layout
    patch.bits = bits
  }

  /** The state that is in `scratch`, if it is stored; -1: it is not. */
  #known(key: number): number {
    const { words } = this.#layout
    const scratch = this.#scratch
    const table = this.#table
    const last = table.length - 1
    let at = key & last
    for (let entry = table[at]!; entry !== 0; entry = table[at]!) {
      if (((entry ^ key) & ~last) === 0) {
        // Whoever sees an entry of another thread sees the words that it stands for.
        if (this.#isOthers) Atomics.load(table, at)
        const known = (entry & last) - 1
        const packed = this.#packed[known >>> segmentBits]
        const base = (known & segmentMask) * words
        let word = 0
        while (word < words && packed?.[base + word] === scratch[word]) word++
        if (word === words) return known
      }
      at = (at + 1) & last
    }
    return -1
  }

  #addPacked(parent: number, lane: number): number {
    if (this.#isOver) return this.#settledAs()
    return this.#addHashed(hash(this.#scratch, this.#layout.words), parent, lane)
  }

  #addHashed(key: number, parent: number, lane: number): number {
    const { words } = this.#layout
    const scratch = this.#scratch
    const known = this.#known(key)
    if (known >= 0) return -(known + 1)
    if (this.#count >= this.#capacity) this.#flush()
    const made = this.#count
    if (made >= this.#full) this.#makeRoom()
    const packed = this.#packed[made >>> segmentBits]!
    this.#parents.set(made, parent + 1)
    this.#lanes.set(made, lane)
    const base = (made & segmentMask) * words
    for (let word = 0; word < words; word++) packed[base + word] = scratch[word]!
    this.#count++
    this.#enter(key, made)
    if (this.#count >= this.#loose) this.#packAnew()
    return made
  }

  #makeRoom(): void {
    const made = this.#count
    if (made === mostStates) throw new NoRoom()
    if ((made + 1) * 8 > this.#table.length * 7) this.#grow()
    const segment = made >>> segmentBits
    if (segment === this.#packed.length) {
      this.#packed.push(this.#array(segmentSize * this.#layout.words))
      this.#changes++
    }
    this.#parents.reserve(made, 0)
    this.#lanes.reserve(made, 0)
    this.#full = Math.min(
      mostStates,
      Math.floor((this.#table.length * 7) / 8),
      (segment + 1) * segmentSize,
      2 * made + 1,
    )
  }

  #packAnew(): void {
    const count = this.#count
    this.#loose = Math.min(2 * count, tightened.find((at) => at > count) ?? Infinity)
    if (tightened.some((at) => at === count)) this.#tighten()
  }

  /** Of the state that is in `scratch`. */
  #numberOf(spilled: Spilled): number | undefined {
    const scratch = this.#scratch
    const slot = this.#known(hash(scratch, scratch.length))
    const isHere = slot >= 0 && slot < this.#settled && this.#parents.get(slot) > 0
    return isHere ? this.#parents.get(slot) - 1 : spilled.seen.find(scratch)
  }

  /** Of what is stored. */
  #settledAs(): number {
    const known = this.#spilled && this.#numberOf(this.#spilled)
    if (known === undefined) throw new RangeError('a state that was come to is not there')
    return -(known + 1)
  }

  #code(slot: number, value: number): number {
    const codes = this.#codes[slot]
    const code = codes && value < codes.length ? codes[value]! : -1
    return code < 0 ? this.#number(slot, value) : code
  }

  #meetSlots(width: number): void {
    for (let slot = this.#values.length; slot < width; slot++) {
      this.#codes.push(new Int32Array(8).fill(-1))
      this.#values.push([])
      this.#layout = this.#layout.withSlot()
      // A slot that is new was 0 in every state so far.
      if (this.#count > 0 || this.#spilled) this.#number(slot, 0)
    }
  }

  #number(slot: number, value: number): number {
    if (this.#isOthers) throw unknown
    const codes = this.#codes[slot]!
    if (value >= codes.length) {
      const wider = new Int32Array(Math.max(value + 1, codes.length * 2)).fill(-1)
      wider.set(codes)
      this.#codes[slot] = wider
    }
    const code = this.#values[slot]!.length
    const layout = this.#layout.holding(slot, code)
    if (layout.words > this.#layout.words) this.#widen(layout)
    this.#layout = layout
    this.#values[slot]!.push(value)
    this.#codes[slot]![value] = code
    this.#changes++
    return code
  }

  /** More words for every state. */
  #widen({ words }: Layout): void {
    // On the disk they may stay as they are.
    this.#flush()
    const before = this.#layout.words
    if (this.#spilled) {
      this.#packed = []
      // Each takes more: then there are fewer.
      this.#capacity = Math.max(this.#fewest, Math.floor((this.#capacity * before) / words))
    }
    this.#repack(words, (old, made, states) => {
      for (let state = 0; state < states; state++)
        for (let word = 0; word < before; word++) made[state * words + word] = old[state * before + word]!
    })
  }

  /** Gives each slot its bits anew, all in one place, if there is room to do it. */
  #tighten(): void {
    const before = this.#layout
    const layout = Layout.of(this.#values.map(({ length }) => length))
    if (layout.words > before.words) return
    try {
      this.#repack(layout.words, (old, made, states) => {
        for (let slot = 0; slot < layout.fields.length; slot++) {
          const [field] = layout.fields[slot]!
          if (field)
            for (const part of before.fields[slot]!) move(old, before.words, part, made, layout.words, field, states)
        }
      })
    } catch (cause) {
      if (cause instanceof NoRoom) return
      throw cause
    }
    this.#layout = layout
  }

  /** All or nothing: where there is no room, the states stay as they are. */
  #repack(words: number, write: (old: Int32Array, made: Int32Array, states: number) => void): void {
    const packed = this.#packed.map((old, number) => {
      const made = this.#array(segmentSize * words)
      write(old, made, Math.min(segmentSize, this.#count - number * segmentSize))
      return made
    })
    this.#packed = packed
    this.#epoch++
    this.#changes++
    this.#scratch = new Int32Array(words)
    this.#table.fill(0)
    this.#enterAll(words)
  }

  #grow(): void {
    const size = this.#table.length * 2
    this.#table = this.#array(size)
    this.#changes++
    this.#enterAll(this.#layout.words)
  }

  /** Nobody else looks at what is entered here yet, or he is told not to use it: one after the other without waiting is several times as fast. */
  #enterAll(words: number): void {
    const table = this.#table
    const last = table.length - 1
    for (let state = 0; state < this.#count; state++) {
      const key = hash(this.#packed[state >>> segmentBits]!, words, (state & segmentMask) * words)
      table[freeIn(table, key & last)] = (key & ~last) | (state + 1)
    }
  }

  #enter(key: number, state: number): void {
    const table = this.#table
    const last = table.length - 1
    const at = freeIn(table, key & last)
    if (this.#isShared) Atomics.store(table, at, (key & ~last) | (state + 1))
    else table[at] = (key & ~last) | (state + 1)
  }
}

/** The first place from this one on that nothing is in. */
function freeIn(table: Int32Array, from: number): number {
  const last = table.length - 1
  let at = from
  while (table[at] !== 0) at = (at + 1) & last
  return at
}

/** Writes a part of a slot of so many states where its field is in another layout. */
function move(
  old: Int32Array,
  oldWords: number,
  { word, shift, mask, from }: Field,
  made: Int32Array,
  words: number,
  field: Field,
  states: number,
): void {
  for (let state = 0; state < states; state++)
    made[state * words + field.word]! |= ((old[state * oldWords + word]! >>> shift) & mask) << (from + field.shift)
}
