#!/usr/bin/env bash
# python3-can 4.1.0. Written to CSV or SQLite and read again, a frame of CAN FD is one of CAN with twelve bytes, and what was sent was received.
# Expected: `can.Logger` and `can.LogReader` take any of the formats, by the name of the file; what one cannot express is refused, as TRC refuses some.
# Seen: these two keep neither FD nor its bit rate, nor the channel, nor the direction, and say nothing: a frame comes back that the library's own check refuses.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-can=4.1.0-1
steps <<'SH'
cat >formats.py <<'PY'
from can import Logger, LogReader, Message

frame = Message(timestamp=1.5, arbitration_id=0x123, is_extended_id=False, is_fd=True, bitrate_switch=True, is_rx=False, data=range(12), channel='can1')


def told(it):
    try:
        it._check()
        check = 'valid'
    except ValueError as error:
        check = str(error)
    return f"{'FD' if it.is_fd else 'CAN'}, {it.dlc} bytes, {'received' if it.is_rx else 'sent'}, channel {it.channel}: {check}"


print('frame:', told(frame))
for kind in ['asc', 'blf', 'log', 'csv', 'db']:
    log = Logger(f'frames.{kind}')
    log(frame)
    log.stop()
    print(f'{kind}:', *map(told, LogReader(f'frames.{kind}')))
PY
python3 formats.py 2>/dev/null
SH
seen <<'TEXT'
frame: FD, 12 bytes, sent, channel can1: valid
asc: FD, 12 bytes, sent, channel 1: valid
blf: FD, 12 bytes, sent, channel 1: valid
log: FD, 12 bytes, sent, channel can1: valid
csv: CAN, 12 bytes, received, channel None: DLC was 12 but it should be <= 8 for normal CAN frames
db: CAN, 12 bytes, received, channel None: DLC was 12 but it should be <= 8 for normal CAN frames
TEXT
