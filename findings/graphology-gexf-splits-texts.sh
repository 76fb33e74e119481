#!/usr/bin/env bash
# graphology 0.26.0, graphology-gexf 0.13.2. Written as GEXF and read again, a list has more items, and a number is a text.
# Expected: what write() makes of a graph parse() makes the same graph of: the separator is escaped, or one is taken that is in no item.
# Seen: items are joined with "|" as they are, so that a guard `a || b` becomes three; if one node has a text where the others have numbers, all become texts; null is dropped.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install graphology@0.26.0 graphology-gexf@0.13.2
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const Graph = require('graphology')
const gexf = require('graphology-gexf')
const graph = new Graph()
graph.addNode('open', { guards: ['ready || forced', 'idle'], depth: 1, owner: null })
graph.addNode('closed', { guards: ['idle'], depth: 'none' })
const again = gexf.parse(Graph, gexf.write(graph))
for (const [what, each] of [['made', graph], ['read again', again]]) each.forEachNode((node, attributes) => console.log(`${what}: ${node} ${JSON.stringify(attributes)}`))
JS
seen <<'TEXT'
made: open {"guards":["ready || forced","idle"],"depth":1,"owner":null}
made: closed {"guards":["idle"],"depth":"none"}
read again: open {"guards":["ready","","forced","idle"],"depth":"1"}
read again: closed {"guards":["idle"],"depth":"none"}
TEXT
