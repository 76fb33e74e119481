#!/usr/bin/env bash
# callbag-scan 1.1.0. Without a seed the second who listens gets other values than the first.
# Expected: without a seed the first value is what the function begins with; a source that is listened to twice gives the same twice.
# Seen: that there was a first value is remembered for all who listen, the value itself is not: the second begins with undefined.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install callbag-scan@1.1.0 callbag-from-iter@1.3.0 callbag-for-each@1.1.0
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const [scan, fromIter, forEach] = ['scan', 'from-iter', 'for-each'].map((name) => require(`callbag-${name}`))

for (const [name, sums] of [['with a seed', scan((sum, value) => sum + value, 0)], ['without', scan((sum, value) => sum + value)]]) {
  const source = sums(fromIter([1, 2, 3]))
  for (const listener of ['first', 'second']) {
    const heard = []
    forEach((sum) => heard.push(sum))(source)
    console.log(`${name}, the ${listener} hears ${heard.join(', ')}`)
  }
}
JS
seen <<'TEXT'
with a seed, the first hears 1, 3, 6
with a seed, the second hears 1, 3, 6
without, the first hears 1, 3, 6
without, the second hears NaN, NaN, NaN
TEXT
