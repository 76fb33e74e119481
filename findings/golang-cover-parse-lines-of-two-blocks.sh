#!/usr/bin/env bash
# golang-cover-parse 2.0.0. A file of Go of which all is covered is covered to five sixths.
# Expected: `lines.found` is the number of the lines, of which there are as many in `lines.details`, and all of them are hit.
# Seen: a line in which one block ends and the next begins, as with each `if`, counts as found twice, and as hit once. A file whose blocks are not beside each other,
# as where the profiles of two packages are joined with -coverpkg, is there twice.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install golang-cover-parse@2.0.0
run <<'JS'
import parser from 'golang-cover-parse'
const show = (profile) => parser.parseContent(profile, (_, files) => {
  for (const { file, lines } of files) console.log(`${file}: ${lines.found} lines found, ${lines.hit} hit, ${lines.details.length} in the details`)
})
show(`mode: set
acme/pool/pool.go:3.24,5.2 1 1
acme/pool/pool.go:5.8,7.3 1 1
`)
show(`mode: set
acme/pool/pool.go:3.24,5.2 1 1
acme/bus/bus.go:3.24,5.2 1 1
acme/pool/pool.go:3.24,5.2 1 0
`)
JS
seen <<'TEXT'
acme/pool/pool.go: 6 lines found, 5 hit, 5 in the details
acme/pool/pool.go: 3 lines found, 3 hit, 3 in the details
acme/bus/bus.go: 3 lines found, 3 hit, 3 in the details
acme/pool/pool.go: 3 lines found, 0 hit, 3 in the details
TEXT
