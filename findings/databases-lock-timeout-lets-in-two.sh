#!/usr/bin/env bash
# @databases/lock 2.1.0. When one gives up waiting, the lock is given to the next, though it is held.
# Expected: who has waited longer than the time limit gets an error, and the lock stays with the one that has it.
# Seen: with the error the lock is released, which was not his; the next is inside beside the holder.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @databases/lock@2.1.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { createLock } = createRequire(import.meta.url)('@databases/lock')

const lock = createLock(1000)
const inside = []
const enter = (name, time) =>
  lock
    .withLock(async () => {
      inside.push(name)
      console.log('inside:', inside.join(' and '))
      await sleep(time)
      inside.splice(inside.indexOf(name), 1)
    })
    .catch(({ message }) => console.log(`${name}: ${message}`))
const first = enter('first', 1600)
const second = enter('second', 50)
await sleep(100)
await Promise.all([first, second, enter('third', 50)])
JS
seen <<'TEXT'
inside: first
inside: first and third
second: Timed out waiting for lock after 1000ms
TEXT
