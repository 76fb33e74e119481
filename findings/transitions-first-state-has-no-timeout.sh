#!/usr/bin/env bash
# python3-transitions 0.9.0. The timeout of the state that a machine begins in never comes.
# Expected: a machine that begins in `waiting`, which has a timeout, is told after that time, as one is that comes to it.
# Seen: the time is counted from the entry, and the initial state is not entered: neither its on_enter nor its timeout is called, until it is left and come to again.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-transitions=0.9.0-1
steps <<'SH'
python3 - <<'PYTHON'
from time import sleep
from transitions import Machine
from transitions.extensions.states import Timeout, add_state_features
@add_state_features(Timeout)
class Timed(Machine): pass
def tried(what, initial, *moves):
    told = []
    states = ['idle', {'name': 'waiting', 'timeout': 0.2, 'on_timeout': lambda: told.append('timeout'), 'on_enter': lambda: told.append('entered')}]
    machine = Timed(states=states, initial=initial)
    for move in moves: getattr(machine, move)()
    sleep(1)
    print(f'{what}: {", ".join(told) or "nothing"}, in {machine.state}')
tried('begins in waiting', 'waiting')
tried('comes to waiting', 'idle', 'to_waiting')
tried('begins in waiting, and comes to it', 'waiting', 'to_waiting')
PYTHON
SH
seen <<'TEXT'
begins in waiting: nothing, in waiting
comes to waiting: entered, timeout, in waiting
begins in waiting, and comes to it: entered, timeout, in waiting
TEXT
