#!/usr/bin/env bash
# sync-channel 0.0.6. To abort a read that is over aborts the read of another.
# Expected: "reading/writing from/to a SyncChannel can be aborted by calling the abort function returned"; after its value has come there is nothing to abort,
# as for a time limit that is over later.
# Seen: the last in the list of those that wait is taken from it, whoever it is, and gets no value any more.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install sync-channel@0.0.6
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const SyncChannel = createRequire(import.meta.url)('sync-channel')

for (const limited of [false, true]) {
  const channel = new SyncChannel()
  const told = []
  const abort = channel.read((value) => told.push(`first reads ${value}`))
  channel.write('one')
  await sleep(20)
  channel.read((value) => told.push(`second reads ${value}`))
  if (limited) abort()
  channel.write('two', () => told.push('two is written'))
  await sleep(20)
  console.log(`${limited ? 'aborted afterwards' : 'not aborted'}: ${told.join(', ')}`)
}
JS
seen <<'TEXT'
not aborted: first reads one, second reads two, two is written
aborted afterwards: first reads one
TEXT
