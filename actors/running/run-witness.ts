/**
 * Lock order and data races are nobody's step: they are seen by whoever watches all of them, as lockdep and KCSAN do. The witness follows a live
 * run in the checker's tables, so that both report the same at the same step.
 */
import { completedBy, LockOrder } from '../../explore/locks/lock-order.ts'
import { HappensBefore } from '../../explore/memory/happens-before.ts'
import { RacesOfRun } from '../../explore/memory/race-watch.ts'
import type { System } from '../../explore/system.ts'
import { tablesOf } from '../../explore/states/tables.ts'
import type { Witness } from '../../streams/controller.ts'

/** To be told every choice of a run; answers what the step completes. */
export function runWitness(system: System<any>): Witness {
  const tables = tablesOf(system)
  const order = new LockOrder(tables)
  const races = new RacesOfRun(new HappensBefore(tables))
  const state = tables.initial()
  let step = 0
  return (choice) => {
    const lane = tables.enabled(state)[choice]!
    const entry = tables.entryOf(state, lane)!
    tables.apply(state, lane, entry)
    return [...completedBy(order, order.newEdges(state, entry), entry), ...races.see(entry, ++step)]
  }
}
