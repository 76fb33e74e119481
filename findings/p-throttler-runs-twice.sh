#!/usr/bin/env bash
# p-throttler 1.0.2. A function that is enqueued when another one ends is run twice, and one that is discarded is run.
# Expected: a function runs once, "as soon as a free slot is available"; at abort() "any function that was in the queue waiting will be discarded immediately".
# Seen: each is started once more in the next turn of the event loop, without a look whether it is still in the queue.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install p-throttler@1.0.2
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const PThrottler = createRequire(import.meta.url)('p-throttler')

const counted = () => {
  const task = async () => {
    task.runs++
  }
  task.runs = 0
  return task
}
{
  const throttler = PThrottler.create(10)
  let end
  throttler.enqueue(() => new Promise((resolve) => (end = resolve)))
  await sleep(20)
  const [early, late] = [counted(), counted()]
  throttler.enqueue(early)
  await sleep(20)
  throttler.enqueue(late)
  end()
  await sleep(20)
  console.log(`enqueued while another runs: run ${early.runs} times; just before it ends: run ${late.runs} times`)
}
{
  const throttler = PThrottler.create(10)
  const task = counted()
  throttler.enqueue(task)
  await throttler.abort()
  await sleep(20)
  console.log(`enqueued and discarded: run ${task.runs} times`)
}
JS
seen <<'TEXT'
enqueued while another runs: run 1 times; just before it ends: run 2 times
enqueued and discarded: run 1 times
TEXT
