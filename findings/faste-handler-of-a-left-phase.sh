#!/usr/bin/env bash
# faste 1.1.1. A handler of a phase is run after another handler has left that phase.
# Expected: a handler `on('go', ['idle'], ...)` is run in the phase idle alone.
# Seen: which handlers fit is asked before the first of them is run: the second is run in the phase busy, and moves the machine out of it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install faste@1.1.1
run <<'JS'
import { createRequire } from 'node:module'
const { faste } = createRequire(import.meta.url)('faste')

const machine = faste()
  .withPhases(['idle', 'busy', 'over'])
  .withMessages(['go'])
  .on('go', ['idle'], ({ transitTo }) => void transitTo('busy'))
  .on('go', ['idle'], ({ transitTo }) => {
    console.log(`a handler of idle is run in ${machine.phase()}`)
    transitTo('over')
  })
  .create()
machine.start('idle')
machine.put('go')
console.log(`after one "go" it is in ${machine.phase()}`)
JS
seen <<'TEXT'
a handler of idle is run in busy
after one "go" it is in over
TEXT
