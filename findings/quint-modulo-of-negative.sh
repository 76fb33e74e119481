#!/usr/bin/env bash
# @informalsystems/quint 0.33.1. `(place - 1) % 3` of a ring that stands at 0 is -1.
# Expected: Quint is a notation for TLA+, where `\div` rounds down and `%` is never negative, so the place before 0 is 2.
# Seen: its simulator and its tests divide as JavaScript's BigInt does, toward zero: -7 / 2 is -3 and -7 % 2 is -1. Its reference says only
# "integer division" and "integer modulus".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
echo '{ "overrides": { "antlr4ts": "0.5.0-alpha.4" } }' >"$desk/package.json"
install @informalsystems/quint@0.33.1
cat >"$desk/ring.qnt" <<'QNT'
module ring {
  var place: int
  action init = place' = 0
  action back = place' = (place - 1) % 3
  run wrapsTest = init.then(back).then(all { assert(place == 2), back })
  run leavesTest = init.then(back).then(all { assert(place == -1), back })
  run divisionTest = all { assert(-7 / 2 == -3), assert(-7 % 2 == -1), init }
}
QNT
run <<'JS'
import { spawnSync } from 'node:child_process'
const { stdout } = spawnSync('npx', ['--no-install', 'quint', 'test', '--backend', 'typescript', 'ring.qnt'], { encoding: 'utf8' })
for (const name of ['wraps', 'leaves', 'division']) console.log(name, stdout.includes(`ok ${name}Test passed`) ? 'holds' : 'fails')
JS
seen <<'TEXT'
wraps fails
leaves holds
division holds
TEXT
