#!/usr/bin/env bash
# @edium/fsm 2.1.5. A state that blocks its exit is left if the machine has an exit action, too.
# Expected: "supports blocking exit actions": a state whose exit action says false is not left; that of the machine is asked besides.
# Seen: what the machine's says is taken in place of what the state's has said.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @edium/fsm@2.1.5
run <<'JS'
import { createRequire } from 'node:module'
const { StateMachine } = createRequire(import.meta.url)('@edium/fsm')

const leave = (state, machine) => {
  const device = new StateMachine('device', {}, undefined, machine)
  const busy = device.createState('busy', false, undefined, state)
  busy.addTransition('close', device.createState('closed'))
  device.start(busy)
  device.trigger('close')
  return device.currentState.name
}
const [yes, no] = [() => true, () => false]
console.log('state says no:', leave(no))
console.log('machine says no:', leave(undefined, no))
console.log('state says yes, machine says no:', leave(yes, no))
console.log('state says no, machine says yes:', leave(no, yes))
JS
seen <<'TEXT'
state says no: busy
machine says no: busy
state says yes, machine says no: busy
state says no, machine says yes: closed
TEXT
