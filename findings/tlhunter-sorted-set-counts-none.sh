#!/usr/bin/env bash
# tlhunter-sorted-set 0.1.0. From a number on that is no score of the set, the last one is not counted.
# Expected: count(from, to) is how many rangeByScore(from, to) finds, as ZCOUNT of Redis, after which the set is made.
# Seen: from 2 on, where there is one with 5, the count is 0; from 0 or 1 on, which are scores, it is right.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tlhunter-sorted-set@0.1.0
run <<'JS'
import { createRequire } from 'node:module'
const SortedSet = createRequire(import.meta.url)('tlhunter-sorted-set')
const set = new SortedSet()
for (const [key, score] of [['a', 0], ['b', 1], ['c', 1], ['d', 5]]) set.add(key, score)
for (const [from, to] of [[1, 1], [0, 1], [0, 5], [2, 5], [2, 9], [0, 100]]) console.log(`${from} to ${to}: count ${set.count(from, to)}, found ${set.rangeByScore(from, to).join(' ')}`)
JS
seen <<'TEXT'
1 to 1: count 2, found b c
0 to 1: count 3, found a b c
0 to 5: count 4, found a b c d
2 to 5: count 0, found d
2 to 9: count 0, found d
0 to 100: count 4, found a b c d
TEXT
