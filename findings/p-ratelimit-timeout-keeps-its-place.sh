#!/usr/bin/env bash
# p-ratelimit 1.0.1. A call that timed out before it began keeps its place for ever.
# Expected: with `concurrency` so many run at a time; one whose `maxDelay` has passed is refused, does not run, and is not counted.
# Seen: when its turn comes it is counted as begun, and never as ended; with one at a time every later call times out, though none runs.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install p-ratelimit@1.0.1
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { pRateLimit } = createRequire(import.meta.url)('p-ratelimit')

const limit = pRateLimit({ concurrency: 1, maxDelay: 300 })
let running = 0
const call = async (name, time) => {
  const work = async () => {
    running++
    await sleep(time)
    running--
    return 'done'
  }
  console.log(`${name}: ${await limit(work).catch(({ message }) => `${message}, running: ${running}`)}`)
}
await Promise.all([call('short', 50), call('behind the short one', 50)])
await Promise.all([call('long', 600), call('behind the long one', 50)])
await call('later', 50)
await call('later still', 50)
JS
seen <<'TEXT'
short: done
behind the short one: done
behind the long one: queue maxDelay timeout exceeded, running: 1
long: done
later: queue maxDelay timeout exceeded, running: 0
later still: queue maxDelay timeout exceeded, running: 0
TEXT
