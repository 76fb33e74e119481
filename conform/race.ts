/**
 * A race: operations of several threads made at once. Every interleaving of them is explored, and every outcome there is is listed, with a
 * run to look at. Of one that was recorded each outcome that was seen must be among those.
 */
import { makerOf, type Op, type Result } from '../actors/kernel/system-calls/op.ts'
import { toldWorld } from '../actors/kernel/linux.ts'
import type { LinuxView } from '../actors/kernel/view.ts'
import { toSystem } from '../actors/running/system.ts'
import type { World } from '../actors/world/world.ts'
import { canonical } from '../explore/states/canonical.ts'
import { explore, type ExploreOptions } from '../explore/index.ts'
import { always, sometimes } from '../explore/claims/properties.ts'
import type { Schedule } from '../explore/outcome/report.ts'
import type { Property, System } from '../explore/system.ts'
import type { ProfileName } from '../machines/profile.ts'
import { isRacing, type AnyRace } from './case.ts'

export interface PossibleOutcome {
  readonly results: readonly Result[]
  readonly schedule: Schedule
  /** How often it was recorded; 0: possible, not seen. */
  readonly count: number
}

/** Something wrong that may happen, with its run: the kernel promises nothing then. */
export interface RaceFinding {
  readonly title: string
  readonly schedule: Schedule
}

export interface ExploredRace {
  readonly name: string
  readonly profile: ProfileName
  readonly fingerprint: string
  readonly states: number
  /** False: stopped before every interleaving was seen. */
  readonly exhaustive: boolean
  readonly possible: readonly PossibleOutcome[]
  /** Recorded, and not among the possible ones. */
  readonly impossible: readonly { readonly results: readonly Result[]; readonly count: number }[]
  readonly findings: readonly RaceFinding[]
}

/** A race as a story: its world, and what its operations came back with in one state of it. */
export interface ToldRace {
  readonly world: World<LinuxView>
  /** In the order of the operations; undefined while something is still going on. */
  outcome(view: LinuxView): readonly Result[] | undefined
}

export function tellRace({ name, ops, outcomes, iommu }: AnyRace, profile: ProfileName): ToldRace {
  const racing = ops.flatMap((op, index) => (isRacing(op) ? [index] : []))
  const start = racing[0]!
  const behind = ops.flatMap((op, index) => (index > start && !isRacing(op) ? [index] : []))
  const threads = [...new Set(racing.map((index) => makerOf(ops[index]!)))]
  const of = (thread: string): number[] => racing.filter((index) => makerOf(ops[index]!) === thread)
  const world = toldWorld({
    name,
    systemCalls: iommu === undefined ? profile : { profile, iommu },
    before: ops.slice(0, start),
    tasks: Object.fromEntries(threads.map((thread) => [thread, of(thread).map((index) => ops[index]!)])),
    after: behind.map((index) => ({ ...ops[index]!, proc: makerOf(ops[index]!) })),
  })
  // Each thread's operations in its own order.
  const order = new Map(threads.map((thread) => [thread, of(thread)]))
  for (const index of behind) {
    const thread = makerOf(ops[index]!)
    if (ops[index]!.op !== 'await') order.set(thread, [...(order.get(thread) ?? []), index])
  }
  const cameBack = (view: LinuxView, index: number): Result => {
    const thread = makerOf(ops[index]!)
    return view.system.result(thread, order.get(thread)!.indexOf(index))!
  }
  const racingOf = (op: Op): number => racing.find((each) => makerOf(ops[each]!) === makerOf(op))!
  // Whoever asks need not await what he asks about.
  const awaited = new Set(behind.flatMap((index) => (ops[index]!.op === 'await' ? [racingOf(ops[index]!)] : [])))
  const isPending = (index: number): boolean => isRacing(ops[index]!) && (outcomes !== undefined || awaited.has(index))
  const resultOf = (view: LinuxView, op: Op, index: number): Result => {
    if (index < start) return view.system.before[index]!
    if (isPending(index)) return { pending: true }
    if (op.op !== 'await') return cameBack(view, index)
    const waited = racingOf(op)
    return { of: waited, ...cameBack(view, waited) }
  }
  return {
    world,
    outcome: (view) => (view.finished ? ops.map((op, index) => resultOf(view, op, index)) : undefined),
  }
}

/** Two outcomes are the same when a recording could not tell them apart: it leaves out accounting and log lines. */
export const keyOfOutcome = (results: readonly Result[]): string =>
  canonical(results.map(({ vmlck_kb: _locked, kmsg: _log, unknown: _unknown, ...rest }) => rest))

/** For each outcome: some run ends so. */
export const outcomeProperties = (
  told: ToldRace,
  outcomes: readonly { readonly name: string; readonly key: string }[],
): readonly Property<LinuxView>[] =>
  outcomes.map(({ name, key }) =>
    sometimes(name, (view: LinuxView) => {
      const results = told.outcome(view)
      return results !== undefined && keyOfOutcome(results) === key
    }),
  )

/** Notes each outcome that a search meets, by its key. */
export const collecting = (told: ToldRace, into: Map<string, readonly Result[]>): Property<LinuxView> =>
  always('every outcome is noted', (view: LinuxView) => {
    const results = told.outcome(view)
    if (results) into.set(keyOfOutcome(results), results)
    return true
  })

type Bounds = Pick<ExploreOptions, 'signal' | 'within'>

/** Beyond so many states a run to an outcome need not be the shortest there is. */
const mostStates = 20_000

export async function exploreRace(race: AnyRace, profile: ProfileName, options: Bounds = {}): Promise<ExploredRace> {
  const told = tellRace(race, profile)
  const system = toSystem(told.world)
  const found = new Map<string, readonly Result[]>()
  const { outcomes = [] } = race
  const first = await explore(system, [collecting(told, found)], options)
  const keys = [...found.keys()].sort()
  const schedules = await runsTo(told, system, keys, options)
  const counts = new Map(outcomes.map(({ results, count }) => [keyOfOutcome(results), count]))
  return {
    name: race.name,
    profile,
    fingerprint: system.fingerprint,
    states: first.states,
    exhaustive: first.exhaustive,
    possible: keys.map((key) => ({
      results: found.get(key)!,
      schedule: schedules.get(key) ?? [],
      count: counts.get(key) ?? 0,
    })),
    impossible: outcomes.filter(({ results }) => !found.has(keyOfOutcome(results))),
    findings: first.findings.map(({ title, schedule }) => ({ title, schedule })),
  }
}

/** Outcome → the shortest run to it; where the world is large, a short one. */
async function runsTo(
  told: ToldRace,
  system: System<LinuxView>,
  keys: readonly string[],
  { signal, within }: Bounds,
): Promise<ReadonlyMap<string, Schedule>> {
  const runs = new Map<string, Schedule>()
  const quick = { within: { ...within, states: mostStates }, reduction: false, ...(signal && { signal }) }
  for (const options of [quick, { within: within ?? {}, ...(signal && { signal }) }]) {
    const missing = keys.filter((key) => !runs.has(key))
    if (missing.length === 0) break
    const properties = outcomeProperties(
      told,
      missing.map((key) => ({ name: key, key })),
    )
    const report = await explore(system, properties, options)
    for (const [nth, key] of missing.entries()) {
      const { schedule } = report.properties[nth]!
      if (schedule) runs.set(key, schedule)
    }
  }
  return runs
}
