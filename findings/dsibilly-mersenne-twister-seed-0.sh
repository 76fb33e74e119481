#!/usr/bin/env bash
# @dsibilly/mersenne-twister 1.0.5. Of the seeds 0 is none.
# Expected: new MersenneTwister(seed) gives the same numbers for the same seed, and for 0 those of the original, 2357136044 first.
# Seen: with 0 it is seeded with the time, and two made one after another give different numbers.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @dsibilly/mersenne-twister@1.0.5
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const MersenneTwister = createRequire(import.meta.url)('@dsibilly/mersenne-twister').default

for (const seed of [1, 0]) {
  const first = new MersenneTwister(seed).randomInt()
  await sleep(20)
  console.log(`seed ${seed}: ${seed ? `${first}, ` : ''}and again ${new MersenneTwister(seed).randomInt() === first ? 'the same' : 'another'}`)
}
JS
seen <<'TEXT'
seed 1: 1791095845, and again the same
seed 0: and again another
TEXT
