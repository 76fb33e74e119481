#!/usr/bin/env bash
# candied 2.2.0. Of multiplexed signals all have a value at a time, and of a float the bits are taken for an integer.
# Expected: with `M`, `m0` and `m1` only the signal is there that the multiplexer tells; `SIG_VALTYPE_ … : 1` says that a signal is an IEEE float, 1.5 here.
# Seen: voltage and current have the same byte, whichever it is; the float is 1069547520.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install candied@2.2.0
run <<'JS'
import { createRequire } from 'node:module'
const { Can, Dbc } = createRequire(import.meta.url)('candied')
const can = new Can()
can.database = new Dbc().load(`VERSION "1"

BO_ 256 Battery: 6 ECU
 SG_ Which M : 0|8@1+ (1,0) [0|255] "" ECU
 SG_ Voltage m0 : 8|8@1+ (1,0) [0|255] "V" ECU
 SG_ Current m1 : 8|8@1+ (1,0) [0|255] "A" ECU
 SG_ Level : 16|32@1- (1,0) [0|0] "" ECU

SIG_VALTYPE_ 256 Level : 1;
`)
const float = [...new Uint8Array(new Float32Array([1.5]).buffer)]
for (const which of [0, 1]) {
  const { boundSignals } = can.decode(can.createFrame(256, [which, 42, ...float]))
  console.log([...boundSignals].map(([name, { value }]) => `${name} ${value}`).join(', '))
}
JS
seen <<'TEXT'
Which 0, Voltage 42, Current 42, Level 1069547520
Which 1, Voltage 42, Current 42, Level 1069547520
TEXT
