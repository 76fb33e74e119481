#!/usr/bin/env bash
# tarjan-graph 3.0.0. What is added to a node takes away what was added to it before, cycles and all.
# Expected: edges that are added one after another are all there; a state that leads to itself, or back to itself, is among its own descendants.
# Seen: the second `add` replaces the edges of the first, and `addAndVerify` finds no cycle where there would be one; no node is ever its own descendant.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tarjan-graph@3.0.0
run <<'JS'
import { createRequire } from 'node:module'
const { default: Graph } = createRequire(import.meta.url)('tarjan-graph')

const once = new Graph().add('a', ['b', 'c']).add('b', 'a')
const twice = new Graph().add('a', 'b').add('a', 'c').add('b', 'a')
for (const [how, graph] of [['at once', once], ['one by one', twice]])
  console.log(`a -> b, a -> c, b -> a, added ${how}: cycle: ${graph.hasCycle()}; from a come ${graph.getDescendants('a').sort().join(', ')}`)
JS
seen <<'TEXT'
a -> b, a -> c, b -> a, added at once: cycle: true; from a come b, c
a -> b, a -> c, b -> a, added one by one: cycle: false; from a come c
TEXT
