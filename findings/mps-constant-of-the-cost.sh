#!/usr/bin/env bash
# glpk-utils 5.0, coinor-cbc 2.10.8, lp-solve 5.5.2.5. In an MPS file a constant of the cost is added, or subtracted.
# Expected: the right side of the row of costs means the same to all who read the format.
# Seen: with x = 3 and 10 on the right side of the costs, cbc says that it costs -7, glpsol and lp_solve say that it costs 13; lp_solve has an option for the other sign.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian glpk-utils=5.0-1 coinor-cbc=2.10.8+ds1-1 lp-solve=5.5.2.5-2
steps <<'SH'
cat >cost.mps <<'MPS'
NAME FEE
ROWS
 N COST
 G LEAST
COLUMNS
 X COST 1 LEAST 1
RHS
 RHS LEAST 3 COST 10
ENDATA
MPS
glpsol --freemps cost.mps --output answer >/dev/null
echo "glpsol: $(grep Objective answer | tr -s ' ')"
cbc cost.mps solve solution answer >/dev/null
echo "cbc: $(head -n 1 answer)"
echo "lp_solve: $(lp_solve -fmps cost.mps | grep objective)"
SH
seen <<'TEXT'
glpsol: Objective: COST = 13 (MINimum)
cbc: Optimal - objective value -7.00000000
lp_solve: Value of objective function: 13.00000000
TEXT
