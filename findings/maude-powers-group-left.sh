#!/usr/bin/env bash
# maude 3.2, gap 4.12.1. Powers group to the left, and a minus binds more than they do.
# Expected: 2 ^ 3 ^ 2 is 2 ^ 9, and - 2 ^ 2 is -4, as in mathematics.
# Seen: Maude says 64 and 4, though 1 - 2 ^ 2 is -3. GAP says -4, and refuses 2 ^ 3 ^ 2.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian maude=3.2-2 gap-core=4.12.1-2
steps <<'SH'
export MAUDE_LIB=$PWD/root/usr/share/maude
cat >powers.maude <<'MAUDE'
fmod POWERS is pr INT . endfm
red 2 ^ 3 ^ 2 .
red - 2 ^ 2 .
red 1 - 2 ^ 2 .
MAUDE
maude -no-banner -no-advise powers.maude </dev/null | grep -e reduce -e result | sed 's/.*in POWERS : //; s/result [A-Za-z]*: /is /' | paste -d ' ' - -
echo 'Print("GAP: -2^2 is ", -2^2, "\n");
2^3^2;' | root/usr/lib/x86_64-linux-gnu/gap/gap -l root/usr/share/gap -A -q -b -n 2>&1 | grep -e ^GAP -e Syntax | sed 's/ in .*//'
SH
seen <<'TEXT'
2 ^ 3 ^ 2 . is 64
-2 ^ 2 . is 4
1 - 2 ^ 2 . is -3
GAP: -2^2 is -4
Syntax error: '^' is not associative
TEXT
