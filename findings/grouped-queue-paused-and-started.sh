#!/usr/bin/env bash
# grouped-queue 2.1.0. After pause() and start() two tasks are run at a time, to the end.
# Expected: tasks are run one after another, each when the one before has called back; a pause ends after the task that runs.
# Seen: start() begins the next task though the one before has not called back; when that does, it goes on as well, so that there are two rows of tasks.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install grouped-queue@2.1.0
run <<'JS'
import { createRequire } from 'node:module'
import { once } from 'node:events'
const Queue = createRequire(import.meta.url)('grouped-queue')

for (const paused of [false, true]) {
  const queue = new Queue()
  const inside = new Set()
  const seen = []
  for (const name of ['copy', 'install', 'test', 'clean'])
    queue.add((done) => {
      inside.add(name)
      seen.push([...inside].join(' and '))
      if (paused && name === 'copy') setTimeout(() => (queue.pause(), queue.start()), 20)
      setTimeout(() => (inside.delete(name), done()), 50)
    })
  await once(queue, 'end')
  console.log(`${paused ? 'paused and started' : 'not paused'}: ${seen.join(', ')}`)
}
JS
seen <<'TEXT'
not paused: copy, install, test, clean
paused and started: copy, copy and install, install and test, test and clean
TEXT
