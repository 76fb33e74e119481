#!/usr/bin/env bash
# python3-fysom 2.1.6. If entering a state sends an event, the second move is told before the first, which is told when it is over.
# Expected: `onchangestate` hears of the move to busy, and then of that to over, and where it hears of a move the machine is where that led.
# Seen: it hears of them in the opposite order; when it hears that the machine went to busy, the machine is in over. A state that cannot be entered (its handler raises) has been entered.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-fysom=2.1.6-1
steps <<'SH'
python3 - <<'PYTHON'
from fysom import Fysom

def machine(entering):
    return Fysom({
        'initial': 'idle',
        'events': [{'name': 'go', 'src': 'idle', 'dst': 'busy'}, {'name': 'go', 'src': 'busy', 'dst': 'over'}],
        'callbacks': {'onenterbusy': entering, 'onchangestate': lambda e: e.src != 'none' and print(f'{e.src} to {e.dst}, while in {e.fsm.current}')},
    })

def raises(_): raise RuntimeError('not ready')

machine(lambda e: e.fsm.go()).go()
failing = machine(raises)
try: failing.go()
except RuntimeError as error: print(f'{error}: the machine is in {failing.current}')
PYTHON
SH
seen <<'TEXT'
busy to over, while in over
idle to busy, while in over
not ready: the machine is in busy
TEXT
