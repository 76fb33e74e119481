#!/usr/bin/env bash
# mermaid 12.3.0, state diagrams. Plain texts of arrows and states are read as Markdown, though they are not in the quotes with backticks
# that the documentation asks for.
# Expected: `__init__ [2*n*k]` is drawn as it is written.
# Seen: signs that Markdown uses are gone: the name of a function is another name, and a product is another number. Written as #95; and #42;
# they stay.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mermaid@12.3.0 jsdom@26.1.0
cp "$(dirname "${BASH_SOURCE[0]}")/mermaid.mjs" "$desk"
run <<'JS'
import { draw } from './mermaid.mjs'
const { states, arrows } = await draw('state "run _fast_" as a', 'a --> b : __init__ [2*n*k]', 'b --> a : #95;#95;init#95;#95; [2#42;n#42;k]')
console.log('states:', states.join(', '))
console.log('arrows:', arrows.join(', '))
JS
seen <<'TEXT'
states: run fast, b
arrows: init [2nk], __init__ [2*n*k]
TEXT
