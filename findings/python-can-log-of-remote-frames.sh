#!/usr/bin/env bash
# python3-can 4.1.0, can-utils 2020.11.0. Of a log of candump an error frame is a data frame of address 4, and a request for four bytes is one for none when written.
# Expected: a frame that is read from a log and written to one stays the same: 20000004 has the flag of error frames, and `R4` is a request for four bytes, as
# log2asc of can-utils reads them.
# Seen: only an error frame 20000080 is known as one; any other is data that nobody sent. `R4` is read, and written as `R`, for none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-can=4.1.0-1 can-utils=2020.11.0-1
steps <<'SH'
cat >before.log <<'LOG'
(1.000000) can0 055#R4
(2.000000) can0 055#R
(3.000000) can0 20000004#0004000000000000
LOG
cat >frames.py <<'PY'
from can import CanutilsLogWriter, LogReader

after = CanutilsLogWriter('after.log')
for frame in LogReader('before.log'):
    kind = 'remote' if frame.is_remote_frame else 'error' if frame.is_error_frame else 'data'
    print(f'{kind}, address {frame.arbitration_id:x}, {"long" if frame.is_extended_id else "short"}, {frame.dlc} bytes {frame.data.hex()}')
    after(frame)
after.stop()
PY
python3 frames.py
cat after.log
echo log2asc:
log2asc -I before.log can0 | tail -3
SH
seen <<'TEXT'
remote, address 55, short, 4 bytes 
remote, address 55, short, 0 bytes 
data, address 4, long, 8 bytes 0004000000000000
(1.000000) can0 055#R R
(2.000000) can0 055#R R
(3.000000) can0 00000004#0004000000000000 R
log2asc:
   0.000000 1  55              Rx   r 4
   1.000000 1  55              Rx   r 0
   2.000000 1  ErrorFrame
TEXT
