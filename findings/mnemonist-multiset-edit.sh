#!/usr/bin/env bash
# mnemonist 0.40.8. A MultiSet of which one item was made another counts an item that it has not.
# Expected: `dimension` is how many different items there are.
# Seen: edit(a, b) of two that are there merges them, and `dimension` still counts both; where b is new it is right.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mnemonist@0.40.8
run <<'JS'
import { createRequire } from 'node:module'
const { MultiSet } = createRequire(import.meta.url)('mnemonist')

for (const to of ['waits', 'sleeps']) {
  const states = MultiSet.from(['runs', 'runs', 'waits'])
  states.edit('runs', to)
  const items = [...states.multiplicities()].map(([item, times]) => `${times} x ${item}`)
  console.log(`${items.join(', ')}: ${items.length} different, dimension ${states.dimension}`)
}
JS
seen <<'TEXT'
3 x waits: 1 different, dimension 2
1 x waits, 2 x sleeps: 2 different, dimension 2
TEXT
