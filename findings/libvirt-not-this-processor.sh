#!/usr/bin/env bash
# libvirt 9.0.0. In a list of processors `^2` takes 2 out of what stands before it, and does nothing where it stands first.
# Expected: "^2,0-3" and "0-3,^2" are the same: 0 to 3 without 2; or one of them is refused, as a range is after the sign.
# Seen: "^2,0-3" is 0 to 3, so that what was excluded is in use. "3-1" and "0-3,^0-1" are refused.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian libvirt0=9.0.0-4+deb12u2 libvirt-clients=9.0.0-4+deb12u2
steps <<'SH'
export XDG_CACHE_HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_RUNTIME_DIR=$PWD
for list in '0-3,^2' '^2,0-3' '0-3,^2,1-3' '3-1' '0-3,^0-1'; do
  echo "$list: $(virsh -c test:///default "vcpupin test 0 $list; vcpupin test 0" 2>&1 | sed -n -e '/^error: inv/{s/.*: //p;q}' -e 's/^ 0  *//p')"
done
SH
seen <<'TEXT'
0-3,^2: 0-1,3
^2,0-3: 0-3
0-3,^2,1-3: 0-3
3-1: Failed to parse bitmap '3-1'
0-3,^0-1: Failed to parse bitmap '0-3,^0-1'
TEXT
