#!/usr/bin/env bash
# babeltrace2 2.0.4. A kernel log with a line that has no time is read up to that line.
# Expected: `source.text.dmesg` reads what dmesg prints, where the second line of a message stands without a time; it has that of the line before it, or none.
# Seen: such a line is at time 0, and since time must not go back the reading ends there, with an error; so it does where two processors' lines have changed
# places. Of the number of the caller, `[   T12]`, it makes a part of the message.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian babeltrace2=2.0.4-1+b6 libbabeltrace2-0=2.0.4-1+b6
steps <<'SH'
BABELTRACE_PLUGIN_PATH=$(find "$PWD/root" -type d -path '*babeltrace2/plugins')
export BABELTRACE_PLUGIN_PATH
logs() {
  echo "$1:"
  babeltrace2 --clock-gmt --no-delta -c source.text.dmesg --params 'path="kernel.log"' 2>errors && echo 'ends with 0' || echo "ends with $?: $(tr -s '\n ' ' ' <errors | grep -o "timestamp is less than muxer's message iterator's last returned timestamp" | head -1)"
}
cat >kernel.log <<'LOG'
[    1.000000] device: enabled
[    2.000000][   T12] device: busy
[    3.000000] device: over
LOG
logs 'in order'
cat >kernel.log <<'LOG'
[    1.000000] device: enabled
               with two lines
[    3.000000] device: over
LOG
logs 'two lines'
cat >kernel.log <<'LOG'
[    1.000000] device: enabled
[    2.000002] device: over
[    2.000001] device: busy
LOG
logs 'changed places'
SH
seen <<'TEXT'
in order:
[00:00:01.000000000] string: { str = "device: enabled" }
[00:00:02.000000000] string: { str = "[   T12] device: busy" }
[00:00:03.000000000] string: { str = "device: over" }
ends with 0
two lines:
[00:00:01.000000000] string: { str = "device: enabled" }
ends with 1: timestamp is less than muxer's message iterator's last returned timestamp
changed places:
[00:00:01.000000000] string: { str = "device: enabled" }
[00:00:02.000002000] string: { str = "device: over" }
ends with 1: timestamp is less than muxer's message iterator's last returned timestamp
TEXT
