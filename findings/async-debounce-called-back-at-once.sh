#!/usr/bin/env bash
# async-debounce 0.0.0. A function that calls back at once is run once, and never again.
# Expected: a second call, long after the first was done, runs it again, as one that calls back later is run.
# Seen: that the function runs is noted after it has been called, when it may have told already that it is done; all calls from then on wait for that.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install async-debounce@0.0.0
run <<'JS'
import { createRequire } from 'node:module'
const debounce = createRequire(import.meta.url)('async-debounce')
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (const [name, calls] of [['later', (done) => setImmediate(done)], ['at once', (done) => done()]]) {
  const run = []
  const save = debounce((page, done) => { run.push(page); calls(done) }, 5)
  for (const page of ['first', 'second', 'third']) {
    save(page)
    await later(50)
  }
  console.log(`calls back ${name}:`, run.join(', '))
}
JS
seen <<'TEXT'
calls back later: first, second, third
calls back at once: first
TEXT
