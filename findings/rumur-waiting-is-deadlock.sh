#!/usr/bin/env bash
# rumur 2022.08.20. A state from which the only rule leads back to it is a deadlock, and the check fails.
# Expected: a deadlock is a state in which no rule may fire; to write "it stays as it is" as a rule is how one says that a final state is meant.
# Seen: by default a state that cannot be left is one, too; with `--deadlock-detection stuck` one in which nothing may fire, and the model is free of errors.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian rumur=2022.08.20-1
compiler
steps <<'SH'
cat >model.m <<'MURPHI'
var done : 0 .. 3;
startstate begin done := 0; end;
rule "one more" done < 3 ==> begin done := done + 1; end;
rule "all done, stay" done = 3 ==> begin done := 3; end;
MURPHI
for detection in '' stuck off; do
  rumur ${detection:+--deadlock-detection $detection} --output model.c model.m
  gcc -O1 -mcx16 -o model model.c -lpthread
  echo "${detection:-by default}: $(./model | grep -o -e 'deadlock' -e '[0-9a-zA-Z]* error.*found' | sort -u | paste -sd ,)"
done
SH
seen <<'TEXT'
by default: 1 error(s) found,deadlock
stuck: No error found
off: No error found
TEXT
