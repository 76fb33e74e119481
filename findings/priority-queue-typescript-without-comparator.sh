#!/usr/bin/env bash
# priority-queue-typescript 2.0.3. Without a comparator, which is optional, numbers come out in no order.
# Expected: the natural order, smallest first, as in the queue of Java after which it is made, or an error that a comparator is needed.
# Seen: neither: 1 2 5 6 8 7 4 3 9. With a comparator all is well.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install priority-queue-typescript@2.0.3
run <<'JS'
import { createRequire } from 'node:module'
const { PriorityQueue } = createRequire(import.meta.url)('priority-queue-typescript')
for (const [what, ...options] of [['without'], ['with a size', 10], ['with a comparator', 10, (one, other) => one - other]]) {
  const queue = new PriorityQueue(...options)
  for (const value of [5, 1, 9, 3, 7, 2, 8, 6, 4]) queue.add(value)
  const taken = []
  while (!queue.empty()) taken.push(queue.poll())
  console.log(`${what}: ${taken.join(' ')}`)
}
JS
seen <<'TEXT'
without: 1 2 5 6 8 7 4 3 9
with a size: 1 2 5 6 8 7 4 3 9
with a comparator: 1 2 3 4 5 6 7 8 9
TEXT
