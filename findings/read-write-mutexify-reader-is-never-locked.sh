#!/usr/bin/env bash
# read-write-mutexify 2.1.0. That readers have to wait is never said, and to destroy a lock with an error throws another one.
# Expected: while there is a writer, `read.locked` is true; `destroy(error)` refuses those who wait with that error.
# Seen: `read.locked` is undefined, whoever writes; `destroy(error)` throws a TypeError even if nobody waits, and is not destroyed for those who do.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install read-write-mutexify@2.1.0
run <<'JS'
import { createRequire } from 'node:module'
const ReadWriteLock = createRequire(import.meta.url)('read-write-mutexify')

const lock = new ReadWriteLock()
await lock.write.lock()
console.log(`one writes: for writers it is locked: ${lock.write.locked}, for readers: ${lock.read.locked}`)

let heard = 'nothing'
lock.read.lock().then(() => (heard = 'that he may read'), (error) => (heard = error.message))
try {
  lock.destroy(new Error('device is gone'))
} catch (error) {
  console.log(`destroyed with "device is gone": ${error.constructor.name}`)
}
await new Promise((resolve) => setTimeout(resolve, 10))
console.log(`the reader that waits hears ${heard}`)
JS
seen <<'TEXT'
one writes: for writers it is locked: true, for readers: undefined
destroyed with "device is gone": TypeError
the reader that waits hears nothing
TEXT
