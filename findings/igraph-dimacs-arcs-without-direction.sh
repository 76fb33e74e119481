#!/usr/bin/env bash
# python3-igraph 0.10.2. Of a DIMACS file for a maximum flow the arcs are read as edges, and more flows than can.
# Expected: `a 1 2 5` is an arc from 1 to 2, the flow is against none of them.
# Seen: Read_DIMACS makes an undirected graph of it unless it is told `directed=True`; where only arcs that point at each other meet, there is a flow.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-igraph=0.10.2-1+b1
steps <<'SH'
# From 1 to 2, and from 3 to 2: nothing gets to 4.
printf '%s\n' 'p max 4 3' 'n 1 s' 'n 4 t' 'a 1 2 5' 'a 3 2 5' 'a 3 4 5' >flow.max
python3 -S - <<'PYTHON'
import igraph
for options in [{}, {'directed': True}]:
    graph = igraph.Graph.Read_DIMACS('flow.max', **options)
    flow = graph.maxflow(graph['source'], graph['target'], 'capacity')
    print(f'{options or "as it is"}: {"directed" if graph.is_directed() else "undirected"}, a flow of {flow.value}')
PYTHON
SH
seen <<'TEXT'
as it is: undirected, a flow of 5.0
{'directed': True}: directed, a flow of 0.0
TEXT
