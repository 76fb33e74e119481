#!/usr/bin/env bash
# dependency-solver 1.0.6. What depends on nothing, and nothing depends on, is a circular dependency; and the graph is changed.
# Expected: a node without edges is somewhere in the order; what is handed in stays as it is.
# Seen: with it the whole graph is refused as circular; nodes that are only named as dependencies are added to the graph that was handed in.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install dependency-solver@1.0.6
run <<'JS'
import { createRequire } from 'node:module'
const { solve } = createRequire(import.meta.url)('dependency-solver')

for (const graph of [{ driver: ['bus'], bus: [] }, { driver: ['bus'], bus: [], log: [] }, { driver: ['bus'] }]) {
  const handed = JSON.stringify(graph)
  let order
  try {
    order = solve(graph).join(', ')
  } catch (error) {
    order = error.message
  }
  console.log(`${handed}: ${order}; afterwards it has ${Object.keys(graph).join(', ')}`)
}
JS
seen <<'TEXT'
{"driver":["bus"],"bus":[]}: bus, driver; afterwards it has driver, bus
{"driver":["bus"],"bus":[],"log":[]}: There is a circular dependency in the graph; afterwards it has driver, bus, log
{"driver":["bus"]}: bus, driver; afterwards it has driver, bus
TEXT
