#!/usr/bin/env bash
# @fregante/mi-cron 2.0.1. `dec` is November, `jan` is no month, and the 31st of a month that has none is the 1st of the next.
# Expected: a month's name is its number, and `0 0 31 * *` waits for a month of 31 days.
# Seen: names of months are counted from 0, like those of days.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @fregante/mi-cron@2.0.1
run <<'JS'
import * as module from '@fregante/mi-cron'
const parseCron = module.parseCron ?? module.default
for (const month of ['12', 'dec', '1', 'jan']) console.log(`0 0 24 ${month} *:`, parseCron(`0 0 24 ${month} *`).months.join(), parseCron.nextDate(`0 0 24 ${month} *`, new Date('2026-02-01T00:00Z')).toISOString())
console.log('0 0 31 * *:', parseCron.nextDate('0 0 31 * *', new Date('2026-04-02T00:00Z')).toISOString())
JS
seen <<'TEXT'
0 0 24 12 *: 12 2026-12-24T00:00:00.000Z
0 0 24 dec *: 11 2026-11-24T00:00:00.000Z
0 0 24 1 *: 1 2027-01-24T00:00:00.000Z
0 0 24 jan *: 0 2026-12-24T00:00:00.000Z
0 0 31 * *: 2026-05-01T00:00:00.000Z
TEXT
