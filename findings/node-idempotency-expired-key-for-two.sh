#!/usr/bin/env bash
# @node-idempotency/core 1.0.11 with storage-adapter-memory 1.0.2. A key that has expired lets in two requests at a time.
# Expected: while a request is worked on, a second one with its key is refused; so it is with a new key, and an expired one is as good as new.
# Seen: the first request that comes with an expired key removes what was there and goes on without taking the key, so that the second one is let in
# too, and an order is carried out twice.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @node-idempotency/core@1.0.11 @node-idempotency/storage-adapter-memory@1.0.2
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const require = createRequire(import.meta.url)
const { Idempotency } = require('@node-idempotency/core')
const { MemoryStorageAdapter } = require('@node-idempotency/storage-adapter-memory')

const idempotency = new Idempotency(new MemoryStorageAdapter(), { cacheTTLMS: 50 })
const order = { method: 'POST', path: '/orders', headers: { 'idempotency-key': '1' }, body: { book: 1 } }
const request = async (name) => {
  const answer = await idempotency.onRequest(order).catch(({ message }) => ({ body: message }))
  console.log(`${name}: ${answer?.body ?? 'is let in'}`)
}
console.log('a new key')
await request('first')
await request('second')
await idempotency.onResponse(order, { body: 'ordered' })
await request('third, after the answer')
await sleep(200)
console.log('when it has expired')
await request('first')
await request('second')
JS
seen <<'TEXT'
a new key
first: is let in
second: A request is outstanding for this Idempotency-Key
third, after the answer: ordered
when it has expired
first: is let in
second: is let in
TEXT
