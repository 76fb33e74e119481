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
import {
  tableOfChoices,
  tableOfChannels,
  tableOfChannelsProperties,
  tableOfCounter,
  tableOfCounterProperties,
} from './tables.ts'
import { twoPhaseCommit, twoPhaseProperties } from './two-phase-commit.ts'

export interface Toy {
  readonly system: System<any>
  readonly properties: readonly Property[]
  readonly states: number
  readonly steps: number
  /** Of these, what the reduced search stores. */
  readonly reduced: number
  /** What brute force finds, looked for once. */
  readonly bruteForced: () => BruteForce
}

const toy = (
  system: System<any>,
  properties: readonly Property[],
  states: number,
  steps: number,
  reduced: number,
): Toy => {
  let found: BruteForce | undefined
  return { system, properties, states, steps, reduced, bruteForced: () => (found ??= bruteForce(system, properties)) }
}

const lateLie = lockOrders.lateLie()

export const toys: readonly Toy[] = [
  toy(pingPong(1), pingPongProperties(1), 4, 3, 4),
  toy(pingPong(5), pingPongProperties(5), 12, 11, 12),
  toy(lasso(), lassoProperties, 10, 15, 10),
  toy(diningPhilosophers(2), diningProperties(2), 92, 144, 64),
  toy(diningPhilosophers(3), diningProperties(3), 888, 2088, 510),
  toy(diningPhilosophers(3, { leftHanded: true }), diningProperties(3), 768, 1760, 448),
  toy(peterson(), petersonProperties, 236, 438, 214),
  toy(peterson({ turn: false }), petersonProperties, 112, 202, 81),
  toy(readersWriters(2, 1), readersWritersProperties, 368, 848, 261),
  toy(readersWriters(2, 2), readersWritersProperties, 2176, 6144, 1500),
  toy(twoPhaseCommit(1), twoPhaseProperties, 12, 13, 12),
  toy(twoPhaseCommit(2), twoPhaseProperties, 56, 93, 56),
  toy(twoPhaseCommit(3), twoPhaseProperties, 288, 653, 288),
  toy(twoPhaseCommit(3, { hasty: true }), twoPhaseProperties, 336, 746, 336),
  toy(counters.lostUpdate(), counters.counterProperties, 51, 80, 51),
  toy(counters.guardedCounter(), counters.counterProperties, 64, 96, 48),
  toy(counters.falselyGuarded(), counters.counterProperties, 51, 80, 51),
  toy(counters.unwatchedCounter(), [], 112, 188, 28),
  toy(counters.unwatchedCounter({ guardedBy: 'lock' }), [], 112, 188, 112),
  toy(falseThread(), [], 132, 254, 132),
  toy(ignores(), vacuousProperties, 3, 2, 1),
  toy(orderingBug(4), orderingProperties, 120, 218, 12),
  toy(deadlocks.unanswered(), [], 3, 2, 1),
  toy(deadlocks.neverUnlocked(), [], 12, 16, 3),
  toy(deadlocks.bystander(), [], 96, 208, 12),
  toy(deadlocks.twoCircles(), [], 16, 24, 1),
  toy(deadlocks.readsTwice(), [], 54, 83, 13),
  toy(deadlocks.shutDoor(), [], 3, 2, 1),
  toy(deadlocks.completesUnderLock(), [], 32, 46, 6),
  toy(deadlocks.forgotten(), [], 8, 10, 1),
  toy(deadlocks.waitsForItself(), [], 2, 1, 1),
  toy(deadlocks.eitherCompletes(), [], 160, 348, 14),
  toy(deadlocks.bothComplete(), [], 112, 240, 11),
  toy(lockOrders.aloneBothWays(), [], 18, 17, 1),
  toy(lockOrders.gated(), [], 96, 144, 12),
  toy(lockOrders.eitherWay(), [], 66, 107, 4),
  toy(lockOrders.shortcut(), [], 34, 33, 1),
  toy(lockOrders.eight(), [], 404, 732, 9),
  toy(lockOrders.sameClass(), [], 10, 9, 1),
  toy(lockOrders.selfDeadlock(), [], 4, 3, 1),
  toy(lockOrders.tried(), [], 84, 138, 14),
  toy(lockOrders.triedAndHeld(), [], 82, 133, 14),
  toy(lockOrders.oneAfterTheOther(), [], 180, 316, 16),
  toy(lockOrders.readInRead(), [], 6, 5, 1),
  toy(lockOrders.besideSpinner(), [], 228, 588, 18),
  toy(lockOrders.untilKilled(), [], 372, 870, 34),
  toy(lockOrders.throughQueue(), [], 472, 1090, 42),
  toy(lockOrders.family(['parent', 'child']), [], 10, 9, 1),
  toy(lockOrders.family(['child', 'parent']), [], 10, 9, 1),
  toy(tableOfCounter(), tableOfCounterProperties, 12, 14, 12),
  toy(tableOfChoices(), [], 4, 3, 4),
  toy(tableOfChannels(), tableOfChannelsProperties, 756, 2130, 756),
  toy(lateLie.system, lateLie.properties, 320, 587, 34),
]
