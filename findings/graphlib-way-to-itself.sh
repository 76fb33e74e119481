#!/usr/bin/env bash
# graphlib 2.1.8. How far a node is from itself depends on who is asked.
# Expected: 0, whichever algorithm; a loop of length 5 is no shorter way than to stay.
# Seen: Dijkstra says 0, Floyd and Warshall say 5.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install graphlib@2.1.8
run <<'JS'
import { createRequire } from 'node:module'
const { Graph, alg } = createRequire(import.meta.url)('graphlib')

const graph = new Graph()
graph.setEdge('wait', 'wait', 5)
graph.setEdge('wait', 'run', 2)
const long = (edge) => graph.edge(edge)
for (const to of ['wait', 'run'])
  console.log(`wait to ${to}: dijkstra ${alg.dijkstra(graph, 'wait', long)[to].distance}, floydWarshall ${alg.floydWarshall(graph, long).wait[to].distance}`)
JS
seen <<'TEXT'
wait to wait: dijkstra 0, floydWarshall 5
wait to run: dijkstra 2, floydWarshall 2
TEXT
