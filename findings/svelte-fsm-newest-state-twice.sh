#!/usr/bin/env bash
# svelte-fsm 1.2.0. If one subscriber makes a transition, the next one hears of the newest state twice, and never of the one between.
# Expected: each subscriber hears the states in their order: idle, busy, over.
# Seen: the second one hears idle, over, over; and the entry into over is told before the one into busy.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install svelte-fsm@1.2.0
run <<'JS'
import fsm from 'svelte-fsm'

const entered = []
const note = ({ to }) => void entered.push(to)
const machine = fsm('idle', { idle: { go: 'busy' }, busy: { _enter: note, go: 'over' }, over: { _enter: note } })
const heard = { first: [], second: [] }
machine.subscribe((state) => {
  heard.first.push(state)
  if (state === 'busy') machine.go()
})
machine.subscribe((state) => heard.second.push(state))
machine.go()
for (const [who, states] of Object.entries(heard)) console.log(`the ${who} hears ${states.join(', ')}`)
console.log(`entered: ${entered.join(', ')}`)
JS
seen <<'TEXT'
the first hears idle, busy, over
the second hears idle, over, over
entered: over, busy
TEXT
