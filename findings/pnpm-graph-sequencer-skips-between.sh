#!/usr/bin/env bash
# @pnpm/deps.graph-sequencer 1000.0.0. Of what is included, two that depend on each other through a third, left out, are in one chunk.
# Expected: a chunk is what may be done at a time, so that `app`, which needs `core` through `lib`, comes after `core` whatever is included; a node that needs itself is a cycle.
# Seen: edges to what is left out are dropped, and with them the ways over it: `app` and `core` are done at once. What needs itself is listed as a cycle, and "safe".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @pnpm/deps.graph-sequencer@1000.0.0
run <<'JS'
import { createRequire } from 'node:module'
const { graphSequencer } = createRequire(import.meta.url)('@pnpm/deps.graph-sequencer')
const graph = new Map([['app', ['lib']], ['lib', ['core']], ['core', []]])
console.log('all:', JSON.stringify(graphSequencer(graph)))
console.log('app and core:', JSON.stringify(graphSequencer(graph, ['app', 'core'])))
console.log('itself:', JSON.stringify(graphSequencer(new Map([['core', ['core']]]))))
console.log('each other:', JSON.stringify(graphSequencer(new Map([['core', ['lib']], ['lib', ['core']]]))))
JS
seen <<'TEXT'
all: {"safe":true,"chunks":[["core"],["lib"],["app"]],"cycles":[]}
app and core: {"safe":true,"chunks":[["app","core"]],"cycles":[]}
itself: {"safe":true,"chunks":[["core"]],"cycles":[["core"]]}
each other: {"safe":false,"chunks":[["core","lib"]],"cycles":[["core","lib"]]}
TEXT
