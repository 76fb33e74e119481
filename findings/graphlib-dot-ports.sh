#!/usr/bin/env bash
# graphlib-dot 0.6.4. Read and written, edges are not at their ports any more.
# Expected: an edge from a field of a record to a field of another (`task:next -> lock:owner`) is one after it was read and written.
# Seen: the ports are read without a word and stand nowhere in the graph.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install graphlib-dot@0.6.4
run <<'JS'
import { createRequire } from 'node:module'
const dot = createRequire(import.meta.url)('graphlib-dot')

const graph = dot.read('digraph { task [shape=record, label="<next> next"]; lock [shape=record, label="<owner> owner"]; task:next -> lock:owner }')
console.log('edge:', JSON.stringify(graph.edges()), JSON.stringify(graph.edge('task', 'lock')))
console.log(dot.write(graph).trim())
JS
seen <<'TEXT'
edge: [{"v":"task","w":"lock"}] {}
digraph {
  task [shape=record,label="<next> next"]
  lock [shape=record,label="<owner> owner"]
  task -> lock
}
TEXT
