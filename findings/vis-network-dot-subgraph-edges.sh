#!/usr/bin/env bash
# vis-network 10.1.5. Of a DOT file it shows the nodes of a subgraph, and not the edges.
# Expected: an edge means the same wherever it is written; subgraphs only say what is drawn together, and Graphviz, dotparser, graphlib-dot and
# @ts-graphviz/ast read each of these as two edges.
# Seen: an edge that is written inside a subgraph, named or not, is dropped without a word; its ends are there as lonely nodes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install vis-network@10.1.5
run <<'JS'
import { createRequire } from 'node:module'
const { parseDOTNetwork } = createRequire(import.meta.url)('vis-network/standalone/umd/vis-network.js')
for (const dot of ['digraph { a -> b; b -> c }', 'digraph { subgraph cluster_0 { a -> b } b -> c }', 'digraph { { a -> b } b -> c }']) {
  const { nodes, edges } = parseDOTNetwork(dot)
  console.log(`${dot}: nodes ${nodes.map(({ id }) => id).join(' ')}, edges ${edges.map(({ from, to }) => `${from}-${to}`).join(' ')}`)
}
JS
seen <<'TEXT'
digraph { a -> b; b -> c }: nodes a b c, edges a-b b-c
digraph { subgraph cluster_0 { a -> b } b -> c }: nodes a b c, edges b-c
digraph { { a -> b } b -> c }: nodes a b c, edges b-c
TEXT
