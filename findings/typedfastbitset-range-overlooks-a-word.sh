#!/usr/bin/env bash
# typedfastbitset 0.8.0. hasAnyInRange() overlooks bits in the midst of the range.
# Expected: hasAnyInRange(start, end) "returns true if any bit in range is set".
# Seen: of the words of 32 bits that the range goes over, the one before the last is not looked at, so that a longer range has less in it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install typedfastbitset@0.8.0
run <<'JS'
import { createRequire } from 'node:module'
const { TypedFastBitSet } = createRequire(import.meta.url)('typedfastbitset')

const set = new TypedFastBitSet([70, 300])
for (const [start, end] of [[0, 80], [0, 96], [0, 100], [0, 128], [0, 150]]) {
  const bits = set.array().filter((bit) => bit >= start && bit < end)
  console.log(`from ${start} to ${end}: ${set.hasAnyInRange(start, end)}, with ${bits.join(', ')} in it`)
}
JS
seen <<'TEXT'
from 0 to 80: true, with 70 in it
from 0 to 96: true, with 70 in it
from 0 to 100: false, with 70 in it
from 0 to 128: false, with 70 in it
from 0 to 150: true, with 70 in it
TEXT
