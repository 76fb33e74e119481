#!/usr/bin/env bash
# xstate 5.33.3. A machine as JSON (machine.toJSON(), machine.definition) cannot be made a machine again.
# Expected: createMachine takes it, or refuses it: both are "the machine as data", and inspectors send this one about.
# Seen: createMachine takes it. It breaks where the machine is first asked where it begins; machine.config as JSON works.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install xstate@5.33.3
run <<'JS'
import { createActor, createMachine } from 'xstate'
const machine = createMachine({ id: 'm', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } })
const tried = (what, data) => {
  const again = createMachine(JSON.parse(JSON.stringify(data)))
  console.log(`${what}: made`)
  const actor = createActor(again)
  actor.subscribe({ error: ({ message }) => console.log(`${what}: ${message}`) })
  actor.start()
  if (actor.getSnapshot().status === 'active') console.log(`${what}: starts in ${actor.getSnapshot().value}`)
}
tried('config', machine.config)
tried('machine', machine)
JS
seen <<'TEXT'
config: made
config: starts in a
machine: made
machine: Initial state node "[object Object]" not found on parent state node #m
TEXT
