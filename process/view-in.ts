/** What properties look at in a state that is held, whatever its actors are in by now. */
import type { Process } from './process.ts'
import type { State } from './state.ts'
import { viewOf, type ActorsView } from './view.ts'

export const viewIn = (process: Process, state: State, onLook?: (name: string) => void): ActorsView => {
  const names = process.names(state)
  const snapshots = new Map(state.held.map(({ actor, snapshot }) => [actor, snapshot]))
  return viewOf({
    ...state,
    root: process.root,
    names,
    asked: process.asked,
    isAlive: (actor) => state.alive.get(actor.sessionId) === actor,
    snapshotOf: (actor) => snapshots.get(actor) ?? actor._snapshot,
    ...(onLook && { onLook }),
  })
}
