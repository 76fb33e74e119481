#!/usr/bin/env bash
# @xstate/store 4.2.3. What a store emits is heard in the opposite order.
# Expected: who listens to changes hears them in the order in which they happened, and the last that he hears is the last that happened.
# Seen: if an effect sends an event to its store, that is handled, with all that it emits, before what the first has emitted: the listener hears 3, 2,
# 1, and takes 1 for the state of a store that is at 3.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @xstate/store@4.2.3
run <<'JS'
import { createStore } from '@xstate/store'

const store = createStore({
  context: { count: 0 },
  emits: { changed: () => {} },
  on: {
    add: ({ count }, _event, enqueue) => {
      enqueue.effect(() => {
        if (count + 1 < 3) store.trigger.add()
      })
      enqueue.emit.changed({ count: count + 1 })
      return { count: count + 1 }
    },
  },
})
const heard = []
store.on('changed', ({ count }) => heard.push(count))
store.trigger.add()
console.log('heard:', heard.join(', '))
console.log('store:', store.getSnapshot().context.count)
JS
seen <<'TEXT'
heard: 3, 2, 1
store: 3
TEXT
