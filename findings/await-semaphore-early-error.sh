#!/usr/bin/env bash
# await-semaphore 0.1.3. use() keeps the lock of a task that throws before it has a promise.
# Expected: use() gives the lock back however the task ends; that it throws at once is an error of its caller, who gets it.
# Seen: the caller gets the error, and the lock stays taken for ever. Thrown after the first await, the same error gives it back.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install await-semaphore@0.1.3
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { Mutex } = createRequire(import.meta.url)('await-semaphore')

const save = (text) => sleep(1, JSON.parse(text))
const saveLater = async (text) => sleep(1, JSON.parse(text))
for (const task of [saveLater, save]) {
  const mutex = new Mutex()
  await mutex.use(() => task('{')).catch(({ name }) => console.log(`${task.name}: ${name}`))
  console.log('and the next:', await Promise.race([mutex.use(() => task('"saved"')), sleep(100, 'waits')]))
}
JS
seen <<'TEXT'
saveLater: SyntaxError
and the next: saved
save: SyntaxError
and the next: waits
TEXT
