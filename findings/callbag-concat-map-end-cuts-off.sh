#!/usr/bin/env bash
# callbag-concat-map 1.1.0, callbag-exhaust-map 1.2.0. The end of the source ends what it has begun, and what waits is dropped.
# Expected: as with the operators of RxJS whose names they have, the result ends when the source and what was made of its values have ended.
# Seen: at the end of the source all is at an end, the running one is cut off, and of a source that ends at once nothing comes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install callbag-concat-map@1.1.0 callbag-exhaust-map@1.2.0 rxjs@7.8.2
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import * as rx from 'rxjs'
const require = createRequire(import.meta.url)

// A source of callbag: every `ms` one of the values, and then the end.
const every = (ms, values) => (start, sink) => {
  if (start !== 0) return
  let at = 0
  const clock = setInterval(() => {
    sink(1, values[at++])
    if (at < values.length) return
    clearInterval(clock)
    sink(2)
  }, ms)
  sink(0, (type) => type === 2 && clearInterval(clock))
}
const everyOfRx = (ms, values) => rx.interval(ms).pipe(rx.take(values.length), rx.map((at) => values[at]))
const parts = (job) => [`${job} begun`, `${job} done`]

for (const name of ['concatMap', 'exhaustMap']) {
  const operator = require(name === 'concatMap' ? 'callbag-concat-map' : 'callbag-exhaust-map')
  const heard = { RxJS: [], callbag: [] }
  everyOfRx(20, ['map', 'unmap']).pipe(rx[name]((job) => everyOfRx(100, parts(job)))).subscribe({ next: (text) => heard.RxJS.push(text), complete: () => heard.RxJS.push('end') })
  operator((job) => every(100, parts(job)))(every(20, ['map', 'unmap']))(0, (type, text) => type !== 0 && heard.callbag.push(type === 1 ? text : 'end'))
  await sleep(700)
  for (const [library, texts] of Object.entries(heard)) console.log(`${name} of ${library}: ${texts.join(', ')}`)
}
JS
seen <<'TEXT'
concatMap of RxJS: map begun, map done, unmap begun, unmap done, end
concatMap of callbag: end
exhaustMap of RxJS: map begun, map done, end
exhaustMap of callbag: end
TEXT
