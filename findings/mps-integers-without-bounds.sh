#!/usr/bin/env bash
# glpk-utils 5.0, coinor-cbc 2.10.8, lp-solve 5.5.2.5. In an MPS file an integer for which no bounds are written is 0 or 1, or has no upper bound.
# Expected: a variable without bounds is anything from 0 up, whether it is an integer or not.
# Seen: for glpsol and cbc an integer between INTORG and INTEND is 0 or 1, so that the most of x with x <= 7.5 is 1; lp_solve says 7, and 1 if it is told that the file is IBM's.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian glpk-utils=5.0-1 coinor-cbc=2.10.8+ds1-1 lp-solve=5.5.2.5-2
steps <<'SH'
cat >slots.mps <<'MPS'
NAME SLOTS
ROWS
 N COST
 L LIMIT
COLUMNS
 M1 'MARKER' 'INTORG'
 X COST -1 LIMIT 1
 M2 'MARKER' 'INTEND'
RHS
 RHS LIMIT 7.5
ENDATA
MPS
glpsol --freemps slots.mps --output answer >/dev/null
echo "glpsol: $(grep ' X ' answer | tr -s ' ')"
cbc slots.mps solve solution answer >/dev/null
echo "cbc: $(grep ' X ' answer | tr -s ' ')"
echo "lp_solve: $(lp_solve -fmps slots.mps | grep '^X ' | tr -s ' ')"
echo "lp_solve, as IBM's: $(lp_solve -mps_ibm -fmps slots.mps | grep '^X ' | tr -s ' ')"
SH
seen <<'TEXT'
glpsol:  1 X * 1 0 1 
cbc:  0 X 1 -1
lp_solve: X 7
lp_solve, as IBM's: X 1
TEXT
