#!/usr/bin/env bash
# graphviz 2.42.2. `dijkstra` goes against the arrows.
# Expected: in a digraph the distance from a node is along its edges, and what cannot be come to has none.
# Seen: edges count both ways, unless -d is given, also in a `digraph`: from `done` everything can be come to, and the distance to `idle` is the way back.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian graphviz=2.42.2-7+deb12u1
steps <<'SH'
cat >states.gv <<'DOT'
digraph states {
  idle -> busy [len=1]
  busy -> done [len=1]
  error -> done [len=3]
}
DOT
told() { dijkstra "$@" states.gv | grep -o '[a-z]*.\[dist=[0-9.]*' | tr '\t' ' ' | sed 's/ \[dist=/ at /' | sort | paste -sd ,; }
echo "from idle: $(told idle)"
echo "from done: $(told done)"
echo "from idle, -d: $(told -d idle)"
SH
seen <<'TEXT'
from idle: busy at 1.000,done at 2.000,error at 5.000,idle at 0.000
from done: busy at 1.000,done at 0.000,error at 3.000,idle at 2.000
from idle, -d: busy at 1.000,done at 2.000,idle at 0.000
TEXT
