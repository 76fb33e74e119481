#!/usr/bin/env bash
# cobertura-parse 1.0.5. Of a line of which two of three branches are taken, 67 of 67 are.
# Expected: `condition-coverage="66.67% (2/3)"`, as coverlet writes it, is two of three, as `66% (2/3)` is.
# Seen: the second and third number of the text are taken, wherever they stand, and with a decimal point they are other ones.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install cobertura-parse@1.0.5
run <<'JS'
import parser from 'cobertura-parse'
for (const condition of ['66% (2/3)', '66.67% (2/3)', '33.33% (1/3)']) {
  const line = `<line number="7" hits="3" branch="true" condition-coverage="${condition}"/>`
  const report = `<coverage><packages><package name="acme"><classes><class name="Pool" filename="Pool.cs"><methods/><lines>${line}</lines></class></classes></package></packages></coverage>`
  parser.parseContent(report, (_, [{ branches }]) => console.log(`${condition}: ${branches.hit} hit of ${branches.found}`))
}
JS
seen <<'TEXT'
66% (2/3): 2 hit of 3
66.67% (2/3): 67 hit of 67
33.33% (1/3): 33 hit of 33
TEXT
