/**
 * Lock order is nobody's step: it is seen by whoever watches all of them, as lockdep does. The witness follows a live run in the checker's
 * tables, so that both report the same inversion at the same step.
 */
import { completedBy, LockOrder } from '../explore/lock-order.ts'
import type { System } from '../explore/system.ts'
import { tablesOf } from '../explore/tables.ts'
import type { Witness } from '../streams/controller.ts'

/** To be told every choice of a run; answers the inversions that the step completes. */
export function lockWitness(system: System<any>): Witness {
  const tables = tablesOf(system)
  const order = new LockOrder(tables)
  const state = tables.initial()
  return (choice) => {
    const lane = tables.enabled(state)[choice]!
    const entry = tables.entryOf(state, lane)!
    tables.apply(state, lane, entry)
    return completedBy(order, order.newEdges(state, entry))
  }
}
