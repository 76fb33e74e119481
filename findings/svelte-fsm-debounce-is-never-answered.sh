#!/usr/bin/env bash
# svelte-fsm 1.2.0. Of two calls that are debounced into one, the first is never answered.
# Expected: its promise is resolved with the state when the later call was made, or refused.
# Seen: it stays pending for ever, also if the wait was cancelled with `debounce(null)`; a state that does not exist is entered, and nothing leads out of it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install svelte-fsm@1.2.0
run <<'JS'
import fsm from 'svelte-fsm'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const machine = fsm('idle', { idle: { go: 'busy', stray: 'bsuy' }, busy: { stop: 'idle' } })
const answers = { first: 'nothing', second: 'nothing', cancelled: 'nothing' }
machine.go.debounce(20).then((state) => (answers.first = state))
machine.go.debounce(20).then((state) => (answers.second = state))
await wait(100)
machine.stop.debounce(20).then((state) => (answers.cancelled = state))
machine.stop.debounce(null)
await wait(100)
for (const [call, answer] of Object.entries(answers)) console.log(`${call}: ${answer}`)
machine.stop()
console.log(`a state that is not there: ${machine.stray()}, and after all events: ${[machine.go(), machine.stop(), machine.stray()].join(', ')}`)
JS
seen <<'TEXT'
first: nothing
second: busy
cancelled: nothing
a state that is not there: bsuy, and after all events: bsuy, bsuy, bsuy
TEXT
