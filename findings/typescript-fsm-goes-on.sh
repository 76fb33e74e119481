#!/usr/bin/env bash
# typescript-fsm 1.6.0. One event takes several transitions.
# Expected: syncDispatch() takes the transition of the state that the machine is in, and says true, whether or not a callback is to be called.
# Seen: without a callback the search goes on from the new state, so that one `next` takes a traffic light all round, and it says false and
# "No transition". In the opposite order of the table it takes one step, and says the same.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install typescript-fsm@1.6.0
run <<'JS'
import { createRequire } from 'node:module'
const { SyncStateMachine, t } = createRequire(import.meta.url)('typescript-fsm')

const logger = { error: (text) => console.log('log:', text) }
const table = (callback) => [t('red', 'next', 'green', callback), t('green', 'next', 'yellow', callback), t('yellow', 'next', 'red', callback)]
for (const [name, transitions] of [
  ['with callbacks', table(() => console.log('changes'))],
  ['without', table()],
  ['without, last first', table().reverse()],
]) {
  const light = new SyncStateMachine('red', transitions, logger)
  console.log(`${name}:`, light.syncDispatch('next'), light.getState())
}
JS
seen <<'TEXT'
changes
with callbacks: true green
log: No transition: from red event next
without: false red
log: No transition: from green event next
without, last first: false green
TEXT
