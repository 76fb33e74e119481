#!/usr/bin/env bash
# fsm 1.0.2 ("check properties of finite state machines"). A state that leads only to itself is no terminal one, and one that can end is a livelock.
# Expected: terminal() gives the "states that cannot reach another state", livelock() those "that cannot reach a terminal state"; combine() makes of two
# machines one with a state for each pair that they come to.
# Seen: a way back to itself counts as another state; a state that reaches one terminal state and not every one is listed; two pairs whose names put together
# with a hyphen are the same text are one state.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fsm@1.0.2
run <<'JS'
import { createRequire } from 'node:module'
const fsm = createRequire(import.meta.url)('fsm')

const device = { idle: { go: 'busy', stick: 'stuck' }, busy: { done: 'closed', drop: 'broken' }, stuck: { poll: 'stuck' }, broken: { report: 'failed' }, failed: {}, closed: {} }
const reached = fsm.reachable(device)
for (const state of Object.keys(device)) console.log(`${state} reaches ${Object.keys(reached[state]).join(', ') || 'nothing'}`)
console.log('terminal():', fsm.terminal(device).join(', '))
console.log('livelock():', fsm.livelock(device, ['failed', 'closed']).join(', '))

const first = { a: { x: 'a-b' }, 'a-b': {} }
const second = { 'b-c': { y: 'c' }, c: { z: 'end' }, end: {} }
const pairs = Object.keys(fsm.combine(first, second, 'a', 'b-c'))
console.log(`combine(): ${pairs.length} states for 2 × 3 pairs, all of which are come to: ${pairs.join(', ')}`)
JS
seen <<'TEXT'
idle reaches busy, stuck, closed, broken, failed
busy reaches closed, broken, failed
stuck reaches stuck
broken reaches failed
failed reaches nothing
closed reaches nothing
terminal(): failed, closed
livelock(): broken, stuck
combine(): 5 states for 2 × 3 pairs, all of which are come to: a-b-c, a-b-b-c, a-c, a-end, a-b-end
TEXT
