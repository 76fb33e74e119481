#!/usr/bin/env bash
# @steelbreeze/state 8.3.1. A state that was left by one transition is left by a second one, and the state between stays entered.
# Expected: after `go` the machine is in B, since it is no longer in A; whatever leaves B calls its exit.
# Seen: when a transition is done, the completion of its source is looked at, although that was left. If the guard of A's completion holds by now,
# A is left once more, and C is entered; of B there is no exit.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @steelbreeze/state@8.3.1
run <<'JS'
import { createRequire } from 'node:module'
const { State, PseudoState, PseudoStateKind, Instance } = createRequire(import.meta.url)('@steelbreeze/state')
class Go {}
let ready = false
const model = new State('model')
const initial = new PseudoState('initial', model, PseudoStateKind.Initial)
const [a, b, c] = ['A', 'B', 'C'].map((name) => new State(name, model).entry(() => console.log('enter', name)).exit(() => console.log('exit', name)))
initial.to(a)
a.when(() => ready).to(c)
a.on(Go).to(b).effect(() => { ready = true })
b.on(Object).to(a)
c.on(Object).to(a)
const machine = new Instance('machine', model)
machine.evaluate(new Go())
console.log('now in', [...machine.values()].map(String).join(', '))
JS
seen <<'TEXT'
enter A
exit A
enter B
exit A
enter C
now in model.default.C
TEXT
