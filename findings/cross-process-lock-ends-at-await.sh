#!/usr/bin/env bash
# cross-process-lock 2.2.0. withLock() lets go at the first await of what it runs.
# Expected: its callback returns a promise by its type, and the lock is held until that is settled.
# Seen: the file is unlocked as soon as the callback has returned the promise, and another process gets the lock in the midst of it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install cross-process-lock@2.2.0
echo '{}' >"$desk/data.json"
run <<'JS'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { withLock } = createRequire(import.meta.url)('cross-process-lock')

const other = `require('cross-process-lock').lock('data.json', { waitTimeout: 100 }).then((unlock) => (console.log('another has it'), unlock()), ({ message }) => console.log(message))`
const ask = () => console.log(execFileSync(process.execPath, ['-e', other], { encoding: 'utf8' }).trim())
await withLock('data.json', async () => {
  console.log('before the await')
  ask()
  await sleep(50)
  console.log('after the await')
  ask()
})
JS
seen <<'TEXT'
before the await
Couldn't lock file (data.json) in the given timeout (100 ms)!
after the await
another has it
TEXT
