#!/usr/bin/env bash
# python-struct 1.1.3 ("structs according to Python's struct format"), Python 3.11. A float of 16 bits, `e`, takes no place and no value.
# Expected: as in Python since 3.6, `<eH` has four bytes, a half float and a number; a letter that is not known is an error, as "bad char in struct format" is there.
# Seen: two bytes; the number is the float's value, cut to 1, and what is read is moved likewise. So it is with any letter that it does not know. 256 in a
# byte is 0, while 70000 in two is refused, as both are in Python.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install python-struct@1.1.3
steps <<'SH'
cat >pack.py <<'PY'
import struct

print('Python: size', struct.calcsize('<eH'), 'packed', struct.pack('<eH', 1.5, 7).hex(), 'read', struct.unpack('<eH', bytes.fromhex('003e0700')))
for form, value in [('<zH', 5), ('<B', 256), ('<H', 70000)]:
    try:
        print('Python:', form, value, 'is', struct.pack(form, value).hex())
    except struct.error as error:
        print('Python:', form, error)
PY
python3 pack.py
cat >pack.cjs <<'JS'
const struct = require('python-struct')
console.log('python-struct: size', struct.sizeOf('<eH'), 'packed', struct.pack('<eH', 1.5, 7).toString('hex'), 'read', struct.unpack('<eH', Buffer.from('003e0700', 'hex')))
for (const [form, value] of [['<zH', 5], ['<B', 256], ['<H', 70000]])
  try {
    console.log('python-struct:', form, value, 'is', struct.pack(form, value).toString('hex'))
  } catch ({ message }) {
    console.log('python-struct:', form, message)
  }
JS
node pack.cjs
SH
seen <<'TEXT'
Python: size 4 packed 003e0700 read (1.5, 7)
Python: <zH bad char in struct format
Python: <B ubyte format requires 0 <= number <= 255
Python: <H ushort format requires 0 <= number <= 65535
python-struct: size 2 packed 0100 read [ 15872 ]
python-struct: <zH 5 is 0500
python-struct: <B 256 is 00
python-struct: <H The value of "value" is out of range. It must be >= 0 and <= 65535. Received 70000
TEXT
