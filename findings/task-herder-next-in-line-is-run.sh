#!/usr/bin/env bash
# @scratch/task-herder 15.1.1. The next task in line cannot be cancelled, nor one whose signal was aborted before.
# Expected: cancel() removes a task from the queue and cancelAll() all of them, as long as they have not begun, and a signal is to "cancel a task before it starts".
# Seen: the task that waits for a place among the running ones is in the queue no more: cancel() does not find it, nor does its signal, and it is run. A signal
# that is aborted already is not asked.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @scratch/task-herder@15.1.1
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { TaskQueue } from '@scratch/task-herder'

const told = []
const queue = new TaskQueue({ burstLimit: 10, sustainRate: 100, concurrency: 1 })
const give = (name, signal) => {
  const task = queue.do(async () => (told.push(`${name} begun`), await sleep(100)), { signal })
  task.catch(({ message }) => told.push(`${name}: ${message}`))
  return task
}
const abort = new AbortController()
give('first')
const second = give('second', abort.signal)
give('third')
give('fourth', AbortSignal.abort())
await sleep(20)
console.log(`waiting: ${queue.length}; second cancelled: ${queue.cancel(second)}`)
abort.abort()
await sleep(400)
console.log(told.join(', '))
JS
seen <<'TEXT'
waiting: 2; second cancelled: false
first begun, second begun, third begun, fourth begun
TEXT
