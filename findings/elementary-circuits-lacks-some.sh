#!/usr/bin/env bash
# elementary-circuits-directed-graph 1.3.1 ("finds all elementary circuits"). It does not find all.
# Expected: every cycle of a graph, as of one that says which lock was taken while another was held, where each cycle is a possible deadlock.
# Seen: a cycle is left out if the search has come through one of its vertices before, on another way, and so is a vertex that has an edge to itself
# alone; the edges that it was given are gone afterwards.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install elementary-circuits-directed-graph@1.3.1
run <<'JS'
import { createRequire } from 'node:module'
const findCircuits = createRequire(import.meta.url)('elementary-circuits-directed-graph')

const locks = ['map', 'group', 'device', 'irq']
const edges = [[1, 2], [2], [0, 3], [2]]
// Every path that does not come to a vertex twice, from its smallest vertex back to it.
const paths = (path) =>
  edges[path.at(-1)].flatMap((next) => (next === path[0] ? [path] : next < path[0] || path.includes(next) ? [] : paths([...path, next])))
const say = (cycles) => cycles.map((cycle) => cycle.map((vertex) => locks[vertex]).join(' → ')).join('; ')
console.log('there are:', say(locks.flatMap((_, vertex) => paths([vertex]))))
console.log('found:    ', say(findCircuits(edges).map((cycle) => cycle.slice(0, -1))))
console.log('edges afterwards:', JSON.stringify(edges))
console.log('a lock taken twice:', JSON.stringify(findCircuits([[0]])))
JS
seen <<'TEXT'
there are: map → group → device; map → device; device → irq
found:     map → group → device; device → irq
edges afterwards: [[],[],[],[]]
a lock taken twice: []
TEXT
