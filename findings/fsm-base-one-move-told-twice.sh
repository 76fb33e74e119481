#!/usr/bin/env bash
# fsm-base 0.9.0. A move that two rules allow is told twice, and takes back the move that was made when it was told first.
# Expected: onStateChange() is "invoked on every state change", and the state is the one that was set last.
# Seen: every rule that allows the move makes it again; a move to another state within onStateChange() is lost by that.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install fsm-base@0.9.0
run <<'JS'
import StateMachine from 'fsm-base'

class Device extends StateMachine {
  constructor(...rules) {
    super()
    this._initStateMachine('offline', [...rules, { from: 'connecting', to: 'online' }])
  }
  onStateChange(state, before) {
    console.log(`  ${before} → ${state}`)
    // The device that is connected already is online at once.
    if (state === 'connecting' && this.state === 'connecting' && !this.told) {
      this.told = true
      this.state = 'online'
    }
  }
}
for (const [name, ...rules] of [['one rule', { from: ['offline', 'broken'], to: 'connecting' }], ['two rules', { from: ['offline', 'broken'], to: 'connecting' }, { from: 'offline', to: ['connecting', 'gone'] }]]) {
  console.log(name)
  const device = new Device(...rules)
  device.state = 'connecting'
  console.log(`  at the end ${device.state}`)
}
JS
seen <<'TEXT'
one rule
  offline → connecting
  connecting → online
  at the end online
two rules
  offline → connecting
  connecting → online
  offline → connecting
  at the end connecting
TEXT
