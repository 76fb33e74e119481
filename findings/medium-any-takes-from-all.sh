#!/usr/bin/env bash
# medium 1.2.0 (channels in the manner of CSP). any() takes from channels that it does not choose.
# Expected: it takes one value from one channel, and leaves what comes at the others to whoever takes from them next.
# Seen: what is put to another channel at the same time is taken and dropped, though its put is told that it was delivered, and the newest put that
# waits there is dropped too; with no put there, the wait of somebody else is ended for ever.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install medium@1.2.0
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { any, chan, put, take } = createRequire(import.meta.url)('medium')
const soon = (promise) => Promise.race([promise, sleep(20).then(() => 'nothing')])

{
  const [reads, writes] = [chan(), chan()]
  const choice = any(reads, writes)
  put(reads, 'read')
  put(writes, 'write 1').then((taken) => console.log('write 1 was delivered:', taken))
  put(writes, 'write 2')
  console.log('chosen:', (await choice)[0])
  console.log('then taken from writes:', await soon(take(writes)))
}
{
  const [jobs, stops] = [chan(), chan()]
  const choice = any(jobs, stops)
  const worker = take(jobs)
  put(stops, 'stop')
  console.log('chosen:', (await choice)[0])
  await sleep(20)
  put(jobs, 'job 1')
  put(jobs, 'job 2')
  console.log('a worker gets', await soon(worker))
}
JS
seen <<'TEXT'
write 1 was delivered: true
chosen: read
then taken from writes: nothing
chosen: stop
a worker gets nothing
TEXT
