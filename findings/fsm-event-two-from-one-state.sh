#!/usr/bin/env bash
# fsm-event 2.1.0. While a state is being left, a second event is taken from it, and the machine comes where no transition leads.
# Expected: an event "must be a valid transition" of the state the machine is in; on the way from `start` to `paused`, and in `paused`, there is no `stop`.
# Seen: until the listeners of leave and enter have called back, the old state counts; both events are taken, and the machine goes from `paused` to `stopped`.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fsm-event@2.1.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const fsm = createRequire(import.meta.url)('fsm-event')

for (const later of [false, true]) {
  const told = []
  const device = fsm('start', { start: { pause: 'paused', stop: 'stopped' }, paused: { resume: 'start' }, stopped: {} })
  device.on('error', (text) => told.push(text))
  for (const state of ['paused', 'stopped']) device.on(state, () => told.push(state))
  device.on('start:leave', (proceed) => (later ? setTimeout(proceed, 10) : proceed()))
  device('pause')
  device('stop')
  await sleep(50)
  console.log(`${later ? 'left later' : 'left at once'}: ${told.join(', ')}`)
}
JS
seen <<'TEXT'
left at once: paused, invalid transition: paused -> stop
left later: paused, stopped
TEXT
