#!/usr/bin/env bash
# berkeley-abc 1.01 (2022-10-19). A latch whose first value is left open begins with 0 for one command, with either for another.
# Expected: a proof holds for each first value that AIGER leaves open.
# Seen: read with `read`, the latch begins with 0, and its badness is proved impossible, with a warning that is about a "result"; read with `&r`, the same file is bad in its first step.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian berkeley-abc=1.01+20221019git70cb339+dfsg-4
steps <<'SH'
# One latch that keeps its value, with itself as its first value (which is: any), and bad if it is 1.
printf 'aig 1 0 1 0 0 1\n2 2\n2\n' >open.aig
for reading in 'read_aiger open.aig; pdr' '&r open.aig; &put; pdr'; do
  echo "$reading"
  berkeley-abc -c "$reading" | grep -e assumed -e proved -e asserted | sed 's/ *Time = .*//'
done
SH
seen <<'TEXT'
read_aiger open.aig; pdr
The don't-care are assumed to be 0. The result may not verify.
Property proved.
&r open.aig; &put; pdr
Output 0 of miter "open" was asserted in frame 0.
TEXT
