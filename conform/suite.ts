/** Many cases, one after the other: what each comes to, and in the end what all came to. It can rest between any two. */
import { setImmediate as immediate } from 'node:timers/promises'
import type { ProfileName } from '../machines/profile.ts'
import { profileFor } from '../machines/versions.ts'
import { nearest } from '../shapes/nearest.ts'
import { isRace, type AnyRace, type Case, type UnknownOp, type Written } from './case.ts'
import { groupsOf } from './groups.ts'
import { raceSubject } from './race-scenario.ts'
import type { ExploredRace } from './race.ts'
import type { CaseReplay } from '../actors/kernel/system-calls/replay.ts'
import { compareCase, type Found } from './replayed.ts'
import type {
  Answered,
  ConformProgress,
  ConformReport,
  Disagreement,
  Failure,
  Noticed,
  Raced,
  Subject,
  UnknownIn,
  Verdict,
} from './report.ts'
import { Counts } from './tally.ts'
import { tellingOps } from './telling.ts'

export interface SuiteOptions {
  /** Replay as this kernel (a profile, or any version: then as the nearest), whatever the cases say. */
  readonly profile?: string
  /** Compare only these operations. */
  readonly only?: readonly string[]
  /** Look at the objects of every disagreement, not only of the shortest of each kind. */
  readonly all?: boolean
  /** Aborting it stops with a report of what is known. */
  readonly signal?: AbortSignal
}

/** Who replays cases and explores races. */
export interface Engines {
  /** Told all that will be replayed, in this order. */
  readonly expect?: (all: readonly ToReplay[]) => void
  readonly replay: (one: Case, profile: ProfileName) => CaseReplay | Promise<CaseReplay>
  readonly race: (
    race: AnyRace,
    profile: ProfileName,
    options: { readonly signal?: AbortSignal },
  ) => Promise<ExploredRace>
}

export interface ToReplay {
  readonly one: Case
  readonly profile: ProfileName
}

export type Conforming =
  | { readonly type: 'progress'; readonly progress: ConformProgress }
  | { readonly type: 'report'; readonly report: ConformReport }

/** What the recordings were made on. */
const usualProfile = '6.1'

/** Long enough for the event loop to cost nothing, short enough for Ctrl-C to feel immediate. */
const sliceMs = 50

/** A slice of time after the other: how far it is in between, and in the end the report. */
export async function* suite(
  cases: readonly Written[],
  engines: Engines,
  options: SuiteOptions = {},
): AsyncGenerator<Conforming, void> {
  const run = new Run(cases.length, engines, options)
  engines.expect?.(run.replays(cases))
  // A signal that came while the cases were read is heard after the first of them.
  let rested = -Infinity
  for (const each of cases) {
    if (options.signal?.aborted) break
    await run.look(each)
    if (performance.now() - rested < sliceMs) continue
    yield { type: 'progress', progress: run.progress }
    await immediate()
    rested = performance.now()
  }
  yield { type: 'report', report: run.report() }
}

class Run {
  readonly #counts = new Counts()
  readonly #found: Found[] = []
  readonly #answered: Answered[] = []
  readonly #unknown: UnknownIn[] = []
  readonly #races: Raced[] = []
  readonly #noticed: Noticed[] = []
  readonly #failures: Failure[] = []
  readonly #begun = performance.now()
  #cases = 0
  #ops = 0
  #steps = 0
  readonly #ofCases: number
  readonly #engines: Engines
  readonly #options: SuiteOptions

  constructor(ofCases: number, engines: Engines, options: SuiteOptions) {
    this.#ofCases = ofCases
    this.#engines = engines
    this.#options = options
  }

  get progress(): ConformProgress {
    const [cases, ofCases, ops, disagreed] = [this.#cases, this.#ofCases, this.#ops, this.#found.length]
    return { cases, ofCases, ops, disagreed, seconds: this.#seconds }
  }

  /** Those of the cases that are replayed. */
  replays(cases: readonly Written[]): readonly ToReplay[] {
    return cases.flatMap((written) => {
      const { one, unknown } = written
      return unknown !== undefined || isRace(one) ? [] : { one, profile: this.#subject(written).profile }
    })
  }

  /** One case. What relock cannot replay at all is a failure of that case, not the end of all. */
  async look(written: Written): Promise<void> {
    const { one, unknown } = written
    const of = this.#subject(written)
    if (unknown !== undefined) return this.#setApart(one, of, unknown)
    try {
      if (!isRace(one)) await this.#case(one, of)
      else if (!(await this.#race(one, of))) return
    } catch (error) {
      this.#failed(one, of, error)
    }
    this.#cases++
    this.#ops += one.ops.length
  }

  #setApart(one: Case | AnyRace, of: Subject, { op, index, problem }: UnknownOp): void {
    const meant = nearest(op, problem.known ?? [])
    this.#unknown.push({ of, op, index, ...(meant !== undefined && { meant }) })
    this.#counts.case('notCompared')
    this.#cases++
    this.#ops += one.ops.length
  }

  report(): ConformReport {
    const disagreements = this.#withObjects()
    const { cases, ops, fields, byOp, notCompared } = this.#counts
    const waiting = this.#ofCases - this.#cases
    return {
      verdict: this.#verdict(waiting),
      cases,
      ops,
      fields,
      byOp,
      disagreements,
      groups: groupsOf(disagreements),
      notCompared,
      unknown: this.#unknown,
      answered: this.#answered,
      races: this.#races,
      noticed: this.#noticed,
      failures: this.#failures,
      ...(waiting > 0 ? { stopped: { by: 'you', waiting } } : {}),
      steps: this.#steps,
      seconds: this.#seconds,
    }
  }

  async #case(one: Case, of: Subject): Promise<void> {
    const replayed = await this.#engines.replay(one, of.profile)
    this.#steps += replayed.steps
    this.#found.push(...compareCase(one, of, replayed, this.#counts, this.#isWanted))
    this.#noticed.push(...replayed.findings.map(({ kind, title }) => ({ of, kind, title })))
    const { ops, results: expected } = one
    if (!expected || expected.includes(null))
      this.#answered.push({
        ...{ of, ops, results: replayed.results, ...(expected && { expected }) },
        ...(replayed.notRecorded && { notRecorded: replayed.notRecorded }),
      })
  }

  /** False when it was stopped before there was anything to say. */
  async #race(race: AnyRace, of: Subject): Promise<boolean> {
    const { signal } = this.#options
    const explored = await this.#engines.race(race, of.profile, signal ? { signal } : {})
    if (signal?.aborted && !explored.exhaustive) return false
    const outcomes = [...explored.possible, ...explored.impossible].map(({ results }) => results)
    const subject = of.file === undefined ? {} : { subject: raceSubject(of.file, of.name) }
    this.#races.push({
      ...explored,
      of,
      ...subject,
      ops: race.ops,
      ...(race.reps !== undefined && { reps: race.reps }),
      telling: tellingOps(race, outcomes),
    })
    // What an incomplete search did not find may still be there.
    const isFine = explored.impossible.length === 0
    const isCompared = race.outcomes !== undefined && (isFine || explored.exhaustive)
    this.#counts.case(!isCompared ? 'notCompared' : isFine ? 'agreed' : 'disagreed')
    return true
  }

  #failed(one: Case | AnyRace, of: Subject, error: unknown): void {
    this.#failures.push({ of, error: error instanceof Error ? error : new Error(String(error)) })
    this.#counts.case('disagreed')
    if (isRace(one)) return
    for (const [index, op] of one.ops.entries()) {
      const recorded = one.results?.[index]
      if (recorded && this.#isWanted(op.op)) this.#counts.unanswered(op, recorded)
    }
  }

  /** The objects of what is told in full: the shortest of each kind, or all if they are asked for. */
  #withObjects(): readonly Disagreement[] {
    const { all = false, signal } = this.#options
    const plain = this.#found.map(({ disagreement }) => disagreement)
    const shortest = new Set(groupsOf(plain).map(({ shortest }) => shortest))
    return this.#found.map(({ disagreement, look }) =>
      shortest.has(disagreement) || (all && !signal?.aborted) ? { ...disagreement, objects: look() } : disagreement,
    )
  }

  #verdict(waiting: number): Verdict {
    const { cases } = this.#counts
    if (this.#failures.length > 0) return 'failed'
    if (cases.disagreed > 0) return 'disagrees'
    if (this.#noticed.length > 0 || this.#races.some(({ findings }) => findings.length > 0)) return 'unsafe'
    const isOpen = this.#races.some(({ impossible, exhaustive }) => !exhaustive && impossible.length > 0)
    // A case that was not replayed may be one that disagrees.
    const isLeft = waiting > 0 || this.#unknown.length > 0
    return isLeft || isOpen || cases.agreed === 0 ? 'undecided' : 'agrees'
  }

  #subject({ one: { name, profile, iommu }, file, line }: Written): Subject {
    const own = {
      ...{ name, profile: profileFor(this.#options.profile ?? profile ?? usualProfile) },
      ...(iommu && { iommu }),
    }
    return file === undefined || line === undefined ? own : { ...own, file, line }
  }

  readonly #isWanted = (op: string): boolean => this.#options.only?.includes(op) ?? true

  get #seconds(): number {
    return (performance.now() - this.#begun) / 1000
  }
}
