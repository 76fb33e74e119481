#!/usr/bin/env bash
# maude 3.2. A rule for a state that an equation renames is never used, and a search that lacks what it leads to says that there is no solution.
# Expected: `waiting` and `parked` are the same by an equation, so that what holds for one is possible for the other; or at least a word about it.
# Seen: states are simplified before rules are tried: `rl waiting => over` does nothing, and `over` is not found. Written the other way round the same search finds it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian maude=3.2-2
steps <<'SH'
export MAUDE_LIB=$PWD/root/usr/share/maude
for equation in 'waiting = parked' 'parked = waiting'; do
  cat >job.maude <<MAUDE
mod JOB is
  sort State .
  ops begun waiting parked over : -> State .
  eq $equation .
  rl begun => waiting .
  rl waiting => over .
endm
search begun =>* over .
MAUDE
  echo "eq $equation: $(maude -no-banner -no-advise job.maude </dev/null | grep -i solution | tr '\n' ' ')"
done
SH
seen <<'TEXT'
eq waiting = parked: No solution. 
eq parked = waiting: Solution 1 (state 2) No more solutions. 
TEXT
