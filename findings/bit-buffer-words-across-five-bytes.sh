#!/usr/bin/env bash
# bit-buffer 0.3.0. A word of 32 bits that does not begin with a byte loses its highest bits; what is written to a Uint8Array is not there.
# Expected: bits are read as they were written, at any offset, and a view is a view of what it is given.
# Seen: the fifth byte is shifted by 32, which shifts by 0 in JavaScript: it comes on top of the first one. An array of bytes is copied, a Buffer is not.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install bit-buffer@0.3.0
run <<'JS'
import { createRequire } from 'node:module'
const { BitView } = createRequire(import.meta.url)('bit-buffer')
for (const bigEndian of [false, true])
  for (const [offset, bits, value] of [[0, 32, 0xdeadbeef], [3, 29, 0x1eadbeef], [3, 32, 0xdeadbeef], [7, 26, 0x2345678]]) {
    const view = new BitView(new ArrayBuffer(8))
    view.bigEndian = bigEndian
    view.setBits(offset, value, bits)
    console.log(`${bigEndian ? 'big' : 'little'} endian, ${bits} bits at ${offset}: ${value.toString(16)} is read as ${view.getBits(offset, bits, false).toString(16)}`)
  }
const view = new BitView(new ArrayBuffer(8))
view.setFloat32(4, 1.5)
console.log('1.5 at bit 4:', view.getFloat32(4))
for (const bytes of [Buffer.alloc(2), new Uint8Array(2)]) {
  new BitView(bytes).setUint8(0, 7)
  console.log(`${bytes.constructor.name}: ${[...bytes]}`)
}
JS
seen <<'TEXT'
little endian, 32 bits at 0: deadbeef is read as deadbeef
little endian, 29 bits at 3: 1eadbeef is read as 1eadbeef
little endian, 32 bits at 3: deadbeef is read as 1eadbeef
little endian, 26 bits at 7: 2345678 is read as 345678
big endian, 32 bits at 0: deadbeef is read as deadbeef
big endian, 29 bits at 3: 1eadbeef is read as 1eadbeef
big endian, 32 bits at 3: deadbeef is read as 7
big endian, 26 bits at 7: 2345678 is read as 0
1.5 at bit 4: 1.8932661725304283e-29
Buffer: 7,0
Uint8Array: 0,0
TEXT
