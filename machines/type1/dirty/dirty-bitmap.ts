/**
 * The dirty bitmap of one mapping (dma->bitmap), and how it gets into the user's: the kernel shifts the mapping's own
 * bitmap in place to where it lies in the request, ORs in the whole first word that it finds in the user's buffer, copies
 * whole words out, and clears no more than the mapping's pages. So bits above the mapping's end stay and come back,
 * shifted again, with later requests; and what the user left in a shared word is remembered (observed on 6.1).
 *
 * Source: update_user_bitmap and vfio_iova_dirty_bitmap (5.8 and later), lib/bitmap.c. Pure.
 * Left out: that the user's buffer ends somewhere: whatever is not known to be a bad pointer can be written.
 */

/** Runs of set bits, `from` to before `to`, sorted and apart: a bitmap of millions of pages has few of them. */
export type Bits = readonly (readonly [from: number, to: number])[]

export const wordBits = 64

export function setBits(bits: Bits, from: number, count: number): Bits {
  if (count <= 0) return bits
  let to = from + count
  let begin = from
  const apart: (readonly [number, number])[] = []
  for (const run of bits) {
    if (run[1] < begin || run[0] > to) apart.push(run)
    else {
      begin = Math.min(begin, run[0])
      to = Math.max(to, run[1])
    }
  }
  const at = apart.findIndex(([first]) => first > begin)
  return apart.toSpliced(at === -1 ? apart.length : at, 0, [begin, to])
}

/** The part of it from `from` to before `to`. */
const within = (bits: Bits, from: number, to: number): Bits =>
  bits.flatMap(([first, end]) =>
    first < to && end > from ? [[Math.max(first, from), Math.min(end, to)] as const] : [],
  )

const or = (bits: Bits, more: Bits): Bits => more.reduce((all, [from, to]) => setBits(all, from, to - from), bits)

export const clearBits = (bits: Bits, from: number, count: number): Bits => [
  ...within(bits, 0, from),
  ...within(bits, from + count, Infinity),
]

const moved = (bits: Bits, by: number): Bits => bits.map(([from, to]) => [from + by, to + by])

const wordsFor = (count: number): number => Math.ceil(count / wordBits)

const ones = (count: number): bigint => (1n << BigInt(count)) - 1n

/** The word that begins at bit 64 * `index`. */
export const wordOf = (bits: Bits, index: number): bigint =>
  moved(within(bits, index * wordBits, (index + 1) * wordBits), -index * wordBits).reduce(
    (word, [from, to]) => word | (ones(to - from) << BigInt(from)),
    0n,
  )

const bitsOf = (word: bigint): Bits => {
  const bits: [number, number][] = []
  for (let bit = 0; bit < wordBits; bit++) {
    if (((word >> BigInt(bit)) & 1n) === 0n) continue
    const last = bits.at(-1)
    if (last?.[1] === bit) last[1] = bit + 1
    else bits.push([bit, bit + 1])
  }
  return bits
}

/** Words written to the user's bitmap, one after the other from `at` on. */
export interface Write {
  readonly at: number
  readonly words: number
  readonly bits: Bits
}

/** The user's bitmap: what every byte of it was before, and what was written since. */
export interface UserBitmap {
  /** A byte, 0 to 255. */
  readonly prefill: number
  /** Nothing can be read from it or written to it. */
  readonly bad: boolean
  readonly writes: readonly Write[]
}

const readWord = ({ prefill, writes }: UserBitmap, index: number): bigint => {
  const write = writes.findLast(({ at, words }) => index >= at && index < at + words)
  if (write !== undefined) return wordOf(write.bits, index - write.at)
  return BigInt(`0x${prefill.toString(16).padStart(2, '0').repeat(8)}`)
}

/** The first words of it, as many as somebody will look at; undefined when none was written. */
export const firstWords = (user: UserBitmap, count: number): readonly bigint[] | undefined =>
  user.writes.length === 0 ? undefined : Array.from({ length: count }, (_, index) => readWord(user, index))

export interface Copied {
  /** The mapping's own bitmap afterwards. */
  readonly bits: Bits
  readonly user: UserBitmap
  readonly ret: 0 | '-EFAULT'
}

/** Copies a mapping's bitmap to where it belongs in the user's, `offset` pages from the beginning of the request. */
export function copyOut(bits: Bits, pages: number, user: UserBitmap, offset: number): Copied {
  const at = Math.floor(offset / wordBits)
  const shift = offset % wordBits
  const words = wordsFor(pages + shift)
  let own = bits
  if (shift > 0) {
    const end = words * wordBits
    own = [...within(moved(within(bits, 0, end), shift), 0, end), ...within(bits, end, Infinity)]
    if (user.bad) return { bits: own, user, ret: '-EFAULT' }
    own = or(own, bitsOf(readWord(user, at)))
  }
  if (user.bad) return { bits: own, user, ret: '-EFAULT' }
  const write = { at, words, bits: within(own, 0, words * wordBits) }
  return { bits: own, user: { ...user, writes: [...user.writes, write] }, ret: 0 }
}

/** More pages than this a bitmap cannot have (INT_MAX): tracking is refused with -EINVAL. */
export const mostPages = 2n ** 31n - 1n
/** And a user's is no larger than this many bytes. */
export const largestBitmap = 2n ** 28n

/** verify_bitmap_size: room for `pages` bits in whole words, and not more than there can be. */
export const isBadBitmapSize = (pages: bigint, bytes: bigint): boolean =>
  pages === 0n || bytes === 0n || bytes > largestBitmap || bytes < ((pages + 63n) / 64n) * 8n
