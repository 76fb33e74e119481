#!/usr/bin/env bash
# @thi.ng/vclock 0.1.10, vectorclock 0.0.0. A log sorted by its clocks has an effect before its cause.
# Expected: a comparator for vector clocks "in ascending order" leaves nothing before what happened before it.
# Seen: clocks of which neither is before the other are "equal", and equal is not transitive: what stands between two that are ordered hides them from
# each other, and sort() leaves them as they were. Without the one between, they are put right.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @thi.ng/vclock@0.1.10 vectorclock@0.0.0
run <<'JS'
import { createRequire } from 'node:module'
import { orderAsc } from '@thi.ng/vclock'
const { ascSort } = createRequire(import.meta.url)('vectorclock')

const ask = { what: 'a asks', clock: { a: 1 } }
const answer = { what: 'b answers', clock: { a: 1, b: 1 } }
const other = { what: 'c starts', clock: { c: 1 } }
for (const log of [[answer, ask], [answer, other, ask]])
  for (const [name, order] of [['@thi.ng/vclock', orderAsc], ['vectorclock', ascSort]])
    console.log(`${name}: ${[...log].sort((x, y) => order(x.clock, y.clock)).map(({ what }) => what).join(', ')}`)
JS
seen <<'TEXT'
@thi.ng/vclock: a asks, b answers
vectorclock: a asks, b answers
@thi.ng/vclock: b answers, c starts, a asks
vectorclock: b answers, c starts, a asks
TEXT
