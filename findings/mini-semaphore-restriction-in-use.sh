#!/usr/bin/env bash
# mini-semaphore 1.3.3. A semaphore whose restriction is changed lets in those many beside who is inside, and who came later first.
# Expected: setRestriction() is to "change sharing restrictions to the value of restriction": with 2 there are two inside, and the next is who waits longest.
# Seen: those inside are forgotten, so that there are three; who waited before the change goes on waiting while others come and go.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mini-semaphore@1.3.3
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { MiniSemaphore } from 'mini-semaphore'

const semaphore = new MiniSemaphore(1)
const inside = new Set()
const enter = (name) =>
  semaphore.flow(async () => {
    inside.add(name)
    console.log('inside:', [...inside].join(', '))
    await sleep(100)
    inside.delete(name)
  }, false)
const all = [enter('first'), enter('second')]
await sleep(20)
console.log('two may share')
semaphore.setRestriction(2)
all.push(enter('third'), enter('fourth'))
await Promise.all(all)
JS
seen <<'TEXT'
inside: first
two may share
inside: first, third
inside: first, third, fourth
inside: third, fourth, second
TEXT
