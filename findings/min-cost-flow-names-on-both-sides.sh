#!/usr/bin/env bash
# min-cost-flow 2.1.0. If a name stands on both sides of a matching, one of two pairs is found.
# Expected: `left` and `right` are two sides, and to match threads 1 and 2 with processors 1 and 2 takes two pairs, of weight 2.
# Seen: a name is one node on whichever side; the pair that is found depends on the order. With other names for the right side there are two.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install min-cost-flow@2.1.0
run <<'JS'
import { createRequire } from 'node:module'
const { minimumWeightBipartiteMatch } = createRequire(import.meta.url)('min-cost-flow')
const pairs = [['1', '1', 9], ['1', '2', 1], ['2', '1', 1], ['2', '2', 9]]
for (const prefix of ['', 'cpu'])
  console.log(minimumWeightBipartiteMatch(pairs.map(([left, right, weight]) => ({ left, right: prefix + right, weight }))).map(({ left, right, weight }) => `${left} with ${right}: ${weight}`).join(', '))
JS
seen <<'TEXT'
1 with 2: 1
1 with cpu2: 1, 2 with cpu1: 1
TEXT
