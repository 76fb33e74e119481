#!/usr/bin/env bash
# semasync 1.0.5. Who asks for two permits, gets one, and gives up, takes it along.
# Expected: after a timeout there are as many permits as before.
# Seen: the one that was there is set aside for him, and not given back: with all that were taken given back, 2 of 3 are left, and to ask for 3 waits for ever.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install semasync@1.0.5
run <<'JS'
import { createRequire } from 'node:module'
const { Semaphore } = createRequire(import.meta.url)('semasync')

const permits = new Semaphore(3)
await permits.acquire(2)
console.log(`2 are taken, ${permits.available} is left`)
await permits.acquire({ count: 2, timeoutMs: 20 }).catch((error) => console.log(`2 more: ${error.message}`))
permits.release(2)
console.log(`2 are given back, ${permits.available} of ${permits.size} are left`)
await permits.acquire({ count: 3, timeoutMs: 20 }).catch((error) => console.log(`3: ${error.message}`))
JS
seen <<'TEXT'
2 are taken, 1 is left
2 more: timed out
2 are given back, 2 of 3 are left
3: timed out
TEXT
