#!/usr/bin/env bash
# python3-construct 2.10.68. Of a register that is read and written, the flags that have no name are gone.
# Expected: what was read is written as it was, or an error; an Enum keeps a number that has no name.
# Seen: 0x8007 with names for bits 0 and 1 is written as 3. Built from the number it is whole.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-construct=2.10.68+dfsg1-2
steps <<'SH'
python3 - <<'PYTHON'
from construct import Enum, FlagsEnum, Int16ub
command = FlagsEnum(Int16ub, io=1, memory=2)
kind = Enum(Int16ub, io=1, memory=2)
for each in 0x0003, 0x8007:
    raw = each.to_bytes(2, 'big')
    print(f'{each:#06x}: FlagsEnum', command.build(command.parse(raw)).hex(), '- Enum', kind.build(kind.parse(raw)).hex())
print('as a number:', command.build(0x8007).hex())
PYTHON
SH
seen <<'TEXT'
0x0003: FlagsEnum 0003 - Enum 0003
0x8007: FlagsEnum 0003 - Enum 8007
as a number: 8007
TEXT
