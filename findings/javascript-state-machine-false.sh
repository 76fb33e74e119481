#!/usr/bin/env bash
# javascript-state-machine 3.1.0. What is cancelled, what is done, and what is said of it do not agree.
# Expected: a handler before the transition that returns false cancels it, also one that has to wait for its answer; the method says whether the
# state was entered; an error cancels it, too.
# Seen: false from an async handler is no cancelling; false from a handler of the entry says "cancelled" of a state that was entered; after an
# error that is thrown at once every later transition is refused as still under way, for ever, and after one thrown later it is not.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install javascript-state-machine@3.1.0
run <<'JS'
import { createRequire } from 'node:module'
const StateMachine = createRequire(import.meta.url)('javascript-state-machine')

const transitions = [{ name: 'pay', from: 'cart', to: 'paid' }]
const order = (methods) => new StateMachine({ init: 'cart', transitions, methods })
for (const [name, methods] of Object.entries({
  'false before': { onBeforePay: () => false },
  'async false before': { onBeforePay: async () => false },
  'false at the entry': { onEnterPaid: () => false },
})) {
  const machine = order(methods)
  console.log(`${name}: pay() says ${await machine.pay()}, ${machine.state}`)
}
const fail = () => {
  throw new Error('no network')
}
for (const [name, handler] of [['later', async () => fail()], ['at once', fail]]) {
  let answer = handler
  const machine = order({ onBeforePay: () => answer() })
  const pay = async () => machine.pay()
  console.log(`an error ${name}: ${await pay().catch(({ message }) => message)}`)
  answer = () => true
  console.log(`then: ${await pay().catch(({ message }) => message)}, ${machine.state}`)
}
JS
seen <<'TEXT'
false before: pay() says false, cart
async false before: pay() says true, paid
false at the entry: pay() says false, paid
an error later: no network
then: true, paid
an error at once: no network
then: transition is invalid while previous transition is still in progress, cart
TEXT
