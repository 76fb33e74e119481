#!/usr/bin/env bash
# semaphore 1.1.0. Who gives back three places wakes one of those that wait.
# Expected: after leave(3) as many are let in as there is room for; who comes later comes after them.
# Seen: one is let in; the others wait beside free places until somebody leaves again, and one who comes later goes past them. So a lock for
# readers and writers made of it, where a writer takes all places, lets in one reader at a time.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install semaphore@1.1.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const semaphore = createRequire(import.meta.url)('semaphore')

const places = semaphore(3)
const reader = (name) => places.take(() => console.log(`${name} reads`))
places.take(3, () => {
  console.log('a writer writes')
  reader('first')
  reader('second')
  reader('third')
  places.leave(3)
})
await sleep(50)
console.log('free places:', [3, 2, 1].find((number) => places.available(number)), 'waiting:', places.queue.length)
reader('late')
await sleep(50)
JS
seen <<'TEXT'
a writer writes
first reads
free places: 2 waiting: 2
late reads
TEXT
