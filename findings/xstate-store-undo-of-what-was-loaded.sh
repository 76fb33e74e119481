#!/usr/bin/env bash
# @xstate/store 4.2.3. With its own undo and its own storage, to undo one event loses everything.
# Expected: 5 was loaded, one more makes 6, and undone it is 5 again, in the store and in what is saved.
# Seen: by default undo plays the events of this session from the first context of all, so that it comes to 0, and 0 is saved; with the two extensions
# the other way about it does nothing at all, and `strategy: 'snapshot'` does it right.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @xstate/store@4.2.3
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@xstate/store'
import { persist } from '@xstate/store/persist'
import { undoRedo } from '@xstate/store/undo'

const trial = async (options, order) => {
  const disk = new Map([['counter', JSON.stringify({ context: { count: 5 }, version: 0 })]])
  const storage = { getItem: (key) => disk.get(key) ?? null, setItem: (key, value) => void disk.set(key, value), removeItem: (key) => void disk.delete(key) }
  const extensions = { undo: undoRedo(options), persist: persist({ name: 'counter', storage }) }
  const store = order.reduce((made, name) => made.with(extensions[name]), createStore({ context: { count: 0 }, on: { add: ({ count }) => ({ count: count + 1 }) } }))
  const seen = []
  const look = async () => {
    await sleep(20)
    seen.push(store.getSnapshot().context.count)
  }
  await look()
  store.trigger.add()
  await look()
  store.trigger.undo()
  await look()
  console.log(`${options?.strategy ?? 'default'}, ${order.join(' then ')}: ${seen.join(', ')}; saved: ${JSON.parse(disk.get('counter')).context.count}`)
}
await trial(undefined, ['undo', 'persist'])
await trial(undefined, ['persist', 'undo'])
await trial({ strategy: 'snapshot' }, ['undo', 'persist'])
JS
seen <<'TEXT'
default, undo then persist: 5, 6, 0; saved: 0
default, persist then undo: 5, 6, 6; saved: 6
snapshot, undo then persist: 5, 6, 5; saved: 5
TEXT
