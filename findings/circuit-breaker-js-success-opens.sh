#!/usr/bin/env bash
# circuit-breaker-js 0.0.1. Two successes, one after another, close the breaker and open it again.
# Expected: half open, it is closed by a success, and stays closed while all succeeds.
# Seen: the failures that opened it still count. It becomes half open when a clock of its own comes round, which may be a moment after it opened; then the first success closes it,
# and the second finds more than half of what is in the window failed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install circuit-breaker-js@0.0.1
run <<'JS'
import { createRequire } from 'node:module'
import { mock } from 'node:test'
mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
const CircuitBreaker = createRequire(import.meta.url)('circuit-breaker-js')

// The clock is the program's: a window of a second has ten parts.
let ms = 0
const pass = (more) => { mock.timers.tick(more); ms += more }
const breaker = new CircuitBreaker({ windowDuration: 1000, numBuckets: 10, volumeThreshold: 5 })
const call = (succeeds) => {
  let what = 'refused'
  breaker.run((success, failure) => { what = succeeds ? 'success' : 'failure'; succeeds ? success() : failure() })
  console.log(`${ms} ms: ${what}, ${breaker.isOpen() ? 'open' : 'not open'}`)
}
pass(1090)
for (let n = 0; n < 6; n++) call(false)
pass(10)
for (let n = 0; n < 3; n++) call(true)
process.exit()
JS
seen <<'TEXT'
1090 ms: failure, not open
1090 ms: failure, not open
1090 ms: failure, not open
1090 ms: failure, not open
1090 ms: failure, not open
1090 ms: failure, open
1100 ms: success, not open
1100 ms: success, open
1100 ms: refused, open
TEXT
