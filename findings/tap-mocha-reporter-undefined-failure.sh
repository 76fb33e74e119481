#!/usr/bin/env bash
# tap-mocha-reporter 5.0.4. Of a failure in TAP its own `message` is left out, and as XML it counts twice.
# Expected: the diagnostics of a test point are YAML in which `message` says what went wrong (as in the examples of TAP 14); one
# failed test is one failure.
# Seen: `xunit` writes the name of the test and `undefined`, and one failure is one failure and one error; `spec` repeats the name.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tap-mocha-reporter@5.0.4
cat >"$desk/failed.tap" <<'TAP'
TAP version 14
1..2
ok 1 - a
not ok 2 - b
  ---
  message: "the reason"
  severity: fail
  ...
TAP
run <<'JS'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
const input = readFileSync('failed.tap')
const shown = (reporter) => spawnSync('npx', ['--no-install', 'tap-mocha-reporter', reporter], { input, encoding: 'utf8' }).stdout
console.log(shown('xunit').match(/tests="\d+" failures="\d+" errors="\d+"/)[0])
console.log(JSON.stringify(shown('xunit').match(/<failure>.*<\/failure>/s)[0]))
console.log('spec tells the reason:', shown('spec').includes('the reason'))
JS
seen <<'TEXT'
tests="2" failures="1" errors="1"
"<failure><![CDATA[b\nundefined]]></failure>"
spec tells the reason: false
TEXT
