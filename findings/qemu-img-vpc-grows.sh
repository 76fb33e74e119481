#!/usr/bin/env bash
# qemu-utils 7.2 (Debian 12u18). A disk that is converted to `vpc` (VHD) is larger than it was, and stays so when it is converted back.
# Expected: as with the other formats the disk has its size; qemu-img convert says nothing, and `compare` is for making sure that nothing is different.
# Seen: the size is that of whole cylinders, 30720 bytes more for 1 MiB, and a disk of 1 MiB that went to VHD and back does not fit where it came from.
# compare warns of the sizes, says "Images are identical.", and ends with 0; with -s it ends with 1.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian qemu-utils=1:7.2+dfsg-7+deb12u18+b3
steps <<'SH'
qemu-img create -q -f raw before.raw 1M
for format in qcow2 vdi vhdx vpc; do
  qemu-img convert -f raw -O $format before.raw disk.$format
  qemu-img convert -f $format -O raw disk.$format after.raw
  echo "raw $(stat -c %s before.raw), $format, raw $(stat -c %s after.raw)"
done
for how in '' -s; do
  qemu-img compare $how -f raw -F raw before.raw after.raw && echo "compare $how: 0" || echo "compare $how: $?"
done 2>/dev/null
SH
seen <<'TEXT'
raw 1048576, qcow2, raw 1048576
raw 1048576, vdi, raw 1048576
raw 1048576, vhdx, raw 1048576
raw 1048576, vpc, raw 1079296
Warning: Image size mismatch!
Images are identical.
compare : 0
Strict mode: Image size mismatch!
compare -s: 1
TEXT
