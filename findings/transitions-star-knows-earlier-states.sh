#!/usr/bin/env bash
# python3-transitions 0.9.0. A transition from `*`, all states, is refused in a state that was added after it.
# Expected: `*` is "any state", so that a reset from `*` works wherever the machine is.
# Seen: it is made one transition for each state known by then. `to_STATE`, which every state has, leads from earlier states to later ones only if both were there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-transitions=0.9.0-1
steps <<'SH'
python3 - <<'PYTHON'
from transitions import Machine
machine = Machine(states=['idle', 'busy'], initial='idle')
machine.add_transition('reset', '*', 'idle')
machine.add_states(['broken'])
machine.add_transition('break_down', 'busy', 'broken')
def tried(what):
    try:
        getattr(machine, what)()
        print(f'{what}: {machine.state}')
    except Exception as error:
        print(f'{what}: {error}')
for what in ['to_busy', 'reset', 'to_busy', 'break_down', 'reset', 'to_idle', 'to_broken']: tried(what)
PYTHON
SH
seen <<'TEXT'
to_busy: busy
reset: idle
to_busy: busy
break_down: broken
reset: "Can't trigger event reset from state broken!"
to_idle: idle
to_broken: broken
TEXT
