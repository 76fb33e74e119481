#!/usr/bin/env bash
# callbag-timer 1.0.0. Of a timer that is ended at its first tick nobody can stop the others.
# Expected: who takes one value of a timer with a period has one, and the clock stands, as if it were ended at the second.
# Seen: the clock for the others is started after the first tick was told, whatever was answered to it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install callbag-timer@1.0.0
run <<'JS'
import { createRequire } from 'node:module'
const module = createRequire(import.meta.url)('callbag-timer')
const timer = module.default ?? module
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (const wanted of [1, 2]) {
  let ticks = 0
  let talkback
  timer(5, 5)(0, (type, data) => {
    if (type === 0) talkback = data
    else if (type === 1 && ++ticks === wanted) talkback(2)
  })
  await later(500)
  console.log(`ended at tick ${wanted}:`, ticks > 20 ? 'more than 20 ticks' : `${ticks} ticks`)
}
process.exit()
JS
seen <<'TEXT'
ended at tick 1: more than 20 ticks
ended at tick 2: 2 ticks
TEXT
