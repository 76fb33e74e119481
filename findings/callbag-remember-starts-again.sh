#!/usr/bin/env bash
# callbag-remember 2.0.0. If all have left and another comes, the source is started a second time, and he hears each value twice.
# Expected: he hears the value that is remembered, and then each one once.
# Seen: who leaves does not end the source, and the first of those who listen starts it; the value that is remembered is kept from him.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install callbag-remember@2.0.0 callbag-subject@2.1.0
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const remember = require('callbag-remember').default
const makeSubject = require('callbag-subject')

for (const overlap of [true, false]) {
  const subject = makeSubject()
  const shared = remember(subject)
  const listen = () => {
    const heard = []
    let talkback
    shared(0, (type, data) => { if (type === 0) talkback = data; else if (type === 1) heard.push(data) })
    return { heard, leave: () => talkback(2) }
  }
  const first = listen()
  subject(1, 'a')
  if (!overlap) first.leave()
  const second = listen()
  if (overlap) first.leave()
  subject(1, 'b')
  subject(1, 'c')
  console.log(overlap ? 'comes before the first leaves:' : 'comes after the first has left:', second.heard.join(', '))
}
JS
seen <<'TEXT'
comes before the first leaves: a, b, c
comes after the first has left: b, b, c, c
TEXT
