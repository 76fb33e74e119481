#!/usr/bin/env bash
# easy-promise-queue 0.5.7. After a pause two are run at a time, or one fewer than may.
# Expected: "only X promises can be executed concurrently as your configuration"; "you can pause/resume this queue at any time", and those that run end.
# Seen: resume() counts one as ended, though none was, if nothing ran; of those that end during the pause none is counted, but one at resume().
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install easy-promise-queue@0.5.7
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const PromiseQueue = createRequire(import.meta.url)('easy-promise-queue').default

const work = () => {
  const told = { inside: 0, most: 0, done: 0 }
  const task = async () => {
    told.most = Math.max(told.most, ++told.inside)
    await sleep(20)
    told.inside--
    told.done++
  }
  return { task, told }
}
{
  const queue = new PromiseQueue({ concurrency: 1 })
  const { task, told } = work()
  queue.pause()
  queue.add([task, task, task])
  queue.resume()
  queue.add(task)
  await sleep(300)
  console.log(`one at a time, paused before it begins: ${told.done} of 4 done, at most ${told.most} at a time`)
}
{
  const queue = new PromiseQueue({ concurrency: 2 })
  const { task, told } = work()
  queue.add([task, task])
  queue.pause()
  await sleep(100)
  told.most = 0
  queue.add([task, task, task])
  queue.resume()
  await sleep(300)
  console.log(`two at a time, paused while two run: ${told.done} of 5 done, afterwards at most ${told.most} at a time`)
}
JS
seen <<'TEXT'
one at a time, paused before it begins: 4 of 4 done, at most 2 at a time
two at a time, paused while two run: 5 of 5 done, afterwards at most 1 at a time
TEXT
