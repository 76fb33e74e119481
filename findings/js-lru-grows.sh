#!/usr/bin/env bash
# js-lru 1.0.0 ("a finite key-value cache"). With every second new key it grows by one.
# Expected: a cache of 2 holds the 2 that were used last, and put() gives back the one that was dropped to make room.
# Seen: to drop one is counted as one fewer, and the new one is not counted; at the next there seems to be room.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install js-lru@1.0.0
run <<'JS'
import { createRequire } from 'node:module'
const { LRUCache } = createRequire(import.meta.url)('js-lru')

const cache = new LRUCache(2)
for (const key of 'abcdefgh') {
  const dropped = cache.put(key, key)
  console.log(`put ${key}: ${dropped ? `dropped ${dropped.key}` : 'nothing dropped'}, size ${cache.size}, keys ${cache.keys().join(' ')}`)
}
JS
seen <<'TEXT'
put a: nothing dropped, size 1, keys a
put b: nothing dropped, size 2, keys a b
put c: dropped a, size 1, keys b c
put d: nothing dropped, size 2, keys b c d
put e: dropped b, size 1, keys c d e
put f: nothing dropped, size 2, keys c d e f
put g: dropped c, size 1, keys d e f g
put h: nothing dropped, size 2, keys d e f g h
TEXT
