#!/usr/bin/env bash
# xstate 5.33.3. A transition with two targets that exclude each other is taken.
# Expected: an error when the machine is made or the transition is taken, as with a target that there is not.
# Seen: both are entered, but from then on the machine is in the first alone: the second hears nothing, matches() denies it, and whoever is
# restored from what was saved was never in it. Yet when the first is left, the second is left too, and its exit action runs. The development
# build says nothing either.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install xstate@5.33.3
run <<'JS'
import { createActor, createMachine } from 'xstate'
const log = []
const say = (text) => () => log.push(text)
const machine = createMachine({
  initial: 'a',
  states: {
    a: { on: { GO: { target: ['b', 'c'] } } },
    b: { entry: say('enter b'), exit: say('leave b'), on: { PING: { actions: say('b hears') }, BACK: 'a' } },
    c: { entry: say('enter c'), exit: say('leave c'), on: { PONG: { actions: say('c hears') } } },
  },
})
const actor = createActor(machine).start()
for (const type of ['GO', 'PING', 'PONG']) actor.send({ type })
const saved = actor.getPersistedSnapshot()
const { value } = saved
console.log('value', value, 'matches c', actor.getSnapshot().matches('c'))
actor.send({ type: 'BACK' })
console.log('goes on:', log.splice(0).join(', '))
createActor(machine, { snapshot: saved }).start().send({ type: 'BACK' })
console.log('restored:', log.join(', '))
JS
seen <<'TEXT'
value b matches c false
goes on: enter b, enter c, b hears, leave c, leave b
restored: leave b
TEXT
