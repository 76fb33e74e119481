#!/usr/bin/env bash
# nrf-intel-hex 1.4.0. It does not read what it has written, if that lies in the upper half of the memory.
# Expected: addresses of Intel HEX have 32 bits, all of them; what asHexString() writes fromHex() reads.
# Seen: from 0x80000000 on, where the RAM of RISC-V machines begins, the address is taken for negative and the file refused.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install nrf-intel-hex@1.4.0
run <<'JS'
import { createRequire } from 'node:module'
const MemoryMap = createRequire(import.meta.url)('nrf-intel-hex')

for (const address of [0x7fffff00, 0x80000000]) {
  const hex = new MemoryMap([[address, Uint8Array.of(1, 2, 3, 4)]]).asHexString()
  console.log(hex.split('\n').join(' '))
  try {
    console.log([...MemoryMap.fromHex(hex)].map(([from, bytes]) => `${from.toString(16)}: ${bytes}`).join())
  } catch ({ message }) {
    console.log(message)
  }
}
JS
seen <<'TEXT'
:020000047FFF7C :04FF000001020304F3 :00000001FF
7fffff00: 1,2,3,4
:0200000480007A :0400000001020304F2 :00000001FF
Address passed to MemoryMap is negative
TEXT
