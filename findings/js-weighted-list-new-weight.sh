#!/usr/bin/env bash
# js-weighted-list 0.1.1. A weight that is added to a new key makes the first key the only one that is drawn.
# Expected: addWeight() of a key that is not there "will silently create it", as it says of itself; with a weight of 1 in 100 a key is drawn seldom.
# Seen: the weight of the new key is not a number, nor is the sum of all; nothing is as large as that, and the first is always taken.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install js-weighted-list@0.1.1
run <<'JS'
import { createRequire } from 'node:module'
const WeightedList = createRequire(import.meta.url)('js-weighted-list')

const list = new WeightedList([['seldom', 1], ['often', 99]])
const drawn = () => {
  const keys = Array.from({ length: 1000 }, () => list.peek()[0])
  const share = (key) => keys.filter((one) => one === key).length / keys.length
  return ['seldom', 'often', 'new'].map((key) => `${key} ${share(key) === 1 ? 'always' : share(key) > 0.5 ? 'mostly' : share(key) > 0 ? 'now and then' : 'never'}`).join(', ')
}
console.log(drawn())
list.addWeight('new', 900)
console.log(`with a new one of weight 900: ${drawn()}`)
JS
seen <<'TEXT'
seldom now and then, often mostly, new never
with a new one of weight 900: seldom always, often never, new never
TEXT
