#!/usr/bin/env bash
# @node-libraries/semaphore 1.0.3. Of two that wait for all locks to be given back one waits for ever.
# Expected: `await s.all()` waits "until all locks are unlocked", whoever else waits for that.
# Seen: there is one place for who waits; the second takes it, and the first is never told.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @node-libraries/semaphore@1.0.3
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { semaphore } from '@node-libraries/semaphore'

const locks = semaphore(2)
const told = []
await locks.acquire()
for (const name of ['first', 'second']) Promise.resolve(locks.all()).then(() => told.push(name))
await sleep(20)
locks.release()
await sleep(100)
await Promise.resolve(locks.all()).then(() => told.push('third, when all was given back,'))
console.log(`told: ${told.join(' and ')}`)
JS
seen <<'TEXT'
told: second and third, when all was given back,
TEXT
