#!/usr/bin/env bash
# clingo (gringo) 5.4.1. Integers wrap at 32 bits without a word, in sums and in comparisons.
# Expected: the numbers of a logic program are integers, or what does not fit is an error or "undefined", as a division by 0 is.
# Seen: 2147483647 + 1 is the least number, 65536 * 65536 is 0, and an address above 2 GiB is below 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian gringo=5.4.1-3.1+b1
steps <<'SH'
cat >numbers.lp <<'LP'
next(2147483647 + 1).
product(65536 * 65536).
power(2 ** 31).
page(0, 2147479552).
page(N + 1, A + 4096) :- page(N, A), N < 2.
high(N) :- page(N, A), A >= 2147479552.
divided(7 / 0).
#show next/1. #show product/1. #show power/1. #show page/2. #show high/1. #show divided/1.
LP
(clingo --verbose=0 numbers.lp 2>&1 || true) | grep -o -e '[a-z]*([-0-9,]*)' -e undefined | sort
SH
seen <<'TEXT'
high(0)
next(-2147483648)
page(0,2147479552)
page(1,-2147483648)
page(2,-2147479552)
power(-2147483648)
product(0)
undefined
TEXT
