#!/usr/bin/env bash
# srecord 1.64, binutils 2.40, python3-intelhex 2.3.0, nrf-intel-hex 1.4.0. What goes past the end of a segment of an Intel HEX file is in one of two places.
# Expected: after a record of type 02 (a segment, as 8086 had) an offset counts modulo 64 KiB, as Intel's specification has it; or all go on behind the segment.
# Seen: srec_cat goes on at the beginning of the segment, objcopy and intelhex behind its end, 64 KiB higher; nrf-intel-hex refuses the file as ambiguous.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install nrf-intel-hex@1.4.0
debian srecord=1.64-3 binutils=2.40-2 python3-intelhex=2.3.0-2
steps <<'SH'
cat >image.hex <<'HEX'
:020000021000EC
:04FFFE00AABBCCDDF1
:00000001FF
HEX
echo 'srec_cat:'
srec_cat image.hex -intel -o - -hex_dump 2>/dev/null | sed 's/#.*//; s/ *$//'
echo 'objcopy:'
objcopy -I ihex -O srec image.hex /dev/stdout | grep ^S2 | tr -d '\r'
echo 'intelhex:'
python3 -c "
from intelhex import IntelHex
image = IntelHex('image.hex')
print(', '.join(f'{address:x}: {image[address]:x}' for address in image.addresses()))"
echo 'nrf-intel-hex:'
node -e "
try {
  require('nrf-intel-hex').fromHex(require('fs').readFileSync('image.hex', 'utf8'))
} catch ({ message }) {
  console.log(message.replace(/ This .*/, ''))
}"
SH
seen <<'TEXT'
srec_cat:
00010000: CC DD
0001FFF0:                                           AA BB
objcopy:
S20801FFFEAABBCCDDEB
intelhex:
1fffe: aa, 1ffff: bb, 20000: cc, 20001: dd
nrf-intel-hex:
Data at record 2 (:04FFFE00AABBCCDDF1) wraps over 0xFFFF.
TEXT
