#!/usr/bin/env bash
# awaitqueue 3.3.0. If a task takes the place of the one that runs, neither it nor what waits is ever run.
# Expected: with `removeOngoingTasksWithSameName` "all previously enqueued tasks with same name will be removed", the running one, too; the others are run in order.
# Seen: the removed one does not start the next one, neither when it is removed nor when it ends; the new task is started only if nothing else waits.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install awaitqueue@3.3.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { AwaitQueue } = createRequire(import.meta.url)('awaitqueue')

for (const behind of [false, true]) {
  const queue = new AwaitQueue()
  const told = []
  const push = (name, label, options) =>
    queue.push(async () => (await sleep(50), `${label} done`), name, options).then((text) => told.push(text), ({ constructor }) => told.push(`${label} ${constructor.name}`))
  push('resize', 'first resize')
  if (behind) push('close', 'close')
  await sleep(10)
  push('resize', 'second resize', { removeOngoingTasksWithSameName: true })
  await sleep(500)
  push('open', 'open')
  await sleep(500)
  console.log(`${behind ? 'with another one behind' : 'alone'}: ${told.join(', ')}; waiting: ${queue.size}`)
}
JS
seen <<'TEXT'
alone: first resize AwaitQueueRemovedTaskError, second resize done, open done; waiting: 0
with another one behind: first resize AwaitQueueRemovedTaskError; waiting: 3
TEXT
