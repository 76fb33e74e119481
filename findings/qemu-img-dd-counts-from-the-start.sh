#!/usr/bin/env bash
# qemu-utils 7.2 (Debian 12u18), coreutils' dd. `qemu-img dd skip=2 count=4` copies two blocks, and `skip=4 count=4` none.
# Expected: as with dd, after which it is made and whose words it takes, `skip` blocks are left out and then `count` blocks are copied.
# Seen: `count` is counted from the beginning of the input, so that the last blocks are missing, or all of them, without a word. If `skip` is the larger one, it
# "cannot skip to specified offset", which is well within the file, and ends with 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian qemu-utils=1:7.2+dfsg-7+deb12u18+b3
steps <<'SH'
for block in 0 1 2 3 4 5 6 7; do head -c 512 /dev/zero | tr '\0' $block; done >input.raw
blocks() { fold -w 512 "$1" | cut -c 1 | tr -d '\n'; }
for what in count=4 skip=2 'skip=2 count=4' 'skip=4 count=4' 'skip=5 count=2'; do
  rm -f output.raw
  said=$(qemu-img dd -f raw -O raw bs=512 $what if=input.raw of=output.raw 2>&1) && end=0 || end=$?
  dd status=none bs=512 $what if=input.raw of=other.raw
  echo "$what: dd $(blocks other.raw); qemu-img dd $(if [ -e output.raw ]; then blocks output.raw; fi), ends with $end${said:+, $said}"
done
SH
seen <<'TEXT'
count=4: dd 0123; qemu-img dd 0123, ends with 0
skip=2: dd 234567; qemu-img dd 234567, ends with 0
skip=2 count=4: dd 2345; qemu-img dd 23, ends with 0
skip=4 count=4: dd 4567; qemu-img dd , ends with 0
skip=5 count=2: dd 56; qemu-img dd , ends with 0, qemu-img: input.raw: cannot skip to specified offset
TEXT
