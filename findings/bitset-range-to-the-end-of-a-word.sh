#!/usr/bin/env bash
# bitset 5.3.0. A range that ends at 31, 63 or 95 is neither set nor cleared.
# Expected: setRange(from, to), flip(from, to) and clear(from, to) concern the bits from the first to the last, both included; its README flips 0 to 62.
# Seen: where the last is the highest bit of a word of 32, nothing in that word changes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install bitset@5.3.0
run <<'JS'
import BitSet from 'bitset'

const all = () => new BitSet().setRange(0, 99)
for (const [from, to] of [[5, 30], [5, 31], [5, 32], [40, 63]]) {
  const counts = [new BitSet().setRange(from, to), new BitSet().flip(from, to), all().clear(from, to)].map((set) => set.cardinality())
  console.log(`${to - from + 1} bits, ${from} to ${to}: ${counts[0]} set, ${counts[1]} flipped, ${100 - counts[2]} cleared`)
}
JS
seen <<'TEXT'
26 bits, 5 to 30: 26 set, 26 flipped, 26 cleared
27 bits, 5 to 31: 0 set, 0 flipped, 0 cleared
28 bits, 5 to 32: 28 set, 28 flipped, 28 cleared
24 bits, 40 to 63: 0 set, 0 flipped, 0 cleared
TEXT
