#!/usr/bin/env bash
# easy-bits 1.2.2. A range that begins at bit 3, or further up, is set elsewhere.
# Expected: `setRange(1, 3, 6)` sets bits 3, 4 and 5, as that of a BitArray does, and `getRange(3, 6)` reads them back.
# Seen: what is set is moved up by twice the number of the first bit, where it should be by two to the power of it: 3 bits from bit 3 are 101010, and from 5 on
# four bits of which none is the first.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install easy-bits@1.2.2
run <<'JS'
import { createRequire } from 'node:module'
const { BitField, BitArray } = createRequire(import.meta.url)('easy-bits')
for (const [from, to] of [[1, 3], [2, 4], [3, 6], [5, 8]])
  console.log(`${from} to ${to}: BitField ${new BitField(8).setRange(1, from, to).serialize()}, flipped ${new BitField(8).flipRange(from, to).serialize()}, BitArray ${new BitArray(8).setRange(1, from, to).serialize()}`)
JS
seen <<'TEXT'
1 to 3: BitField 00000110, flipped 00000110, BitArray 00000110
2 to 4: BitField 00001100, flipped 00001100, BitArray 00001100
3 to 6: BitField 00101010, flipped 00101010, BitArray 00111000
5 to 8: BitField 01000110, flipped 01000110, BitArray 11100000
TEXT
