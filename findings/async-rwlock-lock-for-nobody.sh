#!/usr/bin/env bash
# async-rwlock 1.1.1. A lock is handed to a writer that gave up waiting.
# Expected: who has been told of his timeout is no longer in the queue, and after the unlock the lock is free.
# Seen: he stays in the queue; the unlock makes him the owner, and since he has left nobody will ever unlock it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install async-rwlock@1.1.1
run <<'JS'
import { createRequire } from 'node:module'
const { RWLock, State } = createRequire(import.meta.url)('async-rwlock')

const lock = new RWLock()
await lock.writeLock()
await lock.writeLock(50).catch(({ message }) => console.log(`second writer: ${message}`))
lock.unlock()
console.log(`after the first writer's unlock: ${State[lock.getState()]}`)

const quiet = new RWLock()
await quiet.writeLock()
quiet.unlock()
console.log(`without a second writer: ${State[quiet.getState()]}`)
JS
seen <<'TEXT'
second writer: acquire lock timeout
after the first writer's unlock: Writing
without a second writer: Idle
TEXT
