#!/usr/bin/env bash
# xstate 5.33.3. An actor that ends in an error leaves what it has invoked running.
# Expected: what is invoked lives as long as the state that invokes it, so it ends with its parent, in whatever way that ends.
# Seen: when the parent is done or is stopped, the cleanup of the invoked callback runs; when one of its actions or guards throws, the parent's
# status is 'error', its error listener is called, and the child stays 'active' and goes on to tick, with nobody left to stop it. Reported to its authors as statelyai/xstate#5153, open.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install xstate@5.33.3
run <<'JS'
import { createActor, createMachine, fromCallback } from 'xstate'
const slip = () => {
  throw new Error('slip')
}
for (const [name, GO] of [
  ['stopped', undefined],
  ['done', 'over'],
  ['an action throws', { target: 'idle', actions: slip }],
  ['a guard throws', { target: 'idle', guard: slip }],
]) {
  let [ticks, cleaned] = [0, false]
  const ticking = fromCallback(() => {
    const timer = setInterval(() => ticks++, 1)
    return () => {
      cleaned = true
      clearInterval(timer)
    }
  })
  const actor = createActor(
    createMachine({ initial: 'busy', states: { busy: { invoke: { id: 'ticking', src: ticking }, on: { GO } }, idle: {}, over: { type: 'final' } } }),
  )
  actor.subscribe({ error: () => {} })
  actor.start()
  const child = actor.getSnapshot().children.ticking
  if (GO) actor.send({ type: 'GO' })
  else actor.stop()
  const then = ticks
  await new Promise((resolve) => setTimeout(resolve, 100))
  console.log(`${name}: parent ${actor.getSnapshot().status}, child ${child.getSnapshot().status}, cleaned up ${cleaned}, ticks on ${ticks > then}`)
}
process.exit()
JS
seen <<'TEXT'
stopped: parent stopped, child stopped, cleaned up true, ticks on false
done: parent done, child stopped, cleaned up true, ticks on false
an action throws: parent error, child active, cleaned up false, ticks on true
a guard throws: parent error, child active, cleaned up false, ticks on true
TEXT
