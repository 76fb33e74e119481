/** One run of a System, told without explore/. */
import type { System } from '../../explore/system.ts'
import { edgesOf, type Edge } from './lock-order.ts'
import { initial, keyOf, take, takeable, type State } from './meaning.ts'
import { deadlockTitle, whoWaits, type Wait } from './wait-for.ts'

/** What one schedule shows: every finding on the way, and how it ends. */
export interface Run {
  readonly titles: readonly string[]
  readonly end: 'open' | 'finished' | 'deadlock' | 'crashed'
  /** The view before the first step and after every step. */
  readonly views: readonly unknown[]
  readonly keys: readonly string[]
  /** For every step, which locks it asks for while holding others. */
  readonly edges: readonly (readonly Edge[])[]
  /** Only of a deadlock. */
  readonly waits: readonly Wait[]
  /** Where it ends. */
  readonly last: State
}

export const run = (system: System<any>, schedule: readonly number[]): Run => {
  let state = initial(system)
  let crashed = false
  const titles: string[] = []
  const views: unknown[] = [system.view((id) => state.locals.get(id))]
  const keys = [keyOf(system, state)]
  const edges: (readonly Edge[])[] = []
  for (const [step, choice] of schedule.entries()) {
    const lane = crashed ? undefined : takeable(system, state)[choice]
    if (lane === undefined) throw new Error(`step ${step + 1}: there is no choice ${choice}`)
    const taken = take(system, state, lane)
    titles.push(...taken.titles)
    state = taken.state
    crashed = taken.crashed
    const now = state
    edges.push(edgesOf(system, now, taken.sends))
    views.push(system.view((id) => now.locals.get(id)))
    keys.push(keyOf(system, now))
  }
  const shown = { views, keys, edges, waits: [], last: state }
  if (crashed) return { titles, end: 'crashed', ...shown }
  if (takeable(system, state).length > 0) return { titles, end: 'open', ...shown }
  const deadlock = deadlockTitle(system, state)
  if (deadlock === null) return { titles, end: 'finished', ...shown }
  return { titles: [...titles, `deadlock: ${deadlock}`], end: 'deadlock', ...shown, waits: whoWaits(system, state) }
}
