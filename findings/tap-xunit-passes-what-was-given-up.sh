#!/usr/bin/env bash
# tap-xunit 2.4.1. A run that was given up is a success.
# Expected: `Bail out!`, and fewer results than planned, are failures, as they are to tap-parser 18.3.4.
# Seen: it ends with 0, and its report tells of the tests that were run as if they were all.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tap-xunit@2.4.1 tap-parser@18.3.4
run <<'JS'
import { spawnSync } from 'node:child_process'
const by = (input, ...tool) => spawnSync('npx', ['--no-install', ...tool], { input, encoding: 'utf8' })
for (const [name, rest] of Object.entries({ whole: 'ok 2 - b\nok 3 - c\n', 'given up': 'Bail out! no database\n', 'cut off': 'ok 2 - b\n' })) {
  const tap = `TAP version 13\n1..3\nok 1 - a\n${rest}`
  const { status, stdout } = by(tap, 'tap-xunit')
  console.log(`${name}: tap-parser ${by(tap, 'tap-parser').status}, tap-xunit ${status}`)
  console.log(stdout.match(/<testsuite [^>]*>/)[0])
}
JS
seen <<'TEXT'
whole: tap-parser 0, tap-xunit 0
<testsuite tests="3" failures="0" errors="0" name="Default">
given up: tap-parser 1, tap-xunit 0
<testsuite tests="1" failures="0" errors="0" name="Default">
cut off: tap-parser 1, tap-xunit 0
<testsuite tests="2" failures="0" errors="0" name="Default">
TEXT
