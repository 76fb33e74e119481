#!/usr/bin/env bash
# @node-libraries/semaphore 1.0.3. Of two that wait until all is done, one waits for ever.
# Expected: `all()` is answered, for each who asks, when everything was released.
# Seen: who asked last is answered; the one before was forgotten when he asked.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @node-libraries/semaphore@1.0.3
run <<'JS'
import { createRequire } from 'node:module'
const { semaphore } = createRequire(import.meta.url)('@node-libraries/semaphore')

const { acquire, release, all } = semaphore(1)
await acquire()
const heard = []
for (const who of ['first', 'second']) all().then(() => heard.push(who))
release()
await new Promise((resolve) => setTimeout(resolve, 20))
console.log(`answered: ${heard.join(', ')}`)
JS
seen <<'TEXT'
answered: second
TEXT
