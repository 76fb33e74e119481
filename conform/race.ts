/**
 * A race that was recorded: two operations made at once, many times over. Every interleaving of them is explored; each outcome that was
 * seen must be among the possible ones, and those that are possible but were never seen are listed, each with a run to look at.
 */
import { makerOf, type Op, type Result } from '../actors/linux/op.ts'
import { storyWorld, type StoryView, type Told } from '../actors/linux/story.ts'
import { toSystem } from '../actors/system.ts'
import { canonical } from '../explore/canonical.ts'
import { explore, type ExploreOptions } from '../explore/index.ts'
import { always, sometimes } from '../explore/properties.ts'
import type { Schedule } from '../explore/report.ts'
import type { Property } from '../explore/system.ts'
import type { ProfileName } from '../machines/profile.ts'
import type { Race } from './case.ts'

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
export interface ToldRace extends Told {
  /** In the order of the operations; undefined while something is still going on. */
  outcome(view: StoryView): readonly Result[] | undefined
}

const isRacing = (op: Op): boolean => op['barrier'] !== undefined

export function tellRace({ name, ops }: Pick<Race, 'name' | 'ops'>, profile: ProfileName): ToldRace {
  const racing = ops.flatMap((op, index) => (isRacing(op) ? [index] : []))
  const start = racing[0]!
  const rest = ops.flatMap((op, index) => (index > start && !isRacing(op) && op.op !== 'await' ? [index] : []))
  // The first thread goes on alone afterwards; it is the main one if that takes part.
  const threads = [...new Set(racing.map((index) => makerOf(ops[index]!)))].sort(
    (one, other) => Number(other === 'p0') - Number(one === 'p0'),
  )
  const of = (thread: string): number[] => racing.filter((index) => makerOf(ops[index]!) === thread)
  const told = storyWorld({
    name,
    profile,
    before: ops.slice(0, start),
    together: Object.fromEntries(threads.map((thread) => [thread, of(thread).map((index) => ops[index]!)])),
    after: rest.map((index) => ops[index]!),
  })
  const order = new Map(threads.map((thread) => [thread, of(thread)]))
  for (const index of rest) {
    const thread = order.has(makerOf(ops[index]!)) ? makerOf(ops[index]!) : threads[0]!
    order.get(thread)!.push(index)
  }
  const cameBack = (view: StoryView, index: number): Result =>
    [...order].flatMap(([thread, its]) => (its.includes(index) ? [view.result(thread, its.indexOf(index))!] : []))[0]!
  const resultOf = (view: StoryView, op: Op, index: number): Result => {
    if (index < start) return told.before[index]!
    if (isRacing(op)) return { pending: true }
    if (op.op !== 'await') return cameBack(view, index)
    const waited = racing.find((each) => makerOf(ops[each]!) === makerOf(op))!
    return { of: waited, ...cameBack(view, waited) }
  }
  return {
    ...told,
    outcome: (view) => (view.finished ? ops.map((op, index) => resultOf(view, op, index)) : undefined),
  }
}

/** Two outcomes are the same when a recording could not tell them apart: it leaves out accounting and log lines. */
export const keyOfOutcome = (results: readonly Result[]): string =>
  canonical(results.map(({ vmlck_kb: _locked, kmsg: _log, unknown: _unknown, ...rest }) => rest))

/** For each outcome: some run ends so. */
export const outcomeProperties = (told: ToldRace, keys: readonly string[]): readonly Property<StoryView>[] =>
  keys.map((key, nth) =>
    sometimes(`outcome ${nth + 1}`, (view: StoryView) => {
      const results = told.outcome(view)
      return results !== undefined && keyOfOutcome(results) === key
    }),
  )

export async function exploreRace(
  race: Race,
  profile: ProfileName,
  options: Pick<ExploreOptions, 'signal' | 'within'> = {},
): Promise<ExploredRace> {
  const told = tellRace(race, profile)
  const system = toSystem(told.world)
  const found = new Map<string, readonly Result[]>()
  const collecting = always('every outcome is noted', (view: StoryView) => {
    const results = told.outcome(view)
    if (results) found.set(keyOfOutcome(results), results)
    return true
  })
  const counts = new Map(race.outcomes.map(({ results, count }) => [keyOfOutcome(results), count]))
  const first = await explore(system, [collecting, ...outcomeProperties(told, [...counts.keys()])], options)
  const others = [...found.keys()].filter((key) => !counts.has(key)).sort()
  // Runs that end in what nobody has seen: only looked for when there is such a thing.
  const second = others.length > 0 ? await explore(system, outcomeProperties(told, others), options) : undefined
  const schedules = new Map([
    ...[...counts.keys()].map((key, nth) => [key, first.properties[nth + 1]!.schedule] as const),
    ...others.map((key, nth) => [key, second!.properties[nth]!.schedule] as const),
  ])
  return {
    name: race.name,
    profile,
    fingerprint: system.fingerprint,
    states: first.states,
    exhaustive: first.exhaustive && (second?.exhaustive ?? true),
    possible: [...found.keys()].sort().map((key) => ({
      results: found.get(key)!,
      schedule: schedules.get(key) ?? [],
      count: counts.get(key) ?? 0,
    })),
    impossible: race.outcomes.filter(({ results }) => !found.has(keyOfOutcome(results))),
    findings: first.findings.map(({ title, schedule }) => ({ title, schedule })),
  }
}
