#!/usr/bin/env bash
# plantuml-parser 0.4.0. Of a state diagram what is inside a composite is lost, and states have two names.
# Expected: transitions within `state Busy { … }` are there, or the diagram is refused, as other things that it does not know are.
# Seen: the composite goes without a word, with the transitions in it; `state "…" as B` is left out, too, so that nothing tells what B is; start and end are one "*".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install plantuml-parser@0.4.0
run <<'JS'
import { createRequire } from 'node:module'
const { parse } = createRequire(import.meta.url)('plantuml-parser')
const text = ['@startuml', '[*] --> Idle', 'state "Busy with a request" as B', 'Idle --> B : go', 'state B {', '  [*] --> Reading', '  Reading --> Writing : next', '}', 'B --> [*]', '@enduml']
const [{ elements }] = parse(text.join('\n'))
for (const { left, right, label, ...other } of elements) console.log(left ? `${left} to ${right} ${label}`.trim() : JSON.stringify(other))
JS
seen <<'TEXT'
* to Idle
Idle to B go
B to *
TEXT
