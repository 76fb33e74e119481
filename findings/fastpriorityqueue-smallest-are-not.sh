#!/usr/bin/env bash
# fastpriorityqueue 0.8.0. kSmallest(3) leaves out one of the three smallest.
# Expected: "return the k 'smallest' elements of the queue as an array", those that poll() gives one after another.
# Seen: it looks at the first 5 elements of the heap for three, at 9 for four; the third smallest may be the sixth or seventh.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fastpriorityqueue@0.8.0
run <<'JS'
import { createRequire } from 'node:module'
const FastPriorityQueue = createRequire(import.meta.url)('fastpriorityqueue')

const queue = new FastPriorityQueue()
for (const priority of [0, 10, 1, 11, 12, 2, 3]) queue.add(priority)
console.log('kSmallest(3):', ...queue.kSmallest(3))
console.log('kSmallest(4):', ...queue.kSmallest(4))
console.log('polled:', queue.poll(), queue.poll(), queue.poll(), queue.poll())
JS
seen <<'TEXT'
kSmallest(3): 0 1 10
kSmallest(4): 0 1 2 3
polled: 0 1 2 3
TEXT
