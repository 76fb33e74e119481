#!/usr/bin/env bash
# @statewalker/fsm 0.16.0. Of two events that are sent to an asynchronous process one after the other, the first is lost.
# Expected: the door is opened and then painted, or the second event is refused.
# Seen: there is one place for the next event, and it is read a moment later: the second event takes the place of the first, in the state that it was not meant for.
# Both calls answer that the process goes on. If the first is awaited, both events are taken.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @statewalker/fsm@0.16.0
run <<'JS'
import { newAsyncProcess } from '@statewalker/fsm'
const config = { key: 'door', transitions: [['', '*', 'closed'], ['closed', 'open', 'opened'], ['opened', 'paint', 'painted inside'], ['closed', 'paint', 'painted outside']] }
for (const awaited of [true, false]) {
  const entered = []
  const process = newAsyncProcess({ config, before: ({ current }) => entered.push(current.key), after: () => {} })
  await process.next({ key: 'start' })
  const first = process.next({ key: 'open' })
  if (awaited) await first
  const second = process.next({ key: 'paint' })
  console.log(awaited ? 'awaited:' : 'at once:', await first, await second, '-', entered.join(', '))
}
JS
seen <<'TEXT'
awaited: true true - door, closed, opened, painted inside
at once: true true - door, closed, painted outside
TEXT
