#!/usr/bin/env bash
# graphviz 2.42.2. For sccmap a state that leads to itself is no cycle, and acyclic lets it stay.
# Expected: a livelock of one state is a strongly connected component with a cycle like any other; what acyclic writes has no cycle.
# Seen: sccmap leaves out the component, and the map is empty; acyclic keeps the loop, and ends with 0 ("acyclic").
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian graphviz=2.42.2-7+deb12u1
steps <<'SH'
for graph in 'digraph { idle -> busy; busy -> idle }' 'digraph { idle -> busy; busy -> busy }'; do
  echo "$graph"
  echo "sccmap: $(echo "$graph" | sccmap 2>/dev/null | tr -d '\n\t')"
  code=0
  echo "$graph" >graph.gv
  acyclic graph.gv >without.gv || code=$?
  echo "acyclic, which ends with $code: $(tr -d '\n\t' <without.gv)"
done
SH
seen <<'TEXT'
digraph { idle -> busy; busy -> idle }
sccmap: digraph cluster_0 {idle -> busy;busy -> idle;}digraph scc_map {cluster_0;}
acyclic, which ends with 1: digraph {idle -> busy;idle -> busy;}
digraph { idle -> busy; busy -> busy }
sccmap: digraph scc_map {}
acyclic, which ends with 0: digraph {idle -> busy;busy -> busy;}
TEXT
