#!/usr/bin/env bash
# python3-automat 22.10.0. If an output sends an input, what follows is done before the outputs that are left; after an output that raises, the machine has moved all the same.
# Expected: the outputs of a transition are done one after another, and then those of the next; a transition that failed did not happen.
# Seen: the second output of the first transition comes after that of the second; after an error the machine is in the new state.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-automat=22.10.0-1
steps <<'SH'
python3 - <<'PYTHON'
from automat import MethodicalMachine

class Device:
    machine = MethodicalMachine()
    done = []

    @machine.state(initial=True)
    def closed(self): pass
    @machine.state()
    def opened(self): pass
    @machine.state()
    def broken(self): pass

    @machine.input()
    def open(self): pass
    @machine.input()
    def fail(self): pass
    @machine.input()
    def mend(self): pass

    @machine.output()
    def probe(self):
        self.done.append('probe')
        self.fail()
    @machine.output()
    def report_opened(self): self.done.append('report opened')
    @machine.output()
    def report_broken(self): self.done.append('report broken')
    @machine.output()
    def raises(self): raise RuntimeError('no spare part')
    @machine.output()
    def wipe(self): self.done.append('wiped after being mended')

    closed.upon(open, enter=opened, outputs=[probe, report_opened])
    opened.upon(fail, enter=broken, outputs=[report_broken])
    broken.upon(mend, enter=closed, outputs=[raises])
    closed.upon(mend, enter=closed, outputs=[wipe])

device = Device()
device.open()
print(', '.join(device.done))
try: device.mend()
except RuntimeError as error: print('mend:', error)
device.mend()
print('mend again:', device.done[-1])
PYTHON
SH
seen <<'TEXT'
probe, report broken, report opened
mend: no spare part
mend again: wiped after being mended
TEXT
