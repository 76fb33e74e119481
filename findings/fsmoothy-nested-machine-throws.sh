#!/usr/bin/env bash
# @fsmoothy/core 1.4.0. With a nested machine, each event after it was entered is a ReferenceError; of two events sent at once both are taken from one state.
# Expected: an event of the nested machine moves it, as in the example of its README; what is cancelled while it is being shipped is shipped, or cancelled.
# Seen: a name that the build has made up is nowhere declared, whatever the event. Each of two events looks at the state before the other has moved, and the slower one wins.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @fsmoothy/core@1.4.0
run <<'JS'
import { StateMachine, nested, t } from '@fsmoothy/core'

const light = new StateMachine({
  id: 'stoplight',
  initial: 'green',
  transitions: [t('green', 'next', 'red'), t('red', 'next', 'green')],
  states: () => ({ red: nested({ id: 'walk', initial: 'stop', transitions: [t('stop', 'toggle', 'walk')] }) }),
})
await light.next()
for (const event of ['toggle', 'next']) await light.transition(event).then(() => console.log(light.current), (error) => console.log(`${event}: ${error.name}: ${error.message}`))

const done = []
const takes = (ms, what) => ({ onEnter: () => new Promise((resolve) => setTimeout(() => resolve(done.push(what)), ms)) })
const order = new StateMachine({ id: 'order', initial: 'paid', transitions: [t('paid', 'ship', 'shipped', takes(40, 'shipped')), t('paid', 'cancel', 'cancelled', takes(5, 'paid back'))] })
console.log(...(await Promise.allSettled([order.transition('ship'), order.transition('cancel')])).map(({ status }) => status), '-', order.current, '-', ...done)
JS
seen <<'TEXT'
toggle: ReferenceError: _child$can is not defined
next: ReferenceError: _child$can is not defined
fulfilled fulfilled - shipped - paid back shipped
TEXT
