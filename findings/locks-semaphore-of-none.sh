#!/usr/bin/env bash
# locks 0.2.2. A semaphore that begins with no resource has one.
# Expected: where createSemaphore(0) counts what is ready to be fetched, wait() waits for the first signal().
# Seen: 0 is taken for "nothing said", which is 1, and the first consumer is let in before anything was made.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install locks@0.2.2
run <<'JS'
import { createRequire } from 'node:module'
const locks = createRequire(import.meta.url)('locks')

const ready = locks.createSemaphore(0)
const shelf = []
const consumer = (name) => ready.wait(() => console.log(`${name} takes`, shelf.shift()))
consumer('first')
consumer('second')
console.log('something is made')
shelf.push('a loaf')
ready.signal()
JS
seen <<'TEXT'
first takes undefined
something is made
second takes a loaf
TEXT
