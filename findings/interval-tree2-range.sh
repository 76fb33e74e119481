#!/usr/bin/env bash
# interval-tree2 1.1.0. A search by range finds nothing if it begins before all intervals, and finds what was removed, as undefined.
# Expected: search(start, end) gives the "overlapped intervals from a range", each with a start, an end and an id.
# Seen: an interval that begins within the range is left out if nothing begins or ends before the range; of one that was removed an undefined is left.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install interval-tree2@1.1.0
run <<'JS'
import { createRequire } from 'node:module'
const IntervalTree = createRequire(import.meta.url)('interval-tree2')

const tree = new IntervalTree(50)
const search = (start, end) => {
  const intervals = tree.search(start, end).map((interval) => (interval ? `${interval.id} ${interval.start}-${interval.end}` : interval))
  console.log(`${start}-${end}: ${intervals.length} found`, ...intervals)
}
tree.add(60, 70, 'map')
tree.add(80, 90, 'group')
search(65, 75)
search(55, 65)
tree.add(10, 20, 'device')
console.log('with an interval elsewhere')
search(55, 65)
tree.remove('map')
console.log('without map')
search(55, 65)
JS
seen <<'TEXT'
65-75: 1 found map 60-70
55-65: 0 found
with an interval elsewhere
55-65: 1 found map 60-70
without map
55-65: 1 found undefined
TEXT
