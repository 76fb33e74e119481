#!/usr/bin/env bash
# @openally/mutex 2.0.0. When one gives up waiting, the next is let in beside the one that is inside; and a `new Mutex()` lets in five.
# Expected: who aborts while he waits has nothing to give back; a mutex without options is for one.
# Seen: one is taken off the number of those who are inside, so that with a concurrency of 1 two are. Without options the concurrency is 5.
# (Promise.withResolvers, which it needs and Node 20, its least, has not, is added.)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @openally/mutex@2.0.0
run <<'JS'
import { setTimeout as wait } from 'node:timers/promises'
Promise.withResolvers ??= () => {
  const parts = {}
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return parts
}
const { Mutex } = await import('@openally/mutex')

const mutex = new Mutex({ concurrency: 1 })
let inside = 0
const enter = (signal) => mutex.acquire({ signal }).then(() => void inside++)
await enter()
const giveUp = new AbortController()
const waiting = enter(giveUp.signal).catch(({ message }) => console.log(`the second gives up: ${message}`))
await wait(10)
giveUp.abort()
await waiting
void enter()
await wait(10)
console.log(`inside: ${inside}, said to be running: ${mutex.running}`)

const usual = new Mutex()
let entered = 0
for (let index = 0; index < 9; index++) void usual.acquire().then(() => void entered++)
await wait(10)
console.log(`of nine, a mutex without options lets in ${entered}`)
JS
seen <<'TEXT'
the second gives up: Mutex Canceled (AbortSignal)
inside: 2, said to be running: 1
of nine, a mutex without options lets in 5
TEXT
