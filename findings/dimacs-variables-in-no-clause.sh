#!/usr/bin/env bash
# minisat 2.2.1, z3 4.8.12, cadical 1.5.3, picosat 965, clasp 3.3.5. A variable that is declared, and is in no clause, has a value, has none, or doubles the answers.
# Expected: of `p cnf 4 2` all solvers answer with the values of four variables.
# Seen: minisat and z3 stop at the highest variable that is in a clause, z3 without the 0 that ends the line; clasp counts each such variable twice when it counts models.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian z3=4.8.12-3.1 picosat=965-2 cadical=1.5.3-2 minisat=1:2.2.1-5+b3 clasp=3.3.5-4.2
steps <<'SH'
printf '%s\n' 'p cnf 4 2' '1 2 0' '-1 0' >spare.cnf
set +e +o pipefail
echo "cadical: $(cadical -q spare.cnf | grep ^v)"
echo "picosat: $(picosat spare.cnf | grep ^v)"
echo "z3: $(z3 -dimacs spare.cnf | grep ^v | sed 's/ *$//')"
minisat -verb=0 spare.cnf answer >/dev/null 2>&1
echo "minisat: $(tail -n 1 answer)"
echo "clasp: $(clasp --verbose=0 1 spare.cnf </dev/null | grep ^v)"
echo "clasp, all: $(clasp --verbose=0 0 spare.cnf </dev/null | grep -c ^v) models, of two variables in clauses with one"
SH
seen <<'TEXT'
cadical: v -1 2 -3 -4 0
picosat: v -1 2 -3 -4 0
z3: v -1 2
minisat: -1 2 0
clasp: v -1 2 3 4 0
clasp, all: 4 models, of two variables in clauses with one
TEXT
