#!/usr/bin/env bash
# concurrent-promise-queue 1.1.0. A queue of two in four seconds starts ten at once.
# Expected: with `unitOfTimeMillis` 4000 and `maxThroughputPerUnitTime` 2, as in its README, "at most, 2 promises will be executed per 4 seconds".
# Seen: only those that have ended count; each that is added is started as long as none has, so that a burst of requests goes out together.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install concurrent-promise-queue@1.1.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { ConcurrentPromiseQueue } = createRequire(import.meta.url)('concurrent-promise-queue')

const queue = new ConcurrentPromiseQueue({ maxNumberOfConcurrentPromises: 10, unitOfTimeMillis: 4000, maxThroughputPerUnitTime: 2 })
const begin = Date.now()
const within = { started: 0, ended: 0 }
const requests = Array.from({ length: 10 }, () =>
  queue.addPromise(async () => {
    if (Date.now() - begin < 4000) within.started++
    await sleep(100)
    if (Date.now() - begin < 4000) within.ended++
  }),
)
await Promise.all(requests)
console.log(`within four seconds: ${within.started} started, ${within.ended} ended`)
JS
seen <<'TEXT'
within four seconds: 10 started, 10 ended
TEXT
