#!/usr/bin/env bash
# fast-bitset 1.3.2. `and` with an index keeps other bits, and the next unset bit is one that the set has not.
# Expected: and(index) is the "bitwise AND on 2 bitsets or 1 bitset and 1 index", as with a set of this one bit; nextUnsetBit() gives -1 if there is none.
# Seen: only the word of 31 bits where the index lies is changed; in a full set the next unset bit is the one past its end, which set() refuses.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fast-bitset@1.3.2
run <<'JS'
import { createRequire } from 'node:module'
const BitSet = createRequire(import.meta.url)('fast-bitset')

const set = new BitSet(100)
for (const bit of [3, 5, 40, 80]) set.set(bit)
const five = new BitSet(100)
five.set(5)
console.log('and a set of 5:', ...set.and(five).getIndices())
console.log('and 5:', ...set.and(5).getIndices())

const full = new BitSet(4)
full.setRange(0, 3)
console.log('of 4 bits, all set, the first unset:', full.ffz(), 'the next unset:', full.nextUnsetBit(0), 'and set() of it:', full.set(full.nextUnsetBit(0)))
JS
seen <<'TEXT'
and a set of 5: 5
and 5: 5 40 80
of 4 bits, all set, the first unset: -1 the next unset: 4 and set() of it: false
TEXT
