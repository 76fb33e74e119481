/**
 * What runs with a few preemptions, or delays, show: each run is taken by itself, and no state is remembered. Shares no code with explore/.
 */
import type { Property, System } from '../../explore/system.ts'
import { initial, take, takeable, threadOf, type State } from './meaning.ts'
import { deadlockTitle } from './wait-for.ts'

export type Counted = 'preemptions' | 'delays'

/** A run that is longer goes round for ever, perhaps. */
const longest = 200

/** `kind: title`, or the name of a property → the fewest with which a run shows it. Undefined: it takes more steps than that. */
export const fewest = (
  system: System<any>,
  properties: readonly Property[],
  what: Counted,
  most: number,
  steps: number,
): ReadonlyMap<string, number> | undefined => {
  const found = new Map<string, number>()
  let left = steps
  const show = (title: string, cost: number) => found.set(title, Math.min(cost, found.get(title) ?? Infinity))
  const look = (state: State, cost: number) => {
    const view = system.view((id) => state.locals.get(id))
    for (const { kind, name, holds, when = () => true } of properties)
      if (kind === 'always' ? when(view) && !holds(view) : kind === 'sometimes' && holds(view)) show(name, cost)
  }
  const goOn = (state: State, last: string | undefined, cost: number, length: number): void => {
    if (length > longest) left = -1
    if (left < 0) return
    look(state, cost)
    const lanes = takeable(system, state)
    if (lanes.length === 0) {
      const deadlock = deadlockTitle(system, state)
      if (deadlock !== null) show(`deadlock: ${deadlock}`, cost)
    }
    const able = [...new Set(lanes.map((lane) => turnOf(system, lane)))]
    for (const lane of lanes) {
      const turn = turnOf(system, lane)
      const more =
        what === 'preemptions' ? Number(turn !== last && able.includes(last!)) : passed(system, able, last, turn)
      if (cost + more > most) continue
      left--
      const taken = take(system, state, lane)
      for (const title of taken.titles) show(title, cost + more)
      if (!taken.crashed) goOn(taken.state, turn, cost + more, length + 1)
    }
  }
  goOn(initial(system), undefined, 0, 0)
  return left < 0 ? undefined : found
}

/** A lane is called `from → to`, an offer `from → to offers TYPE`. */
const turnOf = (system: System<any>, lane: string): string => {
  const [, from, to, offer] = /^(.*) → (.*?)(?: offers (.*))?$/.exec(lane)!
  const has = (id: string) => system.components.find((each) => each.id === id)
  return has(to!)!.thread ?? has(from!)?.thread ?? (has(from!) === undefined && offer === undefined ? to! : from!)
}

/** How many who could go on are passed over, going round from whoever went on last. */
const passed = (system: System<any>, able: readonly string[], last: string | undefined, turn: string): number => {
  const round = [...new Set([...system.components.map(({ id }) => threadOf(system, id)), ...able.toSorted()])]
  const from = last === undefined ? 0 : round.indexOf(last)
  const inTurn = [...round.slice(from), ...round.slice(0, from)].filter((each) => able.includes(each))
  return inTurn.indexOf(turn)
}
