#!/usr/bin/env bash
# block-queue 0.0.2. A task that is 0 is dropped, and what is behind it waits for another push.
# Expected: a task is "mixed", whatever is pushed, and the queue is first in, first out.
# Seen: a task that counts as false is taken for the end of the queue, after it was removed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install block-queue@0.0.2
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const queue = createRequire(import.meta.url)('block-queue')

const done = []
const pages = queue(1, (page, next) => {
  done.push(page)
  setTimeout(next, 10)
})
for (const page of [2, 1, 0, 3, 4]) pages.push(page)
await sleep(200)
console.log('done:', done.join(', '))
pages.push(5)
await sleep(200)
console.log('after 5 was pushed:', done.join(', '))
JS
seen <<'TEXT'
done: 2, 1
after 5 was pushed: 2, 1, 3, 4, 5
TEXT
