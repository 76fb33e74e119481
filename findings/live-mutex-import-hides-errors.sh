#!/usr/bin/env bash
# live-mutex 0.2.25. A program that imports it and throws ends with 0.
# Expected: importing a client for locks changes nothing; an uncaught error ends a program with 1, and CI sees it.
# Seen: it listens for uncaught exceptions from the import on, prints them and lets the program go on.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install live-mutex@0.2.25
cat >"$desk/throws.mjs" <<'JS'
setTimeout(() => {
  throw new Error('a slip')
}, 100)
JS
cat >"$desk/imports.mjs" <<'JS'
import 'live-mutex'
import './throws.mjs'
JS
run <<'JS'
import { spawnSync } from 'node:child_process'
for (const file of ['throws.mjs', 'imports.mjs']) console.log(`${file} ends with ${spawnSync(process.execPath, [file]).status}`)
JS
seen <<'TEXT'
throws.mjs ends with 1
imports.mjs ends with 0
TEXT
