#!/usr/bin/env bash
# exec-queue 0.0.2. Of ten processes at a time there are more, if they are asked for one after another.
# Expected: "the current limit is 10 child processes running simultaneously", however they come.
# Seen: it counts those that wait, not those that run; what is asked for in another turn of the event loop finds nobody waiting, and is started.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install exec-queue@0.0.2
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const exec = createRequire(import.meta.url)('exec-queue')

for (const apart of [false, true]) {
  const children = []
  for (let index = 0; index < 15; index++) {
    children.push(new Promise((resolve) => exec(`date +%s%N; sleep 3; date +%s%N`, (_, text) => resolve(text.trim().split('\n').map(BigInt)))))
    if (apart) await sleep(10)
  }
  const times = await Promise.all(children)
  const most = Math.max(...times.map(([start]) => times.filter(([from, to]) => from <= start && start < to).length))
  console.log(`${apart ? 'one after another' : 'asked for at once'}: ${most > 10 ? 'more than 10' : 'at most 10'} at a time`)
}
JS
seen <<'TEXT'
asked for at once: at most 10 at a time
one after another: more than 10 at a time
TEXT
