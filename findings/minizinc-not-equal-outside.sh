#!/usr/bin/env bash
# minizinc 2.6.4, gecode 6.2.0. Outside an array `not (t[i] = 1)` is true, and `t[i] != 1` is false.
# Expected: the two mean the same, for every i; an index that is outside the array makes both false, or is an error.
# Seen: what is undefined makes the smallest comparison around it false, and `not` turns that: the one has the solution i = 0, which the other has not. So it
# is with a division by 0: `not (6 div i = 3)` holds for 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian minizinc=2.6.4+dfsg1-1 libgecodeflatzinc49=6.2.0-5
steps <<'SH'
export MZN_STDLIB_DIR=$PWD/root/usr/share/minizinc MZN_SOLVER_PATH=$PWD HOME=$PWD
sed "s|/usr/bin|$PWD/root/usr/bin|" root/usr/share/minizinc/solvers/gecode.msc >gecode.msc
for what in 'not (t[i] = 1)' 't[i] != 1' 'not (6 div i = 3)' '6 div i != 3'; do
  cat >model.mzn <<MZN
array [1..3] of int: t = [1, 2, 3];
var 0..3: i;
constraint $what;
solve satisfy;
output ["\(i) "];
MZN
  echo "$what: i is $(minizinc --solver org.gecode.gecode -a model.mzn 2>/dev/null | grep -o '^[0-9]' | sort | paste -sd ' ')"
done
SH
seen <<'TEXT'
not (t[i] = 1): i is 0 2 3
t[i] != 1: i is 2 3
not (6 div i = 3): i is 0 1 3
6 div i != 3: i is 1 3
TEXT
