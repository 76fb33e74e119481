#!/usr/bin/env bash
# ring-buffer-ts 1.2.0. The item behind the last one is the first one, if the ring is full.
# Expected: `get(3)` of three items is undefined, full or not, as `get(4)` is.
# Seen: in a ring that has room it is undefined; when the ring is full it is the oldest item, so that a loop to the first undefined comes to one item twice.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install ring-buffer-ts@1.2.0
run <<'JS'
import { createRequire } from 'node:module'
const { RingBuffer } = createRequire(import.meta.url)('ring-buffer-ts')

for (const size of [4, 3]) {
  const ring = new RingBuffer(size)
  ring.add('open', 'map', 'close')
  console.log(`three items in a ring of ${size}: ${[0, 1, 2, 3, 4].map((index) => `${index} is ${ring.get(index)}`).join(', ')}`)
}
JS
seen <<'TEXT'
three items in a ring of 4: 0 is open, 1 is map, 2 is close, 3 is undefined, 4 is undefined
three items in a ring of 3: 0 is open, 1 is map, 2 is close, 3 is open, 4 is undefined
TEXT
