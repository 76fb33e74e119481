#!/usr/bin/env bash
# robot3 1.4.0. The machine invoked by a state that was left goes on, and its end is taken by the state behind.
# Expected: a state that invokes a machine hears of its end while it is in that state, as it does of a promise.
# Seen: after `cancel` the child can still be sent to and comes to its end, and `done` moves the parent, which waits for another answer. A promise's
# `done` is not heard any more.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install robot3@1.4.0
run <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMachine, interpret, invoke, state, transition } from 'robot3'

const shop = (paying, shipping) =>
  createMachine({
    cart: state(transition('pay', 'paying')),
    paying: invoke(paying, transition('done', 'paid'), transition('skip', 'shipping')),
    shipping: invoke(shipping, transition('done', 'delivered')),
    paid: state(),
    delivered: state(),
  })
const never = () => new Promise(() => {})

const form = createMachine({ open: state(transition('submit', 'closed')), closed: state() })
const first = interpret(shop(form, never), () => {})
first.send('pay')
const { child } = first
first.send('skip')
console.log('machine:', first.machine.current)
child.send('submit')
console.log('after the end of the one before:', first.machine.current)

let pay
const second = interpret(shop(() => new Promise((resolve) => (pay = resolve)), never), () => {})
second.send('pay')
second.send('skip')
console.log('promise:', second.machine.current)
pay()
await sleep(10)
console.log('after the end of the one before:', second.machine.current)
JS
seen <<'TEXT'
machine: shipping
after the end of the one before: delivered
promise: shipping
after the end of the one before: shipping
TEXT
