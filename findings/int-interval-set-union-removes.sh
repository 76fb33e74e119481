#!/usr/bin/env bash
# int-interval-set 0.1.3. To add an integer that is in the set already removes those above it.
# Expected: union(lower, upper) adds the integers from lower to upper, and intervals that touch become one: its README makes of 2–4 and 5–7 one from 2 to 7.
# Seen: where the new interval is one integer, the one that it lies in ends there; with two integers it does not.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install int-interval-set@0.1.3
run <<'JS'
import { createRequire } from 'node:module'
const IntIntervalSet = createRequire(import.meta.url)('int-interval-set')

const tell = ({ intervals }) => intervals.map(({ lower, upper }) => `${lower}–${upper}`).join(', ')
for (const added of [[[2, 4], [5, 7]], [[6, 19], [7, 8]], [[6, 19], [7, 7]], [[6, 19], [20, 20]], [[6, 19], [18, 18]], [[6, 19], [30, 40], [6, 6]]]) {
  const set = new IntIntervalSet()
  for (const [lower, upper] of added) set.union(lower, upper)
  console.log(`${added.map((pair) => pair.join('–')).join(' and ')}: ${tell(set)}`)
}
JS
seen <<'TEXT'
2–4 and 5–7: 2–7
6–19 and 7–8: 6–19
6–19 and 7–7: 6–7
6–19 and 20–20: 6–20
6–19 and 18–18: 6–18
6–19 and 30–40 and 6–6: 6–6, 30–40
TEXT
