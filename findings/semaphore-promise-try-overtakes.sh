#!/usr/bin/env bash
# semaphore-promise 1.4.3. Who just tries to acquire overtakes who acquired before.
# Expected: of a free semaphore of one, `acquire()` has it from then on, and `tryAcquire()` after that throws.
# Seen: acquire takes it a turn of the event loop later; tryAcquire gets it, and the one who came first waits.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install semaphore-promise@1.4.3
run <<'JS'
import { createRequire } from 'node:module'
const { Semaphore } = createRequire(import.meta.url)('semaphore-promise')

const wait = () => new Promise((resolve) => setTimeout(resolve, 10))
const semaphore = new Semaphore(1)
const inside = []
semaphore.acquire().then(() => inside.push('who acquired first'))
const release = semaphore.tryAcquire()
inside.push('who tried second')
await wait()
console.log(`inside: ${inside.join(', ')}`)
release()
await wait()
console.log(`after he left, have been inside: ${inside.join(', ')}`)
JS
seen <<'TEXT'
inside: who tried second
after he left, have been inside: who tried second, who acquired first
TEXT
