#!/usr/bin/env bash
# async-lock 1.5.0. With `maxExecutionTime` two are inside at a time.
# Expected: a limit for what is done with the lock ends the wait of the caller; the lock itself is given on when the function is done, since nothing
# can end a function of JavaScript that has begun.
# Seen: at the limit the lock is given to the next, while the first function is still in the middle.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install async-lock@1.5.0
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import AsyncLock from 'async-lock'

const lock = new AsyncLock({ maxExecutionTime: 100 })
let inside = 0
let most = 0
const transfer = async () => {
  most = Math.max(most, ++inside)
  await sleep(300)
  inside--
}
const transfers = ['first', 'second'].map((name) => lock.acquire('account', transfer).catch(({ message }) => console.log(`${name}: ${message}`)))
await Promise.all(transfers)
await sleep(400)
console.log('inside at a time:', most)
JS
seen <<'TEXT'
first: Maximum execution time is exceeded account
second: Maximum execution time is exceeded account
inside at a time: 2
TEXT
