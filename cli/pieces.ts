/** A large sample is taken in pieces, in as many threads as there are cores. Which piece is taken where makes no difference to what is reported. */
import type { Progress, Report } from '../explore/outcome/report.ts'
import { eachOnce, type Taken } from '../explore/outcome/taken.ts'
import { piece } from '../explore/sampling/schedulers.ts'
import { inOneSample } from '../explore/several/pieces.ts'
import { inAll } from '../explore/several/progress.ts'
import type { Desk } from './desk.ts'
import { runsOf, type Flags } from './flags.ts'
import type { Subject } from './subject.ts'
import type { Found } from './threads/elsewhere.ts'

/** Samples whose runs know nothing of those of another piece. */
const byNumber: readonly Flags['strategy'][] = ['random', 'pct', 'pos', 'coverage']

/** Fewer are over before a thread has begun. */
const least = 3

/** A thread learns the answers of a system anew, so there are not more than this. */
const most = 16

/** The pieces, as what is asked for each; one where it cannot be taken in several, or does not pay. */
export const piecesOf = (flags: Flags): readonly Flags[] => {
  const runs = runsOf(flags)
  const isOne = !byNumber.includes(flags.strategy) || flags.stopAtFirst === true || runs < least * piece
  if (isOne) return [flags]
  const long = Math.ceil(runs / piece / most) * piece
  return Array.from({ length: Math.ceil(runs / long) }, (_, at) => ({
    ...flags,
    firstRun: at * long,
    runs: Math.min(long, runs - at * long),
  }))
}

/** What a sample says in the end, and what it came by. */
export interface Sampled {
  readonly report: Report
  readonly taken: readonly Taken[]
}

/**
 * Undefined where there is nothing to be told: no other threads, nothing taken before it was stopped, or a piece that failed. Whoever searches in
 * the thread that has read the scenario learns why.
 */
export const sampledElsewhere = async (
  subject: Subject,
  flags: Flags,
  desk: Desk,
  update: (progress: Progress) => void,
): Promise<Sampled | undefined> => {
  const { elsewhere, stop } = desk
  const pieces = piecesOf(flags)
  if (!elsewhere || pieces.length === 1) return undefined
  const { scenario, name, choices } = subject
  const started = performance.now()
  const msLeft = (): number => (flags.ms ?? Infinity) - (performance.now() - started)
  const heard = new Map<number, Progress>()
  const hear = (at: number, progress: Progress): void => {
    heard.set(at, progress)
    const all = [...heard.values()]
    const so = { ...inAll(all), runs: all.reduce((sum, { runs = 0 }) => sum + runs, 0), ofRuns: runsOf(flags) }
    desk.known(so)
    update(so)
  }
  const found: (Found | undefined)[] = pieces.map(() => undefined)
  const waiting = pieces.entries()
  /** One piece after the other, as long as there is time. */
  const take = async (): Promise<void> => {
    for (const [at, piece] of waiting) {
      if (stop.aborted || msLeft() <= 0) return
      const bound = flags.ms === undefined ? {} : { ms: Math.max(1, Math.ceil(msLeft())) }
      const asked = { name, choices, flags: { ...piece, ...bound }, taken: true }
      found[at] = await elsewhere.search(asked, stop, (progress) => hear(at, progress))
    }
  }
  try {
    await Promise.all(Array.from({ length: elsewhere.many }, take))
  } catch {
    return undefined
  }
  const told = found.flatMap((each) => (each && 'report' in each ? each : []))
  if (told.length === 0) return undefined
  const reports = told.map(({ report }) => report)
  const of = { properties: scenario.properties(choices), runs: runsOf(flags), ms: flags.ms }
  return { report: inOneSample(reports, of), taken: eachOnce(told.flatMap(({ taken }) => taken)) }
}
