#!/usr/bin/env bash
# pciutils 3.9.0. Of a dump as `lspci -x` writes it, lspci says to root that access to the capabilities is denied.
# Expected: what is not in the file is said to be not there; rights have no part in reading a file that one may read.
# Seen: `<access denied>`, the message for a device whose configuration only root may read: lspci -x writes 64 bytes, and the capabilities are behind them.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian pciutils=1:3.9.0-4 pci.ids=0.0~2023.04.11-1
steps <<'SH'
# A network card with power management at 0x40.
node - <<'JS'
const { writeFileSync } = require('node:fs')
const space = Buffer.alloc(256)
for (const [at, value] of [[0x00, 0x15338086], [0x04, 0x00100406], [0x08, 0x02000003], [0x34, 0x40], [0x40, 0xc8230001]]) space.writeUInt32LE(value, at)
for (const length of [64, 256]) {
  const rows = Array.from({ length: length / 16 }, (_, row) => {
    const bytes = [...space.subarray(16 * row, 16 * row + 16)].map((byte) => byte.toString(16).padStart(2, '0'))
    return `${(16 * row).toString(16).padStart(2, '0')}: ${bytes.join(' ')}`
  })
  writeFileSync(`${length}.txt`, ['01:00.0 Ethernet controller', ...rows, ''].join('\n'))
}
JS
echo "as the user with number $(id -u):"
for length in 64 256; do echo "$length bytes:$(lspci -v -i root/usr/share/misc/pci.ids -F $length.txt 2>/dev/null | grep Capabilities | tr '\t' ' ')"; done
SH
seen <<'TEXT'
as the user with number 0:
64 bytes: Capabilities: <access denied>
256 bytes: Capabilities: [40] Power Management version 3
TEXT
