/** Who waits for what cannot come any more, in a search that stores what a system of one component comes to. */
import type { Hop } from '../breadth/ways.ts'
import type { Entry, Tables } from '../states/tables.ts'
import type { Finding, ForEver, System } from '../system.ts'
import { Futures } from './futures.ts'
import { findingKey } from './keys.ts'
import type { FindingReport, Report } from './report.ts'
import { byDepth, findingReport } from './reporting.ts'
import { scheduleOf } from '../runs/replay.ts'

/** A search that is over: every state was looked into, if it is complete. */
interface Searched {
  readonly tables: Tables
  readonly expanded: number
  hops(state: number): Iterable<Hop>
  load(state: number): Int32Array
  runTo(state: number): readonly number[]
}

/** What was found already, and whoever waits for ever besides. `isShortest`: the runs to states are the shortest ones. */
export function waitsForEver(
  system: System<any>,
  found: Searched,
  { exhaustive, findings }: Pick<Report, 'exhaustive' | 'findings'>,
  isShortest: boolean,
): readonly FindingReport[] {
  if (!exhaustive || !system.forEver) return findings
  const { tables } = found
  const localIn = (state: number): unknown => tables.locals[0]![found.load(state)[0]!]
  const forEver = system.forEver()
  const shown = new Map(findings.map((each) => [findingKey(each), each]))
  const besides = new Map<string, FindingReport>()
  const names: string[] = []
  for (const [state, idle] of futuresOf(found, forEver, localIn, names).idleForEver())
    for (const finding of forEver.wrong(localIn(state), new Set(idle.map((who) => names[who]!)))) {
      const key = findingKey(finding)
      if (shown.has(key)) continue
      // At the start somebody else's step shows that it is so.
      const lanes = state === 0 ? tables.choices(found.load(0)).slice(0, 1) : found.runTo(state)
      const known = besides.get(key)
      if (known && known.depth <= lanes.length) continue
      const told = state === 0 ? fromTheStart(finding) : finding
      besides.set(key, findingReport(told, { schedule: scheduleOf(tables, lanes) }, isShortest))
    }
  return [...findings, ...besides.values()].sort(byDepth)
}

/** What a run of one step shows, though the step has no part in it. */
export const fromTheStart = (finding: Finding): Finding => ({
  ...finding,
  detail: 'it is so from the start on, whatever comes',
})

/** `names`: of those who have numbers in it. */
function futuresOf(found: Searched, forEver: ForEver, localIn: (state: number) => unknown, names: string[]): Futures {
  const { tables, expanded } = found
  const numbers = new Map<string, number>()
  const numberOf = (name: string): number => {
    const known = numbers.get(name) ?? names.push(name) - 1
    numbers.set(name, known)
    return known
  }
  const doing = ({ local, component, message }: Entry): readonly string[] =>
    forEver.doing(tables.locals[component]![local], tables.messages[component]![message]!)
  const futures = new Futures()
  for (let state = 0; state < expanded; state++) {
    const idle = new Set(forEver.there(localIn(state)))
    for (const { to, entries } of found.hops(state)) {
      // Behind a crash there is nothing to be known.
      if (to === undefined) idle.clear()
      else futures.add(to)
      for (const each of entries) for (const name of doing(each)) idle.delete(name)
    }
    futures.close([...idle].map(numberOf))
  }
  return futures
}
