#!/usr/bin/env bash
# burtleprng 0.1.0 ("Bob Jenkins' small noncryptographic PRNG ported to JavaScript"). Its numbers are others.
# Expected: for a seed the sequence of the original, which rotates words of 32 bits.
# Seen: for the right half of a rotation it shifts with the sign, so that every word with its highest bit set gets ones in place of its own bits.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install burtleprng@0.1.0
run <<'JS'
import { createRequire } from 'node:module'
const BurtlePRNG = createRequire(import.meta.url)('burtleprng')

// The published algorithm, on typed words.
const published = (seed, right) => {
  const word = Uint32Array.of(0xf1ea5eed, seed, seed, seed, 0)
  const rotate = (value, bits) => (value << bits) | right(value, 32 - bits)
  const next = () => {
    word[4] = word[0] - rotate(word[1], 27)
    word[0] = word[1] ^ rotate(word[2], 17)
    word[1] = word[2] + word[3]
    word[2] = word[3] + word[4]
    word[3] = word[4] + word[0]
    return word[3]
  }
  for (let time = 0; time < 20; time++) next()
  return next
}
const three = (next) => [next(), next(), next()].join(', ')
const random = new BurtlePRNG(1)
console.log('burtleprng:', three(() => random.next()))
console.log('as published:', three(published(1, (value, bits) => value >>> bits)))
console.log('shifted with the sign:', three(published(1, (value, bits) => value >> bits)))
JS
seen <<'TEXT'
burtleprng: 3946669912, 1525296620, 1480049997
as published: 2723230452, 519702369, 858478259
shifted with the sign: 3946669912, 1525296620, 1480049997
TEXT
