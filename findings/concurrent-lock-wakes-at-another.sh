#!/usr/bin/env bash
# concurrent-lock 1.0.7. Who waits for one lock is let in when another is unlocked.
# Expected: lock() waits until this lock is free, within its time limit.
# Seen: all locks have one list of those who wait; an unlock of any lets in the first of them, whichever lock that one waits for.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install concurrent-lock@1.0.7
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const Lock = createRequire(import.meta.url)('concurrent-lock').default

const [disk, network] = [new Lock(), new Lock()]
await disk.lock()
await network.lock()
console.log('disk: the first is inside')
const second = disk.lock().then(() => console.log('disk: the second is inside'))
await sleep(20)
console.log('network is unlocked')
network.unlock()
await second
console.log('disk: the first leaves')
disk.unlock()
JS
seen <<'TEXT'
disk: the first is inside
network is unlocked
disk: the second is inside
disk: the first leaves
TEXT
