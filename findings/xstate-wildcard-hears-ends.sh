#!/usr/bin/env bash
# xstate 5.33.3. The wildcard `*` hears what nobody sent: the internal event that says a state within has come to its end.
# Expected: it is for messages that no other transition of the state is for.
# Seen: one message that leads into a final state makes a counter of unknown messages count, and a state with `'*': 'failed'` fails as soon as
# what is in it has come to its end. With an onDone beside it, it does not.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install xstate@5.33.3
run <<'JS'
import { createActor, createMachine } from 'xstate'
const machineWith = (more) =>
  createMachine({
    initial: 'work',
    states: {
      work: { initial: 'busy', on: { '*': 'failed' }, ...more, states: { busy: { on: { FINISH: 'over' } }, over: { type: 'final' } } },
      failed: {},
      done: {},
    },
  })
for (const [name, more] of [['without onDone', {}], ['with onDone', { onDone: 'done' }]]) {
  const actor = createActor(machineWith(more)).start()
  actor.send({ type: 'FINISH' })
  console.log(`${name}:`, actor.getSnapshot().value)
}
JS
seen <<'TEXT'
without onDone: failed
with onDone: done
TEXT
