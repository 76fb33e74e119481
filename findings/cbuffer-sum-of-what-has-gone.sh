#!/usr/bin/env bash
# CBuffer 2.2.0. The sum, the average and the text of a ring are of what has been taken out of it.
# Expected: a ring that holds 2 and 3 has the sum 5, the average 2.5, and is "2-3" when joined, as it is for toArray and median.
# Seen: they count from the first cell of the memory, not from the first item: sum 3, average 1.5, "1-2". Of a full ring the sum is right, the text is out of order.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install CBuffer@2.2.0
run <<'JS'
import { createRequire } from 'node:module'
const CBuffer = createRequire(import.meta.url)('CBuffer')

const shown = (what, ring) =>
  console.log(`${what}: ${ring.toArray().join(', ')}; sum ${ring.sum()}, average ${ring.avg()}, median ${ring.median()}, joined ${ring.join('-')}`)
const ring = new CBuffer(4)
ring.push(1, 2, 3)
ring.shift()
shown('1, 2, 3, and the first taken', ring)
const full = new CBuffer(3)
full.push(1, 2, 3, 4)
shown('1, 2, 3, 4 in a ring of 3', full)
JS
seen <<'TEXT'
1, 2, 3, and the first taken: 2, 3; sum 3, average 1.5, median 2.5, joined 1-2
1, 2, 3, 4 in a ring of 3: 2, 3, 4; sum 9, average 3, median 3, joined 4-2-3
TEXT
