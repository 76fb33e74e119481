#!/usr/bin/env bash
# Node 20.20. A trace in which a label has a quotation mark is not JSON.
# Expected: `--trace-event-categories` writes a file that "can be opened in the trace viewer of Chrome", JSON whatever console.time() or performance.mark()
# are given for a name; in the data of an event quotation marks are escaped.
# Seen: names of events are written as they are, so that nothing after the first such event can be read, nor before it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
echo "Node $(node --version)"
run <<'JS'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

for (const name of ['map the page', 'map "the page"']) {
  const program = `console.time(${JSON.stringify(name)}); console.timeEnd(${JSON.stringify(name)})`
  execFileSync(process.execPath, ['--trace-event-categories', 'node.console', '--trace-event-file-pattern', 'trace.json', '-e', program])
  const text = readFileSync('trace.json', 'utf8')
  const [written] = text.match(/"name":"time::.*?,/)
  try {
    const { traceEvents } = JSON.parse(text)
    console.log(`${written} read: ${traceEvents.filter((event) => event.name === `time::${name}`).length} events`)
  } catch (error) {
    console.log(`${written} ${error.name}`)
  }
}
JS
seen <<'TEXT'
"name":"time::map the page", read: 2 events
"name":"time::map "the page"", SyntaxError
TEXT
