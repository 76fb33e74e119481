#!/usr/bin/env bash
# spin 6.5.2. `a -> b -> c` is read as `(a -> b) -> c`, and `p U q U r` as `(p U q) U r`.
# Expected: as in logic and in most checkers, both are grouped from the right.
# Seen: from the left; so `a -> b -> c` is false of a run in which a never holds. The automata of the three spellings are compared.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian spin=6.5.2+dfsg-1
compiler
steps <<'SH'
automaton() { spin -f "$1" | tail -n +2; }
grouped() {
  for other in "$2" "$3"; do
    [ "$(automaton "$1")" = "$(automaton "$other")" ] && echo "$1 is $other" || echo "$1 is not $other"
  done
}
grouped 'a -> b -> c' '(a -> b) -> c' 'a -> (b -> c)'
grouped 'p U q U r' '(p U q) U r' 'p U (q U r)'

# a does not hold, nor do b and c.
echo 'byte n; active proctype counter() { n = 1; n = 2 }' >model.pml
for formula in '(n > 5) -> (n > 6) -> (n > 7)' '(n > 5) -> ((n > 6) -> (n > 7))'; do
  (cat model.pml; echo "ltl told { $formula }") >told.pml
  spin -a told.pml >/dev/null
  gcc -o pan pan.c
  echo "$formula: $(./pan -a 2>/dev/null | grep -Eo 'errors: .*')"
done
SH
seen <<'TEXT'
a -> b -> c is (a -> b) -> c
a -> b -> c is not a -> (b -> c)
p U q U r is (p U q) U r
p U q U r is not p U (q U r)
(n > 5) -> (n > 6) -> (n > 7): errors: 1
(n > 5) -> ((n > 6) -> (n > 7)): errors: 0
TEXT
