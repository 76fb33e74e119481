#!/usr/bin/env bash
# sliding-window-rate-limiter 6.0.1. To cancel one reservation cancels the others of the same millisecond.
# Expected: reserve() gives a token, and cancel(key, token) takes this reservation back.
# Seen: in memory the token is the time in milliseconds; of five reservations made at once one cancelled leaves none, and five more are made.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install sliding-window-rate-limiter@6.0.1
run <<'JS'
import { SlidingWindowRateLimiter } from 'sliding-window-rate-limiter'

// Time stands still, so that all is done in one millisecond, as it mostly is.
Date.prototype.getTime = () => 1_700_000_000_000
const limiter = SlidingWindowRateLimiter.createLimiter({ interval: 60_000 })
const tokens = []
for (let time = 0; time < 5; time++) tokens.push((await limiter.reserve('login', 5)).token)
console.log('reserved:', (await limiter.check('login', 5)).usage)
console.log('cancelled with one token:', (await limiter.cancel('login', tokens[0])).canceled)
console.log('reserved:', (await limiter.check('login', 5)).usage)
limiter.destroy()
JS
seen <<'TEXT'
reserved: 5
cancelled with one token: 5
reserved: 0
TEXT
