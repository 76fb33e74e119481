#!/usr/bin/env bash
# mona 1.4-18. The least of an empty set is 0, and so is the greatest; what is before 0 is 0.
# Expected: `min P` of an empty P is no position, so that what is said of it is false, and the position before x is below x, as x + 1 is above it.
# Seen: 0 in each case, so that "the first of P is in P" does not hold, nor "x - 1 is below x", and "0 is the last of P" holds where there is no P.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian mona=1.4-18-1+b1
steps <<'SH'
for formula in 'min empty = 0' 'max empty = 0' 'all2 P: min P in P' 'all2 P: P ~= empty => min P in P' 'all1 x: x + 1 > x' 'all1 x: x - 1 < x' 'ex1 x: x - 1 = x' 'all1 x: x - 1 + 1 = x'; do
  echo "$formula;" >formula.mona
  echo "$formula: $(mona -q formula.mona | grep -o -e 'is valid' -e 'is unsatisfiable')"
done
SH
seen <<'TEXT'
min empty = 0: is valid
max empty = 0: is valid
all2 P: min P in P: is unsatisfiable
all2 P: P ~= empty => min P in P: is valid
all1 x: x + 1 > x: is valid
all1 x: x - 1 < x: is unsatisfiable
ex1 x: x - 1 = x: is valid
all1 x: x - 1 + 1 = x: is unsatisfiable
TEXT
