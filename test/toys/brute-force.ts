/**
 * Every state of a System and what can be said about them, to compare the explorer with. It shares no code with
 * explore/: a Map, a queue.
 */
import type { Property, System } from '../../explore/system.ts'
import { isCaught, isEverCaught } from './caught.ts'
import { judge, type Verdict } from './judge.ts'
import { edgesOf, inversionsOf, isSeenInOneRun, type Move } from './lock-order.ts'
import { alsoCame, isOutOfOrder, noneCame, type Came, type Two } from './order.ts'
import { final, initial, keyOf, take, takeable, type State } from './meaning.ts'
import { deadlockTitle } from './wait-for.ts'

export interface BruteForce {
  readonly states: number
  readonly steps: number
  /** States that can only be entered by a crash are not counted: `crashes` are steps. */
  readonly crashes: number
  readonly frontier: readonly number[]
  readonly terminals: number
  /** States in which nothing but the order stands in the way. */
  readonly cut: number
  readonly deadlocks: number
  /** `kind: title` → steps of the shortest run that shows it; of what no single state tells, null. */
  readonly findings: ReadonlyMap<string, number | null>
  /** Titles of the inversions all edges of which are seen in one run. */
  readonly inOneRun: ReadonlySet<string>
  /** Titles of the inversions that somebody is caught in, for good. */
  readonly confirmed: ReadonlySet<string>
  readonly ignored: ReadonlySet<string>
  /** Classes of locks: `held → asked for`. */
  readonly edges: ReadonlySet<string>
  /** Final states in words: each component's key, then what is left on the lanes. */
  readonly finals: ReadonlySet<string>
  readonly properties: ReadonlyMap<string, Verdict>
}

/** `order`: only runs in which of each two the first comes before the other. */
export const bruteForce = (
  system: System<any>,
  properties: readonly Property[] = [],
  most = 200_000,
  order: readonly Two[] = [],
): BruteForce => {
  const byKey = new Map<string, number>()
  const states: State[] = []
  const came: Came[] = []
  const cut = new Set<number>()
  const depths: number[] = []
  const moves: Move[][] = []
  const findings = new Map<string, number | null>()
  const ignored = new Set<string>()
  const finals = new Set<string>()
  let terminals = 0
  let deadlocks = 0

  const visit = (state: State, depth: number, all: Came): number => {
    const key = `${keyOf(system, state)}\n${JSON.stringify(all)}`
    const known = byKey.get(key)
    if (known !== undefined) return known
    if (states.length >= most) throw new Error(`${system.name}: more than ${most} states`)
    byKey.set(key, states.length)
    states.push(state)
    depths.push(depth)
    came.push(all)
    return states.length - 1
  }
  const found = (title: string, depth: number | null) => {
    if (!findings.has(title)) findings.set(title, depth)
  }

  visit(initial(system), 0, noneCame(order))
  for (let at = 0; at < states.length; at++) {
    const state = states[at]!
    const depth = depths[at]!
    const possible = takeable(system, state)
    const lanes = possible.filter((lane) => !isOutOfOrder(order, came[at]!, state, lane))
    moves.push(
      lanes.map((lane) => {
        const taken = take(system, state, lane)
        for (const title of taken.titles) found(title, depth + 1)
        if (taken.ignored !== null) ignored.add(taken.ignored)
        const edges = edgesOf(system, taken.state, taken.sends)
        return {
          to: taken.crashed ? null : visit(taken.state, depth + 1, alsoCame(order, came[at]!, state, lane)),
          edges,
        }
      }),
    )
    if (lanes.length > 0) continue
    if (possible.length > 0) {
      cut.add(at)
      continue
    }
    terminals++
    finals.add(final(system, state))
    const deadlock = deadlockTitle(system, state)
    if (deadlock === null) continue
    deadlocks++
    found(`deadlock: ${deadlock}`, depth)
  }

  const inversions = inversionsOf(moves.flat().flatMap(({ edges }) => edges))
  for (const { title } of inversions) found(`lock-order: ${title}`, null)
  const views = states.map((state) => system.view((id) => state.locals.get(id)))
  const next = moves.map((each) => each.flatMap(({ to }) => to ?? []))
  const graph = { depths, next, ends: moves.map(({ length }, at) => length === 0 && !cut.has(at)) }
  const verdicts = new Map(properties.map((property) => [property.name, judge(property, views, graph)]))
  for (const { name, finding } of properties) {
    const { verdict, depth, livelock } = verdicts.get(name)!
    if (verdict === 'violated' && finding !== undefined) found(`${finding}: ${name}`, depth)
    if (livelock) found(`livelock: never: ${name}`, null)
  }
  const frontier: number[] = []
  for (const depth of depths) frontier[depth] = (frontier[depth] ?? 0) + 1
  return {
    states: states.length,
    steps: moves.flat().length,
    crashes: moves.flat().filter(({ to }) => to === null).length,
    frontier,
    terminals,
    cut: cut.size,
    deadlocks,
    findings,
    inOneRun: new Set(inversions.filter(({ edges }) => isSeenInOneRun(edges, moves)).map(({ title }) => title)),
    confirmed: new Set(
      inversions
        .filter(({ edges }) =>
          isEverCaught(
            states.map((state) => isCaught(system, state, edges)),
            moves,
          ),
        )
        .map(({ title }) => title),
    ),
    ignored,
    edges: new Set(moves.flat().flatMap(({ edges }) => edges.map((edge) => edge.join(' → ')))),
    finals,
    properties: verdicts,
  }
}
