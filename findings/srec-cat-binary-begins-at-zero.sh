#!/usr/bin/env bash
# srecord 1.64, binutils 2.40. Five bytes of a memory image at address 65536 are a file of 65541 bytes for one, and of five for the other.
# Expected: "binary" means the same to both who make one of an S-record or a HEX file: what a programmer writes to the beginning of the flash.
# Seen: srec_cat fills with zeros from address 0 on, though flash that was not written is FF; objcopy begins with the first byte that there is. Made into a binary
# by one and back by the other, the image has moved.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian srecord=1.64-3 binutils=2.40-2
steps <<'SH'
printf 'hello' | srec_cat - -binary -offset 0x10000 -o image.hex -intel
srec_cat image.hex -intel -o srecord.bin -binary
objcopy -I ihex -O binary image.hex binutils.bin
for which in srecord binutils; do
  echo "$which: $(stat -c %s $which.bin) bytes, the first one $(od -An -tx1 -N1 $which.bin)"
  srec_cat $which.bin -binary -o - -hex_dump | sed 's/ *#.*//' | tail -1
done
SH
seen <<'TEXT'
srecord: 65541 bytes, the first one  00
00010000: 68 65 6C 6C 6F
binutils: 5 bytes, the first one  68
00000000: 68 65 6C 6C 6F
TEXT
