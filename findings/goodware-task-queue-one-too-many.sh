#!/usr/bin/env bash
# @goodware/task-queue 2.1.3. With one worker two tasks are executed at a time.
# Expected: `workers` is "the maximum number of tasks that can execute simultaneously"; a task that pushes another one does not change that.
# Seen: a task is counted after it was called, so that what it pushes before its first await is started beside it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @goodware/task-queue@2.1.3
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const TaskQueue = createRequire(import.meta.url)('@goodware/task-queue')

for (const early of [false, true]) {
  const queue = new TaskQueue({ workers: 1, size: 10 })
  const inside = new Set()
  const task = (name, next) => async () => {
    inside.add(name)
    console.log('inside:', [...inside].join(' and '))
    if (early && next) queue.push(next)
    await sleep(10)
    if (!early && next) queue.push(next)
    await sleep(10)
    inside.delete(name)
  }
  console.log(early ? 'pushed at once' : 'pushed after an await')
  await queue.push(task('first', task('second')))
  await sleep(100)
}
JS
seen <<'TEXT'
pushed after an await
inside: first
inside: second
pushed at once
inside: first
inside: first and second
TEXT
