#!/usr/bin/env bash
# @thi.ng/heaps 2.1.136. When the only item of a DHeap is removed, there is still one in it: undefined.
# Expected: remove() takes an item out, and a heap of none has the length 0, as its Heap has.
# Seen: the length is 1, and of what is pushed then the first that comes is undefined; a loop until the heap is empty works on nothing once.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @thi.ng/heaps@2.1.136
run <<'JS'
import { DHeap, Heap } from '@thi.ng/heaps'
for (const [name, heap] of Object.entries({ Heap: new Heap(), DHeap: new DHeap() })) {
  heap.push(5)
  heap.remove(5)
  console.log(`${name}: after the only one is removed ${heap.length} left`)
  for (const item of [9, 3, 7, 1]) heap.push(item)
  const taken = []
  while (heap.length > 0) taken.push(heap.pop())
  console.log(`${name}: 9, 3, 7 and 1 come as ${taken.join(', ')}`)
}
JS
seen <<'TEXT'
Heap: after the only one is removed 0 left
Heap: 9, 3, 7 and 1 come as 1, 3, 7, 9
DHeap: after the only one is removed 1 left
DHeap: 9, 3, 7 and 1 come as , 1, 3, 7, 9
TEXT
