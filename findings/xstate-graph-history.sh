#!/usr/bin/env bash
# xstate 5.33.3, xstate/graph. A state that the machine comes to is not found if the way goes through a history state.
# Expected: getShortestPaths() gives a path from the initial state "to every other state", and getSimplePaths() all of them, also where three events lead.
# Seen: two states with the same value and context are one, though a history state remembers different things in them; only the first one is gone on from.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install xstate@5.33.3
run <<'JS'
import { assign, createActor, createMachine } from 'xstate'
import { getShortestPaths, getSimplePaths } from 'xstate/graph'

const device = createMachine({
  initial: 'on',
  context: { resumed: false },
  states: {
    on: {
      initial: 'idle',
      states: { idle: { on: { WORK: { target: 'busy', guard: ({ context }) => !context.resumed } } }, busy: {}, before: { type: 'history' } },
      on: { SUSPEND: 'asleep' },
    },
    asleep: { on: { RESUME: { target: 'on.before', actions: assign({ resumed: true }) } } },
  },
})
const tell = ({ value, context }) => `${value.on ? `on ${value.on}` : value}${context.resumed ? ', resumed' : ''}`
for (const paths of [getShortestPaths, getSimplePaths]) console.log(`${paths.name}: ${[...new Set(paths(device).map(({ state }) => tell(state)))].join('; ')}`)
const actor = createActor(device).start()
const seen = ['WORK', 'SUSPEND', 'RESUME'].map((type) => {
  actor.send({ type })
  return tell(actor.getSnapshot())
})
console.log(`WORK, SUSPEND, RESUME: ${seen.join('; ')}`)
JS
seen <<'TEXT'
getShortestPaths: on idle; asleep; on busy; on idle, resumed; asleep, resumed
getSimplePaths: on idle; asleep; on busy; on idle, resumed; asleep, resumed
WORK, SUSPEND, RESUME: on busy; asleep; on busy, resumed
TEXT
