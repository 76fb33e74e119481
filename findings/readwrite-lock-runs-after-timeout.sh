#!/usr/bin/env bash
# readwrite-lock 1.0.5. A critical section runs after its caller has been told that it timed out.
# Expected: who waited too long for the lock is told so, and what he wanted to do inside is not done; its README says that such a section is
# never entered.
# Seen: the promise is rejected in time, and the function stays in the queue: it runs, with the lock held, as soon as its turn has come.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install readwrite-lock@1.0.5
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import ReadWriteLock from 'readwrite-lock'

const lock = new ReadWriteLock({ timeout: 50 })
const first = lock.acquireWrite('account', () => sleep(300))
const second = lock.acquireWrite('account', () => console.log('second: inside'))
await second.catch(({ message }) => console.log(`second: told "${message}"`))
await first
await sleep(50)
JS
seen <<'TEXT'
second: told "readwrite-lock timed out"
second: inside
TEXT
