#!/usr/bin/env bash
# fast-ratelimit 3.0.1. Who asks whether there are tokens gets more of them.
# Expected: hasToken() is to "check without consuming a token"; of a bucket that counts from the first token on, `threshold` are consumed within `ttl`.
# Seen: to ask starts a clock of its own, and when that ends the bucket is full again, in the midst of the time that the first token has begun.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fast-ratelimit@3.0.1
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { FastRateLimit } = createRequire(import.meta.url)('fast-ratelimit')

for (const asks of [false, true]) {
  const limiter = new FastRateLimit({ threshold: 1, ttl: 2 })
  if (asks) limiter.hasTokenSync('login')
  await sleep(1500)
  const first = limiter.consumeSync('login')
  await sleep(1000)
  console.log(`${asks ? 'asked before' : 'not asked before'}: consumed ${first}, one second later ${limiter.consumeSync('login')}`)
}
JS
seen <<'TEXT'
not asked before: consumed true, one second later false
asked before: consumed true, one second later true
TEXT
