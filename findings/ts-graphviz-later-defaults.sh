#!/usr/bin/env bash
# ts-graphviz 3.0.7. Read and written again, a DOT file draws final states like all others.
# Expected: `node [...]` is for the nodes that come after it, as Graphviz reads it; that the usual drawing of an automaton, with double circles for
# its final states, stays that drawing when it is read and written.
# Seen: there is one set of attributes for all nodes of a graph, in which the later statement replaces the earlier; Graphviz draws `done` otherwise.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install ts-graphviz@3.0.7 @viz-js/viz@3.31.0
run <<'JS'
import { instance } from '@viz-js/viz'
import { fromDot, toDot } from 'ts-graphviz'

const viz = await instance()
const shapes = (dot) => viz.renderJSON(dot).objects.map(({ name, shape }) => `${name} ${shape}`).join(', ')
const automaton = 'digraph { node [shape=doublecircle]; done; node [shape=circle]; idle -> busy -> done }'
console.log('as written: ', shapes(automaton))
console.log('read, written:', shapes(toDot(fromDot(automaton))))
JS
seen <<'TEXT'
as written:  done doublecircle, idle circle, busy circle
read, written: done circle, idle circle, busy circle
TEXT
