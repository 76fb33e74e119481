#!/usr/bin/env bash
# mnemonist 0.40.8. A bit that is popped from a BitVector still counts.
# Expected: `size` is how many bits are set, as after push, set, reset and flip.
# Seen: pop() makes the vector shorter and leaves `size` as it was, so that an empty vector has set bits.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mnemonist@0.40.8
run <<'JS'
import { createRequire } from 'node:module'
const { BitVector } = createRequire(import.meta.url)('mnemonist')

const vector = new BitVector(0)
for (const bit of [1, 0, 1]) vector.push(bit)
console.log('bits:', [...vector].join(''), 'length:', vector.length, 'set:', vector.size)
while (vector.length > 0) vector.pop()
console.log('length:', vector.length, 'set:', vector.size)
JS
seen <<'TEXT'
bits: 101 length: 3 set: 2
length: 0 set: 2
TEXT
