#!/usr/bin/env bash
# callbag-combine 1.2.0. An error of one source is dropped, and told as an end.
# Expected: callbag ends a stream with 2 and an error; of combined streams, as of merged ones, the first error ends them all, and is given on.
# Seen: the others go on without the one that failed, and the end that follows has no error; callbag-merge 3.2.2 gives it on at once.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install callbag-combine@1.2.0 callbag-merge@3.2.2
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)

for (const name of ['callbag-merge', 'callbag-combine']) {
  const sinks = []
  // A source that gives what is said below, until it is stopped.
  const source = (start, sink) => {
    let on = true
    sinks.push((type, data) => on && sink(type, data))
    sink(0, (type) => (on &&= type !== 2))
  }
  const heard = []
  require(name)(source, source)(0, (type, data) => {
    if (type === 1) heard.push(`[${data}]`)
    if (type === 2) heard.push(data ? `error ${data.message}` : 'end')
  })
  const [disk, network] = sinks
  disk(1, 'd1')
  network(1, 'n1')
  disk(2, new Error('disk full'))
  network(1, 'n2')
  network(2)
  console.log(`${name}: ${heard.join(', ')}`)
}
JS
seen <<'TEXT'
callbag-merge: [d1], [n1], error disk full
callbag-combine: [d1,n1], [d1,n2], end
TEXT
