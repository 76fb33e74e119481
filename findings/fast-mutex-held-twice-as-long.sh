#!/usr/bin/env bash
# fast-mutex 1.0.2. The lock of one that died is held twice as long as its time limit, and who waits for it is refused before that.
# Expected: `timeout` is "the maximum time a lock can be held", for the case that the process that held it was killed; then the next one gets it.
# Seen: the end of the lock is written down as now and the limit, and it is over when the limit has passed once more; to wait has the same limit, so that
# whoever waits for a dead one from the beginning gets an error, never the lock.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fast-mutex@1.0.2
run <<'JS'
import { createRequire } from 'node:module'
const FastMutex = createRequire(import.meta.url)('fast-mutex')

const items = new Map()
const localStorage = { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value), removeItem: (key) => items.delete(key) }
const client = () => new FastMutex({ timeout: 1000, localStorage })
const begin = Date.now()
await client().lock('session')
console.log('the first holds the lock, and is never heard of again')
for (let got = false; !got; ) {
  got = await client().lock('session').then(() => true, ({ message }) => console.log(message))
  if (got) console.log(`another gets it after ${Math.round((Date.now() - begin) / 1000)} seconds`)
}
JS
seen <<'TEXT'
the first holds the lock, and is never heard of again
Lock could not be acquired within 1000ms
another gets it after 2 seconds
TEXT
