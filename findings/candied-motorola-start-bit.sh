#!/usr/bin/env bash
# candied 2.2.0. Of signals in Motorola's byte order a DBC file's first bit is taken for the last one.
# Expected: for `@0` the start bit of a DBC file is the highest bit of the signal, so that `7|16@0+` is the first two bytes, and `11|4@0+` the lower half of
# the second.
# Seen: what is read ends at the start bit, so that the one is NaN, and the other the bits 14 to 11.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install candied@2.2.0
run <<'JS'
import { createRequire } from 'node:module'
const { Can, Dbc } = createRequire(import.meta.url)('candied')
const can = new Can()
can.database = new Dbc().load(`VERSION "1"

BO_ 256 Motor: 3 ECU
 SG_ FirstTwoBytes : 7|16@0+ (1,0) [0|65535] "" ECU
 SG_ LastTwoBytes : 15|16@0+ (1,0) [0|65535] "" ECU
 SG_ SecondByte : 15|8@0+ (1,0) [0|255] "" ECU
 SG_ LowerHalf : 11|4@0+ (1,0) [0|15] "" ECU
`)
const { boundSignals } = can.decode(can.createFrame(256, [0x12, 0x34, 0x56]))
console.log('12 34 56')
for (const [name, { value }] of boundSignals) console.log(`${name}: ${value.toString(16)}`)
JS
seen <<'TEXT'
12 34 56
FirstTwoBytes: NaN
LastTwoBytes: NaN
SecondByte: 24
LowerHalf: 6
TEXT
