#!/usr/bin/env bash
# mutex-ts 1.0.3. A reader is let in while a writer is inside.
# Expected: between obtainRW() and its release nobody else is inside, however many wait.
# Seen: if a writer had to wait for another one, the release of the first marks the lock as free of writers after the second has taken it; a
# reader that comes then does not wait. Where no writer waited, it does.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mutex-ts@1.0.3
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { MutexRW } from 'mutex-ts'

const visit = async (inside, name, lock) => {
  const release = await lock
  inside.add(name)
  console.log('inside:', [...inside].join(' and '))
  await sleep(20)
  inside.delete(name)
  release()
}
for (const writers of [['writer 1', 'writer 2'], ['writer']]) {
  console.log(`${writers.length} at the lock, and then a reader`)
  const mutex = new MutexRW()
  const inside = new Set()
  const visits = writers.map((name) => visit(inside, name, mutex.obtainRW()))
  // The last writer is inside.
  await (visits.at(-2) ?? sleep(5))
  await sleep(5)
  await Promise.all([...visits, visit(inside, 'reader', mutex.obtainRO())])
}
JS
seen <<'TEXT'
2 at the lock, and then a reader
inside: writer 1
inside: writer 2
inside: writer 2 and reader
1 at the lock, and then a reader
inside: writer
inside: reader
TEXT
