#!/usr/bin/env bash
# eager-async-pool 1.0.0. Between the results there is `undefined`, however they are read.
# Expected: five results for five items, each with its item and value, however fast they are read.
# Seen: of two that end while the first is looked at, the second leaves a signal behind, and the next reading takes that for a result.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install eager-async-pool@1.0.0
run <<'JS'
import { createRequire } from 'node:module'
const { asyncPool } = createRequire(import.meta.url)('eager-async-pool')
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (const reads of [0, 40]) {
  const results = []
  for await (const result of asyncPool(async (page) => { await later(5); return page * 10 }, [1, 2, 3, 4, 5], { limit: 2 })) {
    results.push(result === undefined ? 'undefined' : result.value)
    await later(reads)
  }
  console.log(`${reads ? 'read slowly' : 'read at once'}:`, ...results)
}
JS
seen <<'TEXT'
read at once: 10 20 undefined 30 40 undefined 50
read slowly: 10 20 undefined 30 40 undefined 50
TEXT
