#!/usr/bin/env bash
# gringo 5.4.1 (clingo). A sum counts equal weights once, -2**2 is 4, and 2**3**2 is 512.
# Expected: three devices that cost 2, 2 and 3 cost 7 together; the least cost of none of them is none, or 0.
# Seen: they cost 5, since what is summed is a set; who says which device a weight is of gets 7. The least of nothing is #sup. Powers group to the right, and a minus binds more.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian gringo=5.4.1-3.1+b1
steps <<'SH'
cat >costs.lp <<'ASP'
cost(bus,2). cost(disk,2). cost(card,3).
total(S) :- S = #sum { W : cost(D,W) }.
total_by_device(S) :- S = #sum { W,D : cost(D,W) }.
least_of_none(S) :- S = #min { W : cost(port,W) }.
power(-2**2, 2**3**2).
#show total/1. #show total_by_device/1. #show least_of_none/1. #show power/2.
ASP
{ clingo -V0 costs.lp </dev/null || true; } | head -n 1 | tr ' ' '\n' | sort
SH
seen <<'TEXT'
least_of_none(#sup)
power(4,512)
total(5)
total_by_device(7)
TEXT
