#!/usr/bin/env bash
# javascript-lp-solver 1.0.3. A variable that is called `result`, `bounded` or `feasible` takes the place of the answer.
# Expected: the optimum is 8, whatever the variable is called; or the name is refused.
# Seen: answer and variables are told in one object: of `result` the optimum is 4, and with `bounded` and `feasible` these are 4, a number where there was a truth.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install javascript-lp-solver@1.0.3
run <<'JS'
import { createRequire } from 'node:module'
const module = createRequire(import.meta.url)('javascript-lp-solver')
const solver = module.default ?? module
for (const name of ['pages', 'result', 'bounded', 'feasible'])
  console.log(`${name}:`, JSON.stringify(solver.Solve({ optimize: 'profit', opType: 'max', constraints: { memory: { max: 4 } }, variables: { [name]: { profit: 2, memory: 1 } } })))
JS
seen <<'TEXT'
pages: {"feasible":true,"result":8,"bounded":true,"pages":4}
result: {"feasible":true,"result":4,"bounded":true}
bounded: {"feasible":true,"result":8,"bounded":4}
feasible: {"feasible":4,"result":8,"bounded":true}
TEXT
