#!/usr/bin/env bash
# @henrygd/semaphore 0.1.0. Two are inside under one key.
# Expected: getSemaphore(key) "creates or retrieves existing semaphore", so that whoever has asked for the key waits for the others, once or again.
# Seen: at the release that leaves nobody inside the key is forgotten; who has kept the semaphore and who asks for the key anew no longer exclude each other.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @henrygd/semaphore@0.1.0
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { getSemaphore } from '@henrygd/semaphore'

let inside = 0
const write = async (semaphore) => {
  await semaphore.acquire()
  console.log('inside:', ++inside)
  await sleep(50)
  inside--
  semaphore.release()
}
const journal = getSemaphore('journal')
console.log('at first')
await Promise.all([write(journal), write(getSemaphore('journal'))])
console.log('and again')
await Promise.all([write(journal), write(getSemaphore('journal'))])
JS
seen <<'TEXT'
at first
inside: 1
inside: 1
and again
inside: 1
inside: 2
TEXT
