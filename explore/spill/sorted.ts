/** States in the order of their hashes, some after the other: no more memory is taken than for so many of them. */
import { segmentBits, segmentSize } from '../states/columns.ts'
import { hash } from '../states/hash.ts'

/** States as a store has them: by segment, so many words each. */
export interface Packed {
  readonly packed: readonly Int32Array[]
  readonly words: number
}

/** Some of them: the first has the least hash. */
export interface Sorted {
  readonly many: number
  hash(at: number): number
  slot(at: number): number
}

/** At once, or what has the same upper bits of the hash. */
const mostAtOnce = 1 << 18
const bucketBits = 8
/** Below the hash, which of them it is. */
const places = 2 ** 21

export const unsignedHash = ({ packed, words }: Packed, slot: number): number =>
  hash(packed[slot >>> segmentBits]!, words, (slot & (segmentSize - 1)) * words) >>> 0

/** Of the slots from `from` to `to` those that are wanted. */
export function* sorted(
  states: Packed,
  from: number,
  to: number,
  isWanted: (slot: number) => boolean,
): Generator<Sorted> {
  const sizes = new Int32Array(1 << bucketBits)
  for (let slot = from; slot < to; slot++)
    if (isWanted(slot)) sizes[unsignedHash(states, slot) >>> (32 - bucketBits)]!++
  for (let first = 0; first < sizes.length;) {
    let [last, many] = [first, sizes[first]!]
    while (last + 1 < sizes.length && many + sizes[last + 1]! <= mostAtOnce) many += sizes[++last]!
    if (many > 0) yield within(states, from, to, isWanted, { first, last, many })
    first = last + 1
  }
}

function within(
  states: Packed,
  from: number,
  to: number,
  isWanted: (slot: number) => boolean,
  { first, last, many }: { readonly first: number; readonly last: number; readonly many: number },
): Sorted {
  const keys = new Float64Array(many)
  const slots = new Int32Array(many)
  let at = 0
  for (let slot = from; slot < to; slot++) {
    if (!isWanted(slot)) continue
    const key = unsignedHash(states, slot)
    const bucket = key >>> (32 - bucketBits)
    if (bucket < first || bucket > last) continue
    slots[at] = slot
    keys[at] = key * places + at
    at++
  }
  keys.sort()
  return {
    many,
    hash: (place) => Math.floor(keys[place]! / places),
    slot: (place) => slots[keys[place]! % places]!,
  }
}
