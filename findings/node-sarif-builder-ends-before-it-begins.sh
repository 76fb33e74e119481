#!/usr/bin/env bash
# node-sarif-builder 4.1.0. A result at a line marks nothing, and one at a column ends before it begins.
# Expected: a region that names its line alone is that line, as SARIF has it, and one that begins in column 9 does not end before it.
# Seen: initSimple() writes `endColumn: 1` wherever none was given. The end of a region is not part of it, so that of line 3 nothing is marked, and what
# begins in column 9 of a line ends in column 1 of it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install node-sarif-builder@4.1.0
run <<'JS'
import { createRequire } from 'node:module'
const { SarifResultBuilder } = createRequire(import.meta.url)('node-sarif-builder')

for (const place of [{ startLine: 3 }, { startLine: 3, startColumn: 9 }]) {
  const simple = { level: 'error', messageText: 'use after free', ruleId: 'use-after-free', fileUri: 'driver.c' }
  const { result } = new SarifResultBuilder().initSimple({ ...simple, ...place })
  const { startLine, startColumn, endLine, endColumn } = result.locations[0].physicalLocation.region
  console.log(`${JSON.stringify(place)}: from ${startLine}:${startColumn} to before ${endLine}:${endColumn}`)
}
JS
seen <<'TEXT'
{"startLine":3}: from 3:1 to before 3:1
{"startLine":3,"startColumn":9}: from 3:9 to before 3:1
TEXT
