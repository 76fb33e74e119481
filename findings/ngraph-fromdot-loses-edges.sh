#!/usr/bin/env bash
# ngraph.fromdot 7.1.0. Edges of a DOT file are replaced by others, and one node becomes two.
# Expected: a graph that is not `strict` may have several edges from one node to another, as an automaton has, and a name is the same with and
# without quotes; @viz-js/viz 3.31.0, which is Graphviz, has three nodes and five edges.
# Seen: of two edges between the same nodes the later stays; a name that is a number is another one in quotes, and the graph falls apart.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install ngraph.fromdot@7.1.0 @viz-js/viz@3.31.0
run <<'JS'
import { createRequire } from 'node:module'
import { instance } from '@viz-js/viz'
const fromDot = createRequire(import.meta.url)('ngraph.fromdot')

const dot = 'digraph { 0 -> 1 [label=go]; 1 -> 0 [label=stop]; 1 -> 0 [label=fail]; 1 -> 2 [label=end]; "2" -> "0" [label=again] }'
const { objects, edges } = (await instance()).renderJSON(dot)
console.log('Graphviz:', objects.length, 'nodes:', edges.map(({ tail, label, head }) => `${objects[tail].name} ${label} ${objects[head].name}`).join(', '))
const graph = fromDot(dot)
const links = []
graph.forEachLink(({ fromId, data, toId }) => void links.push(`${fromId} ${data.label} ${toId}`))
console.log('ngraph:', graph.getNodesCount(), 'nodes:', links.join(', '))
console.log('out of 2:', [...(graph.getLinks(2) ?? [])].filter(({ fromId }) => fromId === 2).length)
JS
seen <<'TEXT'
Graphviz: 3 nodes: 0 go 1, 1 stop 0, 1 fail 0, 1 end 2, 2 again 0
ngraph: 5 nodes: 0 go 1, 1 fail 0, 1 end 2, 2 again 0
out of 2: 0
TEXT
