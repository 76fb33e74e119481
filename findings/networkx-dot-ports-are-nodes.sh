#!/usr/bin/env bash
# python3-networkx 2.8.8, pydot 1.4.2. Read from DOT, an edge from a field of a record is an edge between nodes that are not there.
# Expected: `a:out -> b:in` goes from a to b, with "out" and "in" as its ports, as Graphviz reads it.
# Seen: it goes from a new node `a:out` to a new node `b:in`. Of the nodes that the file has none has an edge, so that b cannot be come to; labels keep their quotes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-networkx=2.8.8-1 python3-pydot=1.4.2-1 graphviz=2.42.2-7+deb12u1
steps <<'SH'
echo 'digraph { a [shape=record, label="<in> | <out>"]; b [shape=record, label="<in> | <out>"]; a:out -> b:in }' >records.gv
echo "Graphviz: $(gvpr 'E { print($.tail.name, " to ", $.head.name, ", ports ", $.tailport, " and ", $.headport) }' records.gv)"
python3 -W ignore - <<'PYTHON'
import networkx
graph = networkx.nx_pydot.read_dot('records.gv')
print('networkx: nodes', ', '.join(sorted(graph)))
for tail, head in graph.edges(): print(f'networkx: {tail} to {head}')
print('networkx: is b come to from a?', networkx.has_path(graph, 'a', 'b'))
PYTHON
SH
seen <<'TEXT'
Graphviz: a to b, ports out and in
networkx: nodes a, a:out, b, b:in
networkx: a:out to b:in
networkx: is b come to from a? False
TEXT
