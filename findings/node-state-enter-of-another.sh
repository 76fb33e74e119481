#!/usr/bin/env bash
# node-state 1.4.4. If a machine goes on before it has entered a state, the next state is entered twice, and that one never.
# Expected: every state that the machine goes to gets its Enter, with the data that goto() was given for it, in order.
# Seen: goto() changes the state at once and sends Enter in the next tick, to whichever state there is by then; an event comes to a state before its Enter.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install node-state@1.4.4
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const NodeState = createRequire(import.meta.url)('node-state')

const machine = () => {
  const seen = []
  const hear = (state) => ({ Enter: (data) => seen.push(`${state} entered with ${data}`), Stop: () => seen.push(`${state} stopped`) })
  class Device extends NodeState {}
  Device.prototype.states = { idle: hear('idle'), opening: hear('opening'), open: hear('open') }
  const device = new Device({ initial_data: 'nothing' })
  device.start()
  return { device, seen }
}
{
  const { device, seen } = machine()
  await sleep(10)
  device.goto('opening', 'its name')
  device.goto('open', 'its handle')
  await sleep(10)
  console.log(seen.join(', '))
}
{
  const { device, seen } = machine()
  await sleep(10)
  device.goto('open', 'its handle')
  device.raise('Stop')
  await sleep(10)
  console.log(seen.join(', '))
}
JS
seen <<'TEXT'
idle entered with nothing, open entered with its handle, open entered with its handle
idle entered with nothing, open stopped, open entered with its handle
TEXT
