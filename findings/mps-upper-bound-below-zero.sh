#!/usr/bin/env bash
# glpk-utils 5.0, coinor-cbc 2.10.8, lp-solve 5.5.2.5. In an MPS file an upper bound below 0 takes away the lower one, or is an error, or one of accuracy.
# Expected: x, for which just "UP -5" is written, is at least 0 like any other, so that there is no solution, and all say so.
# Seen: for cbc it has no lower bound any more, and is -20; glpsol says that the bounds are incorrect; lp_solve speaks of an unacceptable accuracy.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian glpk-utils=5.0-1 coinor-cbc=2.10.8+ds1-1 lp-solve=5.5.2.5-2
steps <<'SH'
cat >below.mps <<'MPS'
NAME          BELOW
ROWS
 N  COST
 G  LEAST
COLUMNS
    X         COST         1.0   LEAST        1.0
    Y         COST         1.0   LEAST        1.0
RHS
    RHS       LEAST      -20.0
BOUNDS
 UP BND       X           -5.0
ENDATA
MPS
echo "glpsol: $(glpsol --freemps below.mps | grep bounds)"
cbc below.mps solve solution answer >/dev/null
echo "cbc: $(head -n 1 answer),$(grep ' X ' answer | tr -s ' ')"
echo "lp_solve: $(lp_solve -fmps below.mps | grep -e Variable -e ccuracy | tr -s ' \n' ' ')"
SH
seen <<'TEXT'
glpsol: glp_simplex: column 1: lb = 0, ub = -5; incorrect bounds
cbc: Optimal - objective value -20.00000000, 0 X -20 0
lp_solve: check_solution: Variable X = 0 is above its upper bound -5 Unacceptable accuracy found (worse than required 5e-07) Accuracy error 
TEXT
