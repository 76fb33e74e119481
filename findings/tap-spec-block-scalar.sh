#!/usr/bin/env bash
# tap-spec 5.0.0. A failure with several lines of text empties the whole report, and one with nothing beside it is left out.
# Expected: a summary of the points, with the failure's text, as for one whose diagnostics are words on one line; TAP 13 says that diagnostics
# are YAML, in which a block scalar (`|`) is how several lines are written, and that a point may have none.
# Seen: with a block scalar nothing at all is printed, of that point or of any other; without diagnostics the failed point is missing and the
# others stand there as if they were all. The exit code is 1, as it is for any failure.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tap-spec@5.0.0
run <<'JS'
import { execFile } from 'node:child_process'
const report = (lines) => ['TAP version 13', '1..2', 'not ok 1 - counts', ...lines, 'ok 2 - waits', ''].join('\n')
const block = (...lines) => ['  ---', ...lines.map((line) => `  ${line}`), '  ...']
for (const [name, lines] of Object.entries({
  'words on a line': block('run: up, then down'),
  'several lines': block('run: |', '  up', '  down'),
  'no diagnostics': [],
}))
  await new Promise((resolve) => {
    const child = execFile('node_modules/.bin/tap-spec', (error, out) => {
      const told = out.split('\n').map((line) => line.trim()).filter(Boolean)
      console.log(`${name}: exit ${error?.code ?? 0}, tells of counts ${told.some((line) => line.includes('counts'))}, of waits ${told.some((line) => line.includes('waits'))}`)
      resolve()
    })
    child.stdin.end(report(lines))
  })
JS
seen <<'TEXT'
words on a line: exit 1, tells of counts true, of waits true
several lines: exit 1, tells of counts false, of waits false
no diagnostics: exit 1, tells of counts false, of waits true
TEXT
