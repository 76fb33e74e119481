#!/usr/bin/env bash
# stent 8.0.4. What a cancelled request answers moves the machine.
# Expected: a handler that waits belongs to the state it was called in or yielded; once another event has taken the machine elsewhere its answer
# changes nothing, or is refused as any action is that the state does not allow.
# Seen: the generator goes on, and the state it returns is entered from wherever the machine is, though `idle` has no transition to `ready`.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install stent@8.0.4
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const require = createRequire(import.meta.url)
const { Machine } = require('stent')
const { call } = require('stent/lib/helpers')

let answer
const request = () => new Promise((resolve) => (answer = resolve))
const machine = Machine.create('search', {
  state: { name: 'idle' },
  transitions: {
    idle: {
      *go() {
        yield 'loading'
        const found = yield call(request)
        return { name: 'ready', found }
      },
    },
    loading: { cancel: 'idle' },
    ready: { again: 'idle' },
  },
})
machine.go()
console.log('go:', machine.state.name)
machine.cancel()
console.log('cancel:', machine.state.name)
answer('late')
await sleep(10)
console.log('answer:', machine.state.name, machine.state.found)
JS
seen <<'TEXT'
go: loading
cancel: idle
answer: ready late
TEXT
