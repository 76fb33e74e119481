#!/usr/bin/env bash
# spin 6.5.2. With an LTL formula in the model its deadlocks are not found any more, and of two formulas one is not checked.
# Expected: a formula is one more thing to check; "invalid end states" are looked for as before, and each formula counts.
# Seen: a formula is a never claim, which switches the search for deadlocks off. Only the first one is checked; a violated second one is "errors: 0".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian spin=6.5.2+dfsg-1
compiler
steps <<'SH'
cat >model.pml <<'PROMELA'
chan answers = [0] of { byte }
byte asked
active proctype device() {
  asked = 1
  answers ! asked
}
PROMELA
check() {
  spin -a "$1" >/dev/null
  gcc -o pan pan.c
  ./pan -a "${@:2}" 2>/dev/null | grep -Eo 'invalid end state \(.*|errors: .*|assertion violated.*'
}
echo 'nobody takes the answer:'
check model.pml
echo 'with a formula that holds:'
(cat model.pml; echo 'ltl once { [] (asked <= 1) }') >one.pml
check one.pml
echo 'with another, that does not:'
(cat one.pml; echo 'ltl untouched { [] (asked == 0) }') >two.pml
check two.pml
echo 'that one by its name:'
check two.pml -N untouched
SH
seen <<'TEXT'
nobody takes the answer:
invalid end state (at depth 0)
errors: 1
with a formula that holds:
errors: 0
with another, that does not:
errors: 0
that one by its name:
assertion violated  !( !((asked==0))) (at depth 2)
errors: 1
TEXT
