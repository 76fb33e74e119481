#!/usr/bin/env bash
# @xstate/fsm 2.1.0. An event sent by an action is handled before the other actions.
# Expected: a machine handles one event to its end before the next; XState 5.33.3 does.
# Seen: the transition of the inner event is taken at once, and the rest of the entry comes after the exit: a state that was left is entered, and the
# motor runs in `closed`.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @xstate/fsm@2.1.0 xstate@5.33.3
run <<'JS'
import { createRequire } from 'node:module'
const { createMachine, interpret } = createRequire(import.meta.url)('@xstate/fsm')
const xstate = createRequire(import.meta.url)('xstate')

const door = (send) => ({
  id: 'door',
  initial: 'closed',
  states: {
    closed: { on: { OPEN: 'opening' } },
    opening: {
      entry: [() => send({ type: 'STUCK' }), () => console.log('motor on')],
      exit: [() => console.log('motor off')],
      on: { STUCK: 'closed' },
    },
  },
})
for (const start of [(config) => xstate.createActor(xstate.createMachine(config)), (config) => interpret(createMachine(config))]) {
  const service = start(door((event) => service.send(event))).start()
  service.send({ type: 'OPEN' })
  console.log((service.getSnapshot?.() ?? service.state).value)
}
JS
seen <<'TEXT'
motor on
motor off
closed
motor off
motor on
closed
TEXT
