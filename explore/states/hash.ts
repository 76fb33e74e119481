/** A number of 32 bits for so many words. Words of 0 behind them change nothing: a state that is packed into more words has the same. */
export function hash(words: Int32Array, count: number, base = 0): number {
  let sum = 0x9e3779b9 | 0
  for (let word = 0; word < count; word++) {
    const mixed = Math.imul(words[base + word]!, 0x85ebca6b + Math.imul(word, 0x3c6ef372))
    sum = (sum + Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)) | 0
  }
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
  return sum ^ (sum >>> 16)
}
