#!/usr/bin/env bash
# mermaid 12.3.0. An arrow that is written inside a composite state moves the state it points at into the composite.
# Expected: `idle` was used outside before, so it stays beside `busy`, and an arrow leads back to it.
# Seen: `idle` lies in `busy`, so the machine seems never to leave it. The same arrow below the closing brace moves nothing. An arrow inside
# that points at its own composite makes that one its own parent.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mermaid@12.3.0 jsdom@26.1.0
cp "$(dirname "${BASH_SOURCE[0]}")/mermaid.mjs" "$desk"
run <<'JS'
import { read } from './mermaid.mjs'
const inside = await read('[*] --> idle', 'idle --> busy', 'state busy {', '[*] --> work', 'work --> idle : finished', '}')
const below = await read('[*] --> idle', 'idle --> busy', 'state busy {', '[*] --> work', '}', 'work --> idle : finished')
const own = await read('state busy {', '[*] --> work', 'work --> busy : again', '}')
const where = ({ nodes }, name) => nodes.find((node) => node.startsWith(`${name} `))
console.log('arrow inside:', where(inside, 'idle'))
console.log('arrow below: ', where(below, 'idle'))
console.log('arrow to its own:', where(own, 'busy'))
JS
seen <<'TEXT'
arrow inside: idle (rect) in busy
arrow below:  idle (rect) in top
arrow to its own: busy (roundedWithTitle) in busy
TEXT
