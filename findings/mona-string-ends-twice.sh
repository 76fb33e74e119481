#!/usr/bin/env bash
# mona 1.4-18. In a finite string every x is below x + 1, though none is equal to it, and the last x has none above it.
# Expected: in `m2l-str`, the logic of finite strings, the position after the last one is none, or wraps, or is the last one; in each case `x < x + 1` fails there.
# Seen: it is a position that a quantifier does not see and a comparison does: x < x + 1 is valid, and so is that some x has no y that is x + 1.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian mona=1.4-18-1+b1
steps <<'SH'
for formula in 'all1 x: x < x + 1' 'all1 x: ex1 y: x < y' 'all1 x: ex1 y: y = x + 1' 'ex1 x: x + 1 = 0' 'ex1 x: x + 1 = x'; do
  for logic in ws1s m2l-str; do
    echo "$logic; $formula;" >formula.mona
    echo "$logic, $formula: $(mona -q formula.mona | grep -o -e 'is valid' -e 'is unsatisfiable' -e 'not valid.*')"
  done
done
SH
seen <<'TEXT'
ws1s, all1 x: x < x + 1: is valid
m2l-str, all1 x: x < x + 1: is valid
ws1s, all1 x: ex1 y: x < y: is valid
m2l-str, all1 x: ex1 y: x < y: is unsatisfiable
ws1s, all1 x: ex1 y: y = x + 1: is valid
m2l-str, all1 x: ex1 y: y = x + 1: is unsatisfiable
ws1s, ex1 x: x + 1 = 0: is unsatisfiable
m2l-str, ex1 x: x + 1 = 0: is unsatisfiable
ws1s, ex1 x: x + 1 = x: is unsatisfiable
m2l-str, ex1 x: x + 1 = x: is unsatisfiable
TEXT
