/**
 * Chance that can be repeated: Mulberry32, 32 bits of state, every seed a different sequence of 2^32 numbers. Good enough to choose
 * lanes with, not for anything secret.
 */
export type Dice = (sides: number) => number

/** `dice(seed)(n)` is a whole number from 0 to n − 1. */
export function dice(seed: number): Dice {
  let state = seed >>> 0
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * sides)
  }
}
