#!/usr/bin/env bash
# heap-js 2.7.1. A heap with a limit drops not the last in order, but the last in its array.
# Expected: of a heap of the smallest whose limit is 4, what is dropped is larger than what stays; or push() says that it took nothing.
# Seen: 4 is dropped where 9 stays, and push() says true.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install heap-js@2.7.1
run <<'JS'
import { createRequire } from 'node:module'
const { Heap } = createRequire(import.meta.url)('heap-js')

const heap = new Heap((a, b) => a - b)
heap.limit = 4
for (const number of [1, 2, 9, 3, 4]) console.log(`push ${number}: ${heap.push(number)}`)
const left = []
while (heap.length > 0) left.push(heap.pop())
console.log('left:', left.join(' '))
JS
seen <<'TEXT'
push 1: true
push 2: true
push 9: true
push 3: true
push 4: true
left: 1 2 3 9
TEXT
