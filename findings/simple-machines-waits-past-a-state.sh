#!/usr/bin/env bash
# simple-machines 0.5.0. Who waits for a state that is entered and left soon is told that it never came.
# Expected: `waitForChange('ready')` is answered when the machine goes through ready.
# Seen: it looks now and then whether the machine is there, and times out, though `onStateChange` was told of ready.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install simple-machines@0.5.0
run <<'JS'
import { createRequire } from 'node:module'
const { fsm } = createRequire(import.meta.url)('simple-machines')

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (const stays of [0, 400]) {
  const told = []
  const transitions = { idle: ['ready'], ready: ['busy'], busy: [] }
  const machine = fsm(transitions, 'idle', { timeout: 300, onStateChange: ({ to }) => told.push(to) })
  const waited = machine.waitForChange('ready').then(() => 'came', (error) => error.constructor.name)
  await wait(20)
  machine.change('ready')
  if (stays > 0) await wait(stays)
  machine.change('busy')
  console.log(`ready for ${stays} ms: told are ${told.join(', ')}; who waits for ready hears: ${await waited}`)
}
JS
seen <<'TEXT'
ready for 0 ms: told are ready, busy; who waits for ready hears: TimeoutError
ready for 400 ms: told are ready, busy; who waits for ready hears: came
TEXT
