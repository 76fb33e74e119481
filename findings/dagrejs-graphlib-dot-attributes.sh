#!/usr/bin/env bash
# @dagrejs/graphlib-dot 1.0.2. Attributes for all graphs end the reading, and a subgraph without a name is called [object Undefined]1.
# Expected: DOT has three statements of a kind, `node [...]`, `edge [...]` and `graph [...]`, and graphlib-dot 0.6.4, whose continuation this is,
# reads all; a group `{ b c }` is given a name that nobody else has, `sg1` there.
# Seen: the first two are read, `graph [...]` throws a TypeError about converting undefined; the group is a node with the text of an object for a name.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @dagrejs/graphlib-dot@1.0.2
run <<'JS'
import dot from '@dagrejs/graphlib-dot'
for (const text of ['digraph { node [shape=box]; a -> b }', 'digraph { edge [color=red]; a -> b }', 'digraph { graph [fontsize=10]; a -> b }', 'digraph { a -> { b c } }'])
  try {
    const graph = dot.read(text)
    const told = (names, of) => names.map((name) => `${name.v ? `${name.v}-${name.w}` : name} ${JSON.stringify(of(name) ?? {})}`).join(', ')
    console.log(`${text}: ${told(graph.nodes(), (name) => graph.node(name))}; ${told(graph.edges(), (name) => graph.edge(name))}`)
  } catch (error) {
    console.log(`${text}: ${error}`)
  }
JS
seen <<'TEXT'
digraph { node [shape=box]; a -> b }: a {"shape":"box"}, b {"shape":"box"}; a-b {}
digraph { edge [color=red]; a -> b }: a {}, b {}; a-b {"color":"red"}
digraph { graph [fontsize=10]; a -> b }: TypeError: Cannot convert undefined or null to object
digraph { a -> { b c } }: a {}, [object Undefined]1 {}, b {}, c {}; a-c {}, a-b {}
TEXT
