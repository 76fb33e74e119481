#!/usr/bin/env bash
# level-lock 1.0.1 ("in-memory advisory read/write locks"). A writer is let in beside a reader, and of two readers one is refused.
# Expected: with read/write locks, as with flock(2), which its README compares them to, many read at a time, and who writes is alone.
# Seen: `r` and `w` are two locks that know nothing of each other, and each of them is for one.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install level-lock@1.0.1
run <<'JS'
import { createRequire } from 'node:module'
const lock = createRequire(import.meta.url)('level-lock')

const names = { r: 'reader', w: 'writer', rw: 'reader and writer' }
for (const [first, second] of [['r', 'r'], ['r', 'w'], ['w', 'r'], ['w', 'w'], ['rw', 'r']]) {
  const db = {}
  lock(db, 'user', first)
  console.log(`a ${names[second]} beside a ${names[first]}: ${lock(db, 'user', second) ? 'let in' : 'refused'}`)
}
JS
seen <<'TEXT'
a reader beside a reader: refused
a writer beside a reader: let in
a reader beside a writer: let in
a writer beside a writer: refused
a reader beside a reader and writer: refused
TEXT
