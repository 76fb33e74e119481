/** Seeded random numbers: mulberry32 (Tommy Ettinger, public domain). The same seed gives the same run on every machine. */
export function randomFrom(seed: number): () => number {
  // Signed, so that V8 keeps it as a small integer and makes no object of it at each draw: the bits are the same.
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
