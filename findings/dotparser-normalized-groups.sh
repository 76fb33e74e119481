#!/usr/bin/env bash
# dotparser-normalized 0.1.0. Edges to a group have no ends, and the nodes of the group are lost.
# Expected: of `a -> { b c }`, which DOT reads as an edge to each, "nodes / edges in usable structure", with b and c; and of a port the port.
# Seen: the group is a node without a name, or with its own, its edges lack an end, and what stands in it is nowhere; ports are left out.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install dotparser-normalized@0.1.0
run <<'JS'
import { createRequire } from 'node:module'
const { parse } = createRequire(import.meta.url)('dotparser-normalized')

for (const text of ['digraph { a -> b; a -> c }', 'digraph { a -> { b c } }', 'digraph { a -> subgraph waiting { b c } }', 'digraph { a:out -> b:in }']) {
  const [{ nodes, edges }] = parse(text)
  console.log(`${text}: nodes ${nodes.map(({ id }) => id).join(', ')}; edges ${edges.map((edge) => `${edge.source} to ${edge.target} ${JSON.stringify(edge.attr)}`).join(', ')}`)
}
JS
seen <<'TEXT'
digraph { a -> b; a -> c }: nodes a, b, c; edges a to b {}, a to c {}
digraph { a -> { b c } }: nodes a, ; edges a to undefined {}
digraph { a -> subgraph waiting { b c } }: nodes a, waiting; edges a to waiting {}
digraph { a:out -> b:in }: nodes a, b; edges a to b {}
TEXT
