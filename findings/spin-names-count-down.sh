#!/usr/bin/env bash
# spin 6.5.2. The names of an mtype are numbered from the last one, a second mtype goes on above the first.
# Expected: as in an enumeration of C, the first name is the lowest, so that `state >= ready` is "ready or later".
# Seen: the last name is 1, the first one the highest; what is printed with %d, and what is compared or sorted (`!!`), goes the other way round.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian spin=6.5.2+dfsg-1
compiler
steps <<'SH'
cat >model.pml <<'PROMELA'
mtype = { off, ready, busy }
mtype = { low, high }
chan sorted = [3] of { mtype }
active proctype shown() {
  mtype first, second, third
  printf("off %d, ready %d, busy %d\n", off, ready, busy)
  printf("low %d, high %d\n", low, high)
  printf("busy >= ready: %d\n", busy >= ready)
  sorted !! busy; sorted !! off; sorted !! ready
  sorted ? first; sorted ? second; sorted ? third
  printf("sorted: %e, %e, %e\n", first, second, third)
}
PROMELA
spin -T model.pml | grep -v created
SH
seen <<'TEXT'
off 3, ready 2, busy 1
low 5, high 4
busy >= ready: 0
sorted: busy, ready, off
TEXT
