#!/usr/bin/env bash
# cron-converter 2.1.0, @fregante/mi-cron 2.0.1, cron 4.4.0, python3-croniter 1.3.5. `0 0 1-7 * 1` is the first Monday of a month for two of them, and each Monday and all of the first week for the others.
# Expected: `0 0 1-7 * 1` is one schedule. For the cron of Unix, and Debian's manual of it, either day is enough.
# Seen: cron-converter and mi-cron want both days, without a word of it. `5/15` is minute 5 for cron-converter, and 5, 20, 35 and 50 for the others.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install cron-converter@2.1.0 @fregante/mi-cron@2.0.1 cron@4.4.0
debian python3-croniter=1.3.5-3
steps <<'SH'
cat >days.mjs <<'JS'
import * as cron from 'cron'
import * as converter from 'cron-converter'
import * as mi from '@fregante/mi-cron'
const parse = mi.parseCron ?? mi.default
const many = (name, next) => {
  try { console.log(`${name}:`, Array.from({ length: 4 }, next).map((date) => date.toISOString().slice(5, 16)).join(', ')) }
  catch (error) { console.log(`${name}: ${error.message}`) }
}
for (const expression of ['0 0 1-7 * 1', '5/15 * * * *']) {
  console.log(expression)
  let from = new Date('2026-02-28T23:59Z')
  many('  mi-cron', () => (from = parse.nextDate(expression, from)))
  const schedule = converter.getSchedule(converter.stringToArray(expression), new Date('2026-02-28T23:59Z'), 'UTC')
  many('  cron-converter', () => schedule.next().toJSDate())
  let time = new Date('2026-02-28T23:59Z')
  many('  cron', () => (time = new cron.CronTime(expression, 'UTC').getNextDateFrom(time, 'UTC').toJSDate()))
}
JS
node days.mjs
python3 - <<'PYTHON'
from datetime import datetime
from croniter import croniter
for expression in '0 0 1-7 * 1', '5/15 * * * *':
    schedule = croniter(expression, datetime(2026, 2, 28, 23, 59))
    print(f'{expression}, croniter:', ', '.join(schedule.get_next(datetime).strftime('%m-%dT%H:%M') for _ in range(4)))
PYTHON
SH
seen <<'TEXT'
0 0 1-7 * 1
  mi-cron: 03-02T00:00, 04-06T00:00, 05-04T00:00, 06-01T00:00
  cron-converter: 03-02T00:00, 04-06T00:00, 05-04T00:00, 06-01T00:00
  cron: 03-01T00:00, 03-02T00:00, 03-03T00:00, 03-04T00:00
5/15 * * * *
  mi-cron: 03-01T00:05, 03-01T00:20, 03-01T00:35, 03-01T00:50
  cron-converter: 03-01T00:05, 03-01T01:05, 03-01T02:05, 03-01T03:05
  cron: 03-01T00:05, 03-01T00:20, 03-01T00:35, 03-01T00:50
0 0 1-7 * 1, croniter: 03-01T00:00, 03-02T00:00, 03-03T00:00, 03-04T00:00
5/15 * * * *, croniter: 03-01T00:05, 03-01T00:20, 03-01T00:35, 03-01T00:50
TEXT
