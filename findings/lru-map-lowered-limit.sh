#!/usr/bin/env bash
# lru_map 0.4.1. A limit that is lowered is never come to.
# Expected: a map whose `limit` is 1 holds one entry, at the latest after the next that comes.
# Seen: for each that comes one goes, so it stays as large as it was, and `limit` says 1.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install lru_map@0.4.1
run <<'JS'
import { createRequire } from 'node:module'
const { LRUMap } = createRequire(import.meta.url)('lru_map')

const map = new LRUMap(3)
for (const key of 'abc') map.set(key, 0)
map.limit = 1
for (const key of 'defgh') map.set(key, 0)
console.log('limit:', map.limit, 'size:', map.size, 'keys:', [...map.keys()].join(' '))
JS
seen <<'TEXT'
limit: 1 size: 3 keys: f g h
TEXT
