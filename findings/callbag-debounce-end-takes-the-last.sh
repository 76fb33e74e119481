#!/usr/bin/env bash
# callbag-debounce 2.1.3. If the source ends soon after its last value, that value never comes; one who has left hears a value.
# Expected: the value that was held back comes, and then the end, as with debounceTime of RxJS 7.8.2; who has ended hears nothing more.
# Seen: the end takes the place of the value that waits; ending does not stop the clock.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install callbag-debounce@2.1.3 callbag-subject@2.1.0 rxjs@7.8.2
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const { debounce } = require('callbag-debounce')
const makeSubject = require('callbag-subject')
const { Subject, debounceTime } = require('rxjs')
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const source = makeSubject()
const heard = []
let talkback
debounce(20)(source)(0, (type, data) => { if (type === 0) talkback = data; else heard.push(type === 1 ? data : 'end') })
source(1, 'first')
await later(100)
source(1, 'last')
source(2)
await later(100)
console.log('callbag-debounce:', heard.join(', '))

const subject = new Subject()
const seen = []
subject.pipe(debounceTime(20)).subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') })
subject.next('first')
await later(100)
subject.next('last')
subject.complete()
console.log('rxjs:', seen.join(', '))

const other = makeSubject()
const after = []
debounce(20)(other)(0, (type, data) => { if (type === 0) talkback = data; else after.push(data) })
other(1, 'held back')
talkback(2)
await later(100)
console.log('callbag-debounce, after it was ended:', after.join(', '))
JS
seen <<'TEXT'
callbag-debounce: first, end
rxjs: first, last, end
callbag-debounce, after it was ended: held back
TEXT
