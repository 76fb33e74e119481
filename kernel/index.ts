/**
 * relock/kernel: races of your own. Threads run procedures, which are lists of steps in the kernel's words; each becomes a statechart, and
 * every interleaving is explored. See docs/OWN-RACES.md.
 */
export { always, alwaysStep, eventually, sometimes } from './properties.ts'
export { toScenario } from '../scenarios/to-scenario.ts'
export type { Scenario } from '../scenarios/told.ts'
export type { Cell, KernelObject, ThreadObject } from './object.ts'
export { actor, component } from './own.ts'
export type { Place } from './place.ts'
export type { Pointer, Struct } from './pointer.ts'
export { procedure, statechart, type Procedure } from './procedure.ts'
export { access, ask, asking, inOrder, keeping, saying, type Step } from './step.ts'
export { object, pointer, struct } from './struct.ts'
export type { KernelView, ObjectView, ThreadView } from './view.ts'
export type { Interrupt } from './processors.ts'
export { builtIn } from './built-in.ts'
export { kernel, type JoinedDescription, type KernelDescription } from './world.ts'

// For statecharts of one's own: what they hear and say, and what can be said of them.
export type { LogView } from '../actors/scripts/log.ts'
export type { ActorSpec, World } from '../actors/world/world.ts'
export type { Component, Message, Outcome, Send } from '../explore/system.ts'
export { answer } from '../machines/kernel/answer.ts'
export { completionFacts } from '../machines/kernel/waiting/completion.ts'
export type { LockFacts } from '../machines/kernel/locks/lock-facts.ts'
export { mutexFacts, triedMutexFacts } from '../machines/kernel/locks/mutex.ts'
export { isSame, named } from '../machines/kernel/heap/pointer.ts'
export { rwsemFacts, triedRwsemFacts } from '../machines/kernel/locks/rwsem.ts'
export { srcuFacts } from '../machines/kernel/rcu/srcu.ts'
export {
  allocated,
  complain,
  counted,
  crash,
  freed,
  note,
  printk,
  send,
  used,
  type Heard,
  type Said,
} from '../machines/say.ts'
export * from './words/index.ts'
