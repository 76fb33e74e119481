#!/usr/bin/env bash
# sema4 0.1.3. After `reset()` a limit of 2 lets through as many as there ever were.
# Expected: reset gives back what is taken, and then 2 at a time may begin again.
# Seen: it gives back also what had been given back when its time was over: after 8 calls, of which none is left, 10 begin at once.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install sema4@0.1.3
run <<'JS'
import { RateLimit } from 'sema4'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const limit = new RateLimit(2, { interval: 100 })
const burst = async (calls) => {
  let begun = 0
  for (let call = 0; call < calls; call++) limit.apply().then(() => begun++)
  await wait(30)
  return begun
}

console.log(`at first ${await burst(8)} of 8 begin`)
await wait(900)
console.log(`given back by reset: ${limit.reset()}`)
console.log(`then ${await burst(12)} of 12 begin`)
limit.reset()
JS
seen <<'TEXT'
at first 2 of 8 begin
given back by reset: 8
then 10 of 12 begin
TEXT
