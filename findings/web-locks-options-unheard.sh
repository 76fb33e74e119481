#!/usr/bin/env bash
# web-locks 0.0.9 ("Web Locks API" for Node). What a request says of itself is not heard.
# Expected, as in the API: request() gives what its function returned; shared requests are inside together; `ifAvailable` calls the function at once
# and without a lock where it is held; a request that is refused is not run later.
# Seen: undefined; one after the other; it waits; with a signal (its AbortController is that of Node) the request is refused with a TypeError, and is
# run all the same, when the lock is free.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install web-locks@0.0.9
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { locks, AbortController } = createRequire(import.meta.url)('web-locks')

console.log('answer:', await locks.request('answer', async () => 42))

let inside = 0
const read = async () => {
  console.log('readers inside:', ++inside)
  await sleep(20)
  inside--
}
await Promise.all([locks.request('book', { mode: 'shared' }, read), locks.request('book', { mode: 'shared' }, read)])

const held = locks.request('room', () => sleep(50))
await locks.request('room', { ifAvailable: true }, async (lock) => console.log('if available:', lock && `has ${lock.name}`))
await held

const busy = locks.request('desk', () => sleep(50))
const { signal } = new AbortController()
await locks.request('desk', { signal }, async () => console.log('and is run')).catch(({ message }) => console.log('refused:', message))
await busy
await sleep(50)
JS
seen <<'TEXT'
answer: undefined
readers inside: 1
readers inside: 1
if available: has room
refused: signal.on is not a function
and is run
TEXT
