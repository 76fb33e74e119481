#!/usr/bin/env bash
# rwlock 5.0.0. When one gives up waiting, another's request is removed.
# Expected: a request whose time is up leaves the queue, and those before and behind it come in their turn.
# Seen: whoever stands first in the queue is removed, and is never called; the one that gave up stays, and nobody passes it: the lock is lost.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install rwlock@5.0.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const ReadWriteLock = createRequire(import.meta.url)('rwlock')

for (const timeout of [undefined, 5]) {
  console.log(timeout ? `the third waits ${timeout} ms at most` : 'all wait')
  const lock = new ReadWriteLock()
  const write = (name, options) =>
    lock.writeLock((release) => {
      console.log(`${name} writes`)
      setTimeout(release, 20)
    }, options)
  write('first')
  write('second')
  write('third', timeout && { timeout, timeoutCallback: () => console.log('third gives up') })
  await sleep(300)
  lock.readLock(() => console.log('a reader, after all of them'))
  await sleep(100)
}
JS
seen <<'TEXT'
all wait
first writes
second writes
third writes
a reader, after all of them
the third waits 5 ms at most
first writes
third gives up
TEXT
