#!/usr/bin/env bash
# awaitqueue 3.3.0. A task that takes the place of the one that runs stops the queue for ever.
# Expected: with `removeOngoingTasksWithSameName` the earlier "load" is given up, and then "save", which waited, is run, and the new "load".
# Seen: the one that ran is taken out without the next being begun, and the new one is not the only one: neither is run, nor what comes after.
# Without "save" in between the new one is run.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install awaitqueue@3.3.0
run <<'JS'
import { createRequire } from 'node:module'
const { AwaitQueue } = createRequire(import.meta.url)('awaitqueue')
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (const between of [[], ['save']]) {
  const told = []
  const queue = new AwaitQueue()
  const push = (name, options) => queue.push(async () => { told.push(`begins ${name}`); await later(10) }, name, options).then(() => told.push(`${name} is done`), (error) => told.push(`${name}: ${error.name}`))
  push('load')
  for (const name of between) push(name)
  await later(1)
  push('load', { removeOngoingTasksWithSameName: true })
  await later(100)
  push('close')
  await later(100)
  console.log(told.join(', '), '- still waiting:', queue.size)
}
JS
seen <<'TEXT'
begins load, begins load, load: AwaitQueueRemovedTaskError, load is done, begins close, close is done - still waiting: 0
begins load, load: AwaitQueueRemovedTaskError - still waiting: 3
TEXT
