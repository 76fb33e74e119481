#!/usr/bin/env bash
# z3 4.8.12, picosat 965, cadical 1.5.3, minisat 2.2.1. Of a DIMACS file that z3 cannot read to the end it says that it is satisfiable.
# Expected: the files of SATLIB's uf and uuf families, which end with a line "%", are read or refused; who refuses gives no answer, and ends with an error.
# Seen: z3 answers for the clauses that it had read by then, "s SATISFIABLE", and ends with 0, as it does for any answer. The rest of a file, here a clause that contradicts,
# is not looked at. picosat refuses, and ends with 0, too; cadical with 1, minisat with 3.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian z3=4.8.12-3.1 picosat=965-2 cadical=1.5.3-2 minisat=1:2.2.1-5+b3
steps <<'SH'
printf '%s\n' 'p cnf 2 3' '1 2 0' '-1 0' '-2 0' >whole.cnf
printf '%s\n' 'p cnf 2 2' '1 2 0' '-1 0' '%' '0' >satlib.cnf
(head -n 3 whole.cnf; echo '%'; echo '0'; echo '-2 0') >joined.cnf
told() { local status=0; echo "$*: $("$@" 2>&1 | grep -v WARNING | sed 's/^.*Unexpected char/Unexpected char/' | sed "s| *$||" | paste -sd "|"), ends with $("$@" >/dev/null 2>&1 || status=$?; echo $status)"; }
set +e +o pipefail
for file in whole satlib joined; do
  told z3 -dimacs $file.cnf
  told picosat $file.cnf
  told cadical -q $file.cnf
  told minisat -verb=0 $file.cnf
done
SH
seen <<'TEXT'
z3 -dimacs whole.cnf: s UNSATISFIABLE, ends with 0
picosat whole.cnf: s UNSATISFIABLE, ends with 20
cadical -q whole.cnf: s UNSATISFIABLE, ends with 20
minisat -verb=0 whole.cnf: UNSATISFIABLE, ends with 20
z3 -dimacs satlib.cnf: (error, "unexpected char: % line: 3")|s SATISFIABLE|v -1 2, ends with 0
picosat satlib.cnf: satlib.cnf:4: expected number, ends with 0
cadical -q satlib.cnf: cadical: error: satlib.cnf:4: parse error: expected digit or '-', ends with 1
minisat -verb=0 satlib.cnf: Unexpected char: %, ends with 3
z3 -dimacs joined.cnf: (error, "unexpected char: % line: 3")|s SATISFIABLE|v -1 2, ends with 0
picosat joined.cnf: joined.cnf:4: expected number, ends with 0
cadical -q joined.cnf: cadical: error: joined.cnf:4: parse error: expected digit or '-', ends with 1
minisat -verb=0 joined.cnf: Unexpected char: %, ends with 3
TEXT
