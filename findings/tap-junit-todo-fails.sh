#!/usr/bin/env bash
# tap-junit 5.0.4. A test that is still to be done makes the build red.
# Expected: TAP says that a `not ok` marked TODO is no failure, and harnesses end with success.
# Seen: it is written as a <failure> and counted as one; the same file is all right to tap-parser 18.3.4.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tap-junit@5.0.4 tap-parser@18.3.4
cat >"$desk/todo.tap" <<'TAP'
TAP version 14
1..2
ok 1 - a
not ok 2 - b # TODO when c is there
TAP
run <<'JS'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
const input = readFileSync('todo.tap')
const by = (tool) => spawnSync('npx', ['--no-install', tool], { input, encoding: 'utf8' })
console.log('tap-parser ends with', by('tap-parser').status)
console.log(by('tap-junit').stdout.match(/<testsuite [^>]*>/)[0])
console.log(by('tap-junit').stdout.match(/<testcase name="b.*?<\/testcase>/s)[0])
JS
seen <<'TEXT'
tap-parser ends with 0
<testsuite name="Tap-Junit-Suite" tests="2" skipped="0" failures="1">
<testcase name="b" id="2"><failure message="" type="fail"/></testcase>
TEXT
