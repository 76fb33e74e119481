#!/usr/bin/env bash
# python3-networkx 2.8.8, python3-igraph 0.10.2, graphology-graphml 0.5.2, graphml-js 0.4.0. What a single undirected edge of a GraphML file is depends on the reader.
# Expected: GraphML lets each edge say `directed="false"` in a graph that is directed otherwise; readers keep it, or refuse the file.
# Seen: networkx refuses the file; the others make it an edge from the first node to the second without a word, so that nothing leads back.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-networkx=2.8.8-1 python3-igraph=0.10.2-1+b1
install graphology@0.26.0 graphology-graphml@0.5.2 graphml-js@0.4.0
steps <<'SH'
cat >mixed.graphml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph id="G" edgedefault="directed">
  <node id="driver"/><node id="device"/><node id="bus"/>
  <edge source="driver" target="device"/>
  <edge source="device" target="bus" directed="false"/>
</graph></graphml>
XML
python3 -S -W ignore - <<'PYTHON'
import networkx
try:
    print('networkx:', networkx.read_graphml('mixed.graphml').edges())
except networkx.NetworkXError as error:
    print('networkx:', error)
PYTHON
python3 -S -W ignore - <<'PYTHON'
import igraph
graph = igraph.Graph.Read_GraphML('mixed.graphml')
print('igraph:', 'directed' if graph.is_directed() else 'undirected', [edge.tuple for edge in graph.es], '- from bus to device:', graph.distances(2, 1)[0][0], 'steps')
PYTHON
cat >read.cjs <<'JS'
const { readFileSync } = require('node:fs')
const text = readFileSync('mixed.graphml', 'utf8')
const graph = require('graphology-graphml').parse(require('graphology'), text)
console.log('graphology:', graph.mapEdges((edge, _, from, to, ...[, , undirected]) => `${from} ${undirected ? '-' : '->'} ${to}`).join(', '))
new (require('graphml-js').GraphMLParser)().parse(text, (_, { edges }) => console.log('graphml-js:', JSON.stringify(edges.at(-1))))
JS
node read.cjs
SH
seen <<'TEXT'
networkx: directed=false edge found in directed graph.
igraph: directed [(0, 1), (1, 2)] - from bus to device: inf steps
graphology: driver -> device, device -> bus
graphml-js: {"_attributes":{},"_source":"device","_target":"bus"}
TEXT
