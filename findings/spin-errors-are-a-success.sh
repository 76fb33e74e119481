#!/usr/bin/env bash
# spin 6.5.2. A verifier that finds an error, and one that did not look at everything, end with 0.
# Expected: pan, and `spin -run`, as checkers in scripts and builds do, end with something else than 0 if an assertion is violated.
# Seen: 0 in each case. A search that ends at the greatest depth (10000 unless told) finds "errors: 0"; that it was cut off is one line before the report.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian spin=6.5.2+dfsg-1
compiler
steps <<'SH'
cat >model.pml <<'PROMELA'
byte n
active proctype counter() {
  do
  :: n < 200 -> n++
  :: else -> break
  od
  assert(n != 200)
}
PROMELA
spin -a model.pml
gcc -o pan pan.c
told() { grep -Eo 'assertion violated.*|max search depth.*|errors: .*' seen_by || true; }
./pan >seen_by 2>&1 && echo 'ends with 0:' && told
spin -run model.pml >seen_by 2>&1 && echo 'spin -run ends with 0:' && told
./pan -m50 >seen_by 2>&1 && echo 'to a depth of 50 ends with 0:' && told
SH
seen <<'TEXT'
ends with 0:
assertion violated (n!=200) (at depth 401)
errors: 1
spin -run ends with 0:
assertion violated (n!=200) (at depth 401)
errors: 1
to a depth of 50 ends with 0:
max search depth too small
errors: 0
TEXT
