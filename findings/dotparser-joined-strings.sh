#!/usr/bin/env bash
# dotparser 1.1.1. Strings that DOT puts together are refused, or are not put together.
# Expected: "a" + "b" is the text ab, and so is a quoted string in which a backslash ends the line.
# Seen: + is a syntax error; backslash and line end are part of the text.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install dotparser@1.1.1
run <<'JS'
import { createRequire } from 'node:module'
const parse = createRequire(import.meta.url)('dotparser')

const labels = { 'one string': '"ab"', 'a line that goes on': '"a\\\nb"', 'two strings': '"a" + "b"' }
for (const [what, label] of Object.entries(labels)) {
  try {
    const [{ children: [node] }] = parse(`digraph { n [label=${label}] }`)
    console.log(`${what}: ${JSON.stringify(node.attr_list[0].eq)}`)
  } catch ({ name, found }) {
    console.log(`${what}: ${name} at ${found}`)
  }
}
JS
seen <<'TEXT'
one string: "ab"
a line that goes on: "a\\\nb"
two strings: SyntaxError at +
TEXT
