#!/usr/bin/env bash
# afsm 2.4.9. An action that was aborted, and fails later, throws the machine back into the state in which it began.
# Expected: after "connect" was aborted by "disconnect", nothing is heard of it any more; if it succeeds later that is so.
# Seen: when it fails, the machine goes from where it is by then, through no transition, to where it was before "connect".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install afsm@2.4.9
run <<'JS'
import { ChangeState, FSM } from 'afsm'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (const end of ['succeeds', 'fails']) {
  class Link extends FSM {
    async connect() {
      await wait(50)
      if (end === 'fails') throw new Error('no route')
    }
    async disconnect() {}
    async sleep() {}
  }
  // What the decorators of TypeScript would do.
  const transition = (name, from, to, options) => {
    const method = Object.getOwnPropertyDescriptor(Link.prototype, name)
    ChangeState(from, to, options)(Link.prototype, name, method)
    Object.defineProperty(Link.prototype, name, method)
  }
  transition('connect', FSM.INIT, 'connected')
  transition('disconnect', [], 'disconnected', { abortAction: 'connect' })
  transition('sleep', 'disconnected', 'asleep')

  const link = new Link()
  const connected = link.connect().catch(() => {})
  await link.disconnect()
  await link.sleep()
  const before = link.state
  await connected
  await wait(20)
  console.log(`connect ${end} after it was aborted: from ${before} to ${link.state}`)
}
JS
seen <<'TEXT'
connect succeeds after it was aborted: from asleep to asleep
connect fails after it was aborted: from asleep to [*]
TEXT
