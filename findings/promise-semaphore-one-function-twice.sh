#!/usr/bin/env bash
# promise-semaphore 0.2.8. Of a function that is added twice the first call is never answered, and the second before it is run.
# Expected: "each item added is individually resolvable via a then chained onto the add method"; `workDone` comes "when there are no more tasks in the work
# queue and all work has been completed".
# Seen: both promises are kept at the function, the later one in place of the earlier; `workDone` comes as soon as one worker finds the queue empty.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install promise-semaphore@0.2.8
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const PSemaphore = createRequire(import.meta.url)('promise-semaphore')

{
  let run = 0
  const flush = () => sleep(50, `flush ${++run}`)
  const semaphore = new PSemaphore()
  const answers = [semaphore.add(flush), semaphore.add(flush)]
  for (const [index, answer] of answers.entries()) answer.then((told) => console.log(`${index ? 'second' : 'first'} add(): ${told}, at run ${run}`))
  await sleep(300)
  console.log('runs:', run, 'and the first add() is', answers[0].isPending() ? 'not answered' : 'answered')
}
{
  const semaphore = new PSemaphore({ rooms: 2 })
  const inside = new Set(['short', 'long'])
  semaphore.on('workDone', () => console.log('workDone, inside:', ...(inside.size ? inside : ['none'])))
  for (const [name, time] of [['short', 20], ['long', 100]]) semaphore.add(async () => (await sleep(time), inside.delete(name)))
  await sleep(300)
}
JS
seen <<'TEXT'
second add(): flush 1, at run 1
runs: 2 and the first add() is not answered
workDone, inside: long
workDone, inside: none
TEXT
