#!/usr/bin/env bash
# struct-fu 1.2.1. A signed field of four bits, all set, is -7.
# Expected: -1, in two's complement, as C compilers have it, whose structures it is for, and as its own int8 has it.
# Seen: the first bit is a sign, and the others are a magnitude: 1000 is -0, and -8 cannot be written.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install struct-fu@1.2.1
run <<'JS'
import { createRequire } from 'node:module'
const _ = createRequire(import.meta.url)('struct-fu')
const pair = _.struct([_.sbit('high', 4), _.sbit('low', 4)])
for (const byte of [0x17, 0xff, 0x88]) console.log(byte.toString(2).padStart(8, '0'), pair.unpack(Buffer.from([byte])), 'int8:', _.struct([_.int8('all')]).unpack(Buffer.from([byte])).all)
for (const value of [7, -1, -8]) console.log(`${value} is written and read as`, pair.unpack(pair.pack({ high: value, low: 0 })).high)
JS
seen <<'TEXT'
00010111 { high: 1, low: 7 } int8: 23
11111111 { high: -7, low: -7 } int8: -1
10001000 { high: -0, low: -0 } int8: -120
7 is written and read as 7
-1 is written and read as -1
-8 is written and read as -0
TEXT
