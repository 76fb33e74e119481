#!/usr/bin/env bash
# lcov-parse 1.0.0, parse-lcov 1.0.4, @friedemannsommer/lcov-parser 5.0.2. Names of functions end at their first comma.
# Expected: FN is a line and a name, FNDA a count and a name; of C++ the name may be `void put<int, long>(int)`, as geninfo writes it with --demangle-cpp.
# Seen: all take the text up to the next comma for the name; the third makes one of two functions that begin alike, and loses the one that never ran. The
# second cuts the path of a file off at a colon or comma.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install lcov-parse@1.0.0 parse-lcov@1.0.4 @friedemannsommer/lcov-parser@5.0.2
run <<'JS'
import { createRequire } from 'node:module'
import { lcovParser } from '@friedemannsommer/lcov-parser'
const require = createRequire(import.meta.url)

const report = `TN:
SF:C:/src/map.cpp
FN:3,void put<int, long>(int)
FN:9,void put<int, char>(int)
FNDA:0,void put<int, long>(int)
FNDA:5,void put<int, char>(int)
FNF:2
FNH:1
DA:3,0
DA:9,5
LF:2
LH:1
end_of_record
`
const tell = (parser, path, functions) => console.log(`${parser}: ${path}: ${functions.map(({ line, name, hit }) => `line ${line} ${name} ${hit} times`).join(', ')}`)
require('lcov-parse').source(report, (_, [{ file, functions }]) => tell('lcov-parse', file, functions.details))
for (const { file, functions } of require('parse-lcov').default(report)) tell('parse-lcov', file, functions.details)
for (const { path, functions } of await lcovParser({ from: report })) tell('lcov-parser', path, functions.details)
JS
seen <<'TEXT'
lcov-parse: C:/src/map.cpp: line 3 void put<int 0 times, line 9 void put<int 5 times
parse-lcov: C: line 3 void put<int 0 times, line 9 void put<int 5 times
lcov-parser: C:/src/map.cpp: line 9 void put<int 5 times
TEXT
