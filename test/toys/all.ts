/** Every toy that is a sound system, with its properties and the counts of a complete search without reduction. */
import type { Property, System } from '../../explore/system.ts'
import { bruteForce, type BruteForce } from './brute-force.ts'
import * as counters from './counters.ts'
import * as deadlocks from './deadlocks.ts'
import { diningPhilosophers, diningProperties } from './dining-philosophers.ts'
import { falseThread, ignores, vacuousProperties } from './faulty.ts'
import * as lockOrders from './lock-orders.ts'
import { orderingBug, orderingProperties } from './ordering-bug.ts'
import { peterson, petersonProperties } from './peterson.ts'
import { lasso, lassoProperties, pingPong, pingPongProperties } from './ping-pong.ts'
import { readersWriters, readersWritersProperties } from './readers-writers.ts'
import { twoPhaseCommit, twoPhaseProperties } from './two-phase-commit.ts'

export interface Toy {
  readonly system: System<any>
  readonly properties: readonly Property[]
  readonly states: number
  readonly steps: number
  /** What brute force finds, looked for once. */
  readonly bruteForced: () => BruteForce
}

const toy = (system: System<any>, properties: readonly Property[], states: number, steps: number): Toy => {
  let found: BruteForce | undefined
  return { system, properties, states, steps, bruteForced: () => (found ??= bruteForce(system, properties)) }
}

const lateLie = lockOrders.lateLie()

export const toys: readonly Toy[] = [
  toy(pingPong(1), pingPongProperties(1), 4, 3),
  toy(pingPong(5), pingPongProperties(5), 12, 11),
  toy(lasso(), lassoProperties, 10, 15),
  toy(diningPhilosophers(2), diningProperties(2), 92, 144),
  toy(diningPhilosophers(3), diningProperties(3), 888, 2088),
  toy(diningPhilosophers(3, { leftHanded: true }), diningProperties(3), 768, 1760),
  toy(peterson(), petersonProperties, 236, 438),
  toy(peterson({ turn: false }), petersonProperties, 112, 202),
  toy(readersWriters(2, 1), readersWritersProperties, 368, 848),
  toy(readersWriters(2, 2), readersWritersProperties, 2176, 6144),
  toy(twoPhaseCommit(1), twoPhaseProperties, 12, 13),
  toy(twoPhaseCommit(2), twoPhaseProperties, 56, 93),
  toy(twoPhaseCommit(3), twoPhaseProperties, 288, 653),
  toy(twoPhaseCommit(3, { hasty: true }), twoPhaseProperties, 336, 746),
  toy(counters.lostUpdate(), counters.counterProperties, 51, 80),
  toy(counters.guardedCounter(), counters.counterProperties, 64, 96),
  toy(counters.falselyGuarded(), counters.counterProperties, 51, 80),
  toy(counters.unwatchedCounter(), [], 112, 188),
  toy(counters.unwatchedCounter({ guardedBy: 'lock' }), [], 112, 188),
  toy(falseThread(), [], 132, 254),
  toy(ignores(), vacuousProperties, 3, 2),
  toy(orderingBug(4), orderingProperties, 120, 218),
  toy(deadlocks.unanswered(), [], 3, 2),
  toy(deadlocks.neverUnlocked(), [], 12, 16),
  toy(deadlocks.bystander(), [], 96, 208),
  toy(deadlocks.twoCircles(), [], 16, 24),
  toy(deadlocks.readsTwice(), [], 54, 83),
  toy(deadlocks.shutDoor(), [], 3, 2),
  toy(lockOrders.aloneBothWays(), [], 18, 17),
  toy(lockOrders.gated(), [], 96, 144),
  toy(lockOrders.eitherWay(), [], 66, 107),
  toy(lockOrders.shortcut(), [], 34, 33),
  toy(lockOrders.eight(), [], 404, 732),
  toy(lockOrders.sameClass(), [], 10, 9),
  toy(lockOrders.selfDeadlock(), [], 4, 3),
  toy(lockOrders.tried(), [], 84, 138),
  toy(lockOrders.triedAndHeld(), [], 82, 133),
  toy(lockOrders.oneAfterTheOther(), [], 180, 316),
  toy(lockOrders.readInRead(), [], 6, 5),
  toy(lockOrders.family(['parent', 'child']), [], 10, 9),
  toy(lockOrders.family(['child', 'parent']), [], 10, 9),
  toy(lateLie.system, lateLie.properties, 320, 587),
]
