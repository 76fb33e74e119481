#!/usr/bin/env bash
# mermaid 12.3.0. `a : text` is the documented way to describe a state, and it may be repeated. It works as long as `a` has no states in it.
# Expected: the same for a composite, with or without a name of its own.
# Seen: one description replaces the name; a name and a description, or two descriptions, are refused, and the whole diagram with them.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mermaid@12.3.0 jsdom@26.1.0
cp "$(dirname "${BASH_SOURCE[0]}")/mermaid.mjs" "$desk"
run <<'JS'
import { read } from './mermaid.mjs'
const tried = async (what, ...lines) => console.log(`${what}:`, await read(...lines).then(({ nodes }) => `${nodes.length} nodes`, ({ message }) => message))
await tried('plain, two', 'a : one', 'a : two')
await tried('plain, named', 'state "A" as a', 'a : one')
await tried('composite, one', 'state a {', 'b', '}', 'a : one')
await tried('composite, two', 'state a {', 'b', '}', 'a : one', 'a : two')
await tried('composite, named', 'state "A" as a {', 'b', '}', 'a : one')
JS
seen <<'TEXT'
plain, two: 1 nodes
plain, named: 1 nodes
composite, one: 2 nodes
composite, two: Group nodes can only have label. Remove the additional description for node [a]
composite, named: Group nodes can only have label. Remove the additional description for node [a]
TEXT
