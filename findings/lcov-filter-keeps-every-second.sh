#!/usr/bin/env bash
# lcov-filter 0.1.1. Of records that are to be removed, every second one is kept.
# Expected: of a file by c8 or nyc, the records of all files whose names match are removed, and those that are left are records of lcov.
# Seen: the pattern is global, so that it goes on searching where it matched in the record before: the second of two that match is kept.
# No line ends between a record and the next, which makes one of two: lcov-parse 1.0.0 reads one file, with the last name and the lines of both.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install lcov-filter@0.1.1 lcov-parse@1.0.0
cat >"$desk/cover.info" <<'LCOV'
TN:
SF:src/test/bus.js
DA:1,0
end_of_record
TN:
SF:src/test/irq.js
DA:1,0
end_of_record
TN:
SF:src/test/map.js
DA:1,0
end_of_record
TN:
SF:src/pool.js
DA:1,4
DA:2,4
end_of_record
LCOV
steps <<'SH'
node_modules/.bin/lcov-filter cover.info test | tee filtered.info
node -e "require('lcov-parse')('filtered.info', (_, files) => console.log('files:', files.map(({ file, lines }) => file + ', lines ' + lines.details.map(({ line }) => line)).join('; ')))"
SH
seen <<'TEXT'
TN:
SF:src/test/irq.js
DA:1,0
end_of_recordTN:
SF:src/pool.js
DA:1,4
DA:2,4
end_of_record
files: src/test/irq.js, lines 1; src/pool.js, lines 1,2
TEXT
