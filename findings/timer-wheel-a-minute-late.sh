#!/usr/bin/env bash
# timer-wheel 1.0.0. Each 17 and a half minutes a timer is 65 seconds late, and comes after one that is due later.
# Expected: advanced every second, a timer is a second or so late, the width of a slot, and timers come in the order in which they are due.
# Seen: when its slots are counted past 1024 (at 1048.576 s), the last slot is left out, until the wheel has gone round once more.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install timer-wheel@1.0.0
run <<'JS'
import { createRequire } from 'node:module'
const { TimerWheel } = createRequire(import.meta.url)('timer-wheel')

// Within one millisecond or a few: the time of the wheel is handed in.
const wheel = new TimerWheel()
for (const seconds of [900.2, 1048.2, 1050.2]) wheel.schedule(seconds, seconds * 1000)
for (let second = 1; second <= 1200; second++)
  for (const due of wheel.advance(second * 1000)) console.log(`due at ${due} s: told ${second - due < 3 ? 'within 3 s' : `${Math.floor(second - due)} s later`}`)
JS
seen <<'TEXT'
due at 900.2 s: told within 3 s
due at 1050.2 s: told within 3 s
due at 1048.2 s: told 65 s later
TEXT
