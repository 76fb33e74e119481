#!/usr/bin/env bash
# berkeley-abc 1.01 (2022-10-19). What an AIGER file assumes is looked for as if it were what must not be.
# Expected: of a model that can be bad only if its assumption does not hold, `pdr` proves that it is never bad; or it refuses, as `bmc3` does.
# Seen: it says that output 1, which is the assumption, "was asserted in frame 0", and ends. If `fold` was said before, it proves it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian berkeley-abc=1.01+20221019git70cb339+dfsg-4
steps <<'SH'
# A latch that follows an input, bad if it is 1; it is assumed that the input is 0.
printf 'aig 2 1 1 0 0 1 1\n2\n4\n3\n' >assumed.aig
for commands in 'bmc3 -F 5' 'pdr' 'fold; pdr'; do
  echo "$commands: $(berkeley-abc -c "read_aiger assumed.aig; $commands" | grep -e Error -e asserted -e proved | sed 's/\.* *Time = .*//')"
done
SH
seen <<'TEXT'
bmc3 -F 5: Error: Constraints have to be folded (use "fold").
pdr: Output 1 of miter "assumed" was asserted in frame 0
fold; pdr: Property proved
TEXT
