#!/usr/bin/env bash
# bit-array 0.2.4. Of 41 bits, of which one was set, 63 are set after not().
# Expected: not() turns the bits that there are, and count() counts these: 40; what was made so is equal to 41 bits of which the others were set one by one.
# Seen: the bits behind the end, up to the next multiple of 32, are turned, counted and compared too.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install bit-array@0.2.4
run <<'JS'
import { createRequire } from 'node:module'
const BitArray = createRequire(import.meta.url)('bit-array')
for (const size of [32, 41]) {
  const bits = new BitArray(size)
  bits.set(0, true)
  bits.not()
  const same = new BitArray(size)
  for (let index = 1; index < size; index++) same.set(index, true)
  const differ = Array.from({ length: size }, (_, index) => index).filter((index) => bits.get(index) !== same.get(index))
  console.log(`${size} bits: turned ${bits.count()}, all but one ${same.count()}; ${differ.length} differ, equal: ${bits.equals(same)}`)
}
JS
seen <<'TEXT'
32 bits: turned 31, all but one 31; 0 differ, equal: true
41 bits: turned 63, all but one 40; 0 differ, equal: false
TEXT
