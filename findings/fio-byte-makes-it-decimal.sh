#!/usr/bin/env bash
# fio 3.33. 64ki and 64k are 65536 bytes, and 64KiB is 64000.
# Expected: Ki is 1024 and k is 1000, as everywhere since there is a standard for it, or both are 1024; a B after it says bytes, and changes nothing.
# Seen: unless told `kb_base=1000`, k, kb and ki are 1024, and KiB alone is 1000; with it k and kb are 1000, and KiB is 1024, but ki is 1000.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian fio=3.33-3
steps <<'SH'
for base in 1024 1000; do
  for size in 64k 64kb 64ki 64kib 64KiB; do
    echo "kb_base=$base, $size: $(fio --name=job --ioengine=null --rw=write --kb_base=$base --bs=500 --size=$size --output-format=json |
      sed -n '/"write" : {/{n;s/[^0-9]//gp;q}') bytes in blocks of 500"
  done
done
SH
seen <<'TEXT'
kb_base=1024, 64k: 65500 bytes in blocks of 500
kb_base=1024, 64kb: 65500 bytes in blocks of 500
kb_base=1024, 64ki: 65500 bytes in blocks of 500
kb_base=1024, 64kib: 64000 bytes in blocks of 500
kb_base=1024, 64KiB: 64000 bytes in blocks of 500
kb_base=1000, 64k: 64000 bytes in blocks of 500
kb_base=1000, 64kb: 64000 bytes in blocks of 500
kb_base=1000, 64ki: 64000 bytes in blocks of 500
kb_base=1000, 64kib: 65500 bytes in blocks of 500
kb_base=1000, 64KiB: 65500 bytes in blocks of 500
TEXT
