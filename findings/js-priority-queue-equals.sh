#!/usr/bin/env bash
# js-priority-queue 0.1.5. Of equals the last comes first, or not, as the strategy is.
# Expected: strategies differ in what they cost; those of one priority come in the order in which they were queued, at least in a sorted array.
# Seen: each strategy has an order of its own, and that of the sorted array is backwards: who came first waits as long as others come.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install js-priority-queue@0.1.5
run <<'JS'
import { createRequire } from 'node:module'
const PriorityQueue = createRequire(import.meta.url)('js-priority-queue')

for (const strategy of ['ArrayStrategy', 'BinaryHeapStrategy', 'BHeapStrategy']) {
  const queue = new PriorityQueue({ comparator: (a, b) => a.priority - b.priority, strategy: PriorityQueue[strategy] })
  for (const name of 'abcdef') queue.queue({ name, priority: 1 })
  const names = []
  while (queue.length > 0) names.push(queue.dequeue().name)
  console.log(`${strategy}: ${names.join(' ')}`)
}
JS
seen <<'TEXT'
ArrayStrategy: f e d c b a
BinaryHeapStrategy: a f e d c b
BHeapStrategy: f b c a e d
TEXT
