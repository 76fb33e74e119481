#!/usr/bin/env bash
# mnemonist 0.40.8. A vector that is made shorter, and longer again, has what was in it before.
# Expected: what is new is 0, as in a vector that was made so long, and in an array whose length is set.
# Seen: resize() only moves the end.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mnemonist@0.40.8
run <<'JS'
import { createRequire } from 'node:module'
const { Vector } = createRequire(import.meta.url)('mnemonist')

const vector = new Vector(Uint8Array, { initialLength: 3 })
console.log('made so long:', [...vector].join(' '))
for (const at of [0, 1, 2]) vector.set(at, 7 + at)
vector.resize(1)
console.log('shorter:', [...vector].join(' '))
vector.resize(3)
console.log('longer again:', [...vector].join(' '))
JS
seen <<'TEXT'
made so long: 0 0 0
shorter: 7
longer again: 7 8 9
TEXT
