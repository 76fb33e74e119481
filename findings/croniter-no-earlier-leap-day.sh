#!/usr/bin/env bash
# python3-croniter 1.3.5. Before a 29th of February there was none, and before Mondays in February neither, if it is named beside them.
# Expected: going back from the 1st of March 2026, the last 29th of February is in 2024, and "the 29th or a Monday, in February" was on the 23rd.
# Seen: an error, though going on from 2024 it finds both days; only in March of a leap year it goes back to the 29th.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-croniter=1.3.5-3
steps <<'SH'
python3 - <<'PYTHON'
from datetime import datetime
from croniter import croniter

def told(expression, start, step):
    try: return getattr(croniter(expression, start), step)(datetime).strftime('%a %Y-%m-%d')
    except Exception as error: return f'{type(error).__name__}: {error}'

for expression in '0 0 29 2 *', '0 0 29 2 1', '0 0 28 2 1':
    print(f'{expression}: from 2024-01-01 on', told(expression, datetime(2024, 1, 1), 'get_next'), '- back from 2026-03-01', told(expression, datetime(2026, 3, 1), 'get_prev'), '- back from 2024-03-01', told(expression, datetime(2024, 3, 1), 'get_prev'))
PYTHON
SH
seen <<'TEXT'
0 0 29 2 *: from 2024-01-01 on Thu 2024-02-29 - back from 2026-03-01 CroniterBadDateError: failed to find prev date - back from 2024-03-01 Thu 2024-02-29
0 0 29 2 1: from 2024-01-01 on Mon 2024-02-05 - back from 2026-03-01 CroniterBadDateError: failed to find prev date - back from 2024-03-01 Thu 2024-02-29
0 0 28 2 1: from 2024-01-01 on Mon 2024-02-05 - back from 2026-03-01 Sat 2026-02-28 - back from 2024-03-01 Wed 2024-02-28
TEXT
