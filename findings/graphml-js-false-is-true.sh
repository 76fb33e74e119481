#!/usr/bin/env bash
# graphml-js 0.4.0. Of a GraphML file booleans are texts, and what has a default value has none.
# Expected: numbers are numbers there, so that `false` of a key that is declared as boolean is false; a node without an own value has the key's <default>.
# Seen: "false" is a text, which counts as true; the default is dropped.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install graphml-js@0.4.0
run <<'JS'
import { createRequire } from 'node:module'
const { GraphMLParser } = createRequire(import.meta.url)('graphml-js')
const text = `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="k0" for="node" attr.name="final" attr.type="boolean"/>
  <key id="k1" for="node" attr.name="kind" attr.type="string"><default>inner</default></key>
  <key id="k2" for="node" attr.name="depth" attr.type="int"/>
  <graph edgedefault="directed">
    <node id="open"><data key="k0">false</data><data key="k2">1</data></node>
    <node id="closed"><data key="k0">true</data><data key="k1">last</data></node>
    <edge source="open" target="closed"/>
  </graph>
</graphml>`
new GraphMLParser().parse(text, (_, { nodes }) => {
  for (const { _id, _attributes } of nodes) console.log(`${_id}: ${JSON.stringify(_attributes)}, ${_attributes.final ? 'final' : 'not final'}`)
})
JS
seen <<'TEXT'
open: {"final":"false","depth":1}, final
closed: {"final":"true","kind":"last"}, final
TEXT
