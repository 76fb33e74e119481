#!/usr/bin/env bash
# rx-queue 1.0.5. Who takes the first item of a queue loses the others.
# Expected: what is put into an RxQueue while nobody listens is kept for who subscribes; who has taken one and gone leaves the rest, and a new item comes last.
# Seen: the first subscriber ends all that was kept, however few he took; what he puts in while he is given an item comes before those that were kept.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install rx-queue@1.0.5 rxjs@7.8.2
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { RxQueue } from 'rx-queue'
import { firstValueFrom } from 'rxjs'

const filled = () => {
  const queue = new RxQueue()
  for (const item of ['first', 'second', 'third']) queue.next(item)
  return queue
}
{
  const queue = filled()
  for (const asked of [1, 2]) console.log(`asked for one, time ${asked}:`, await Promise.race([firstValueFrom(queue), sleep(100, 'nothing comes')]))
}
{
  const queue = filled()
  const seen = []
  queue.subscribe((item) => {
    seen.push(item)
    if (item === 'first') queue.next('fourth')
  })
  console.log('with a fourth put in at the first:', seen.join(', '))
}
JS
seen <<'TEXT'
asked for one, time 1: first
asked for one, time 2: nothing comes
with a fourth put in at the first: first, fourth, second, third
TEXT
