#!/usr/bin/env bash
# graphology 0.26.0, graphology-graphml 0.5.2. A key that a GraphML file declares for nodes and edges alike is read for nodes, or ends the reading.
# Expected: `for="all"` is the default of GraphML's <key>: nodes and edges that have data under it have it, with its name and type.
# Seen: without a `for` the data of edges are named by the key's id, as texts; with `for="all"` the reading ends with an error about `undefined`.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install graphology@0.26.0 graphology-graphml@0.5.2
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const Graph = require('graphology')
const { parse } = require('graphology-graphml')
const file = (key, nodeData, edgeData) => `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="k7" ${key} attr.name="weight" attr.type="double"/>
  <graph edgedefault="directed">
    <node id="a">${nodeData}</node><node id="b"/>
    <edge source="a" target="b">${edgeData}</edge>
  </graph>
</graphml>`
const data = '<data key="k7">2.5</data>'
for (const [key, nodeData, edgeData] of [['for="node"', data, ''], ['for="edge"', '', data], ['', data, data], ['for="all"', data, data]]) {
  try {
    const graph = parse(Graph, file(key, nodeData, edgeData))
    console.log(`${key || 'no for'}: a ${JSON.stringify(graph.getNodeAttributes('a'))}, its edge ${JSON.stringify(graph.mapEdges((_, attributes) => attributes)[0])}`)
  } catch (error) {
    console.log(`${key}: ${error.message}`)
  }
}
JS
seen <<'TEXT'
for="node": a {"weight":2.5}, its edge {}
for="edge": a {}, its edge {"weight":2.5}
no for: a {"weight":2.5}, its edge {"k7":"2.5"}
for="all": Cannot set properties of undefined (setting 'k7')
TEXT
