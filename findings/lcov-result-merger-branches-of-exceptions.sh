#!/usr/bin/env bash
# lcov-result-merger 6.0.0. Branches of exceptions are not merged, and lose their block.
# Expected: since lcov 2 a BRDA is "line_number, [exception] block, branch, taken", where an `e` before the block says that an exception takes it; of two
# reports the counts of a branch are added up, as those of other branches are.
# Seen: the block is read as a number and is NaN, which is no other; each report adds the branch again, and what is written can be read by nobody.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install lcov-result-merger@6.0.0
for run in 1 2; do printf 'TN:\nSF:map.cpp\nBRDA:3,0,0,%s\nBRDA:3,e0,1,%s\nBRF:2\nBRH:2\nend_of_record\n' "$run" "$run" >"$desk/$run.info"; done
run <<'JS'
import { createRequire } from 'node:module'
const { mergeCoverageReportFiles } = createRequire(import.meta.url)('lcov-result-merger')

console.log((await mergeCoverageReportFiles(['1.info', '2.info'], {})).split('\n').filter((line) => line.startsWith('BR')).join('\n'))
JS
seen <<'TEXT'
BRDA:3,0,0,3
BRDA:3,NaN,1,1
BRDA:3,NaN,1,2
BRF:3
BRH:3
TEXT
