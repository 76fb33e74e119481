#!/usr/bin/env bash
# interval-tree-1d 1.0.4. An interval is removed only by the very array that was put in.
# Expected: remove([2, 4]) takes out the interval from 2 to 4.
# Seen: it is compared by identity, and an equal one stays; nobody throws.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install interval-tree-1d@1.0.4
run <<'JS'
import { createRequire } from 'node:module'
const createIntervalTree = createRequire(import.meta.url)('interval-tree-1d')

const range = [2, 4]
const tree = createIntervalTree([[1, 9], range])
const covering = () => {
  const found = []
  tree.queryPoint(3, (interval) => void found.push(interval.join('-')))
  return found.toSorted().join(' ')
}
tree.remove([2, 4])
console.log('removed by its bounds:', covering())
tree.remove(range)
console.log('removed by its array:', covering())
JS
seen <<'TEXT'
removed by its bounds: 1-9 2-4
removed by its array: 1-9
TEXT
