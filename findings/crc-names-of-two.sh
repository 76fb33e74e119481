#!/usr/bin/env bash
# python3-crcmod 1.7, python3-crccheck 1.0, crc 4.3.2. "CRC-16" is one sum for one library, another for the next, and so is "CRC-16 CCITT".
# Expected: of "123456789", with which the catalogues of CRCs tell them apart, a sum with one name is one number, as that of CRC-32 is.
# Seen: CRC-16 is bb3d (ARC) for crcmod and crc, and 31c3 (XMODEM) for crccheck; CCITT is 29b1, which the catalogues say is not CCITT's, for crc, and 2189 (KERMIT)
# for crccheck, whose CCITT with "false" is 29b1.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install crc@4.3.2
debian python3-crcmod=1.7+dfsg-3+b3 python3-crccheck=1.0-5
steps <<'SH'
cat >sums.py <<'PY'
from crccheck import crc
from crcmod.predefined import mkPredefinedCrcFun

data = b'123456789'
for name in ['crc-16', 'crc-ccitt-false', 'kermit', 'xmodem', 'crc-32']:
    print(f'crcmod {name}: {mkPredefinedCrcFun(name)(data):x}')
for name in ['Crc16', 'CrcCcitt', 'Crc16Ccitt', 'Crc16CcittFalse', 'Crc32']:
    print(f'crccheck {name}: {getattr(crc, name).calc(data):x}')
PY
python3 sums.py
cat >sums.mjs <<'JS'
import { crc16, crc16ccitt, crc16kermit, crc16xmodem, crc32 } from 'crc'
for (const [name, sum] of Object.entries({ crc16, crc16ccitt, crc16kermit, crc16xmodem, crc32 })) console.log(`crc ${name}: ${sum(Buffer.from('123456789')).toString(16)}`)
JS
node sums.mjs
SH
seen <<'TEXT'
crcmod crc-16: bb3d
crcmod crc-ccitt-false: 29b1
crcmod kermit: 2189
crcmod xmodem: 31c3
crcmod crc-32: cbf43926
crccheck Crc16: 31c3
crccheck CrcCcitt: 2189
crccheck Crc16Ccitt: 2189
crccheck Crc16CcittFalse: 29b1
crccheck Crc32: cbf43926
crc crc16: bb3d
crc crc16ccitt: 29b1
crc crc16kermit: 2189
crc crc16xmodem: 31c3
crc crc32: cbf43926
TEXT
