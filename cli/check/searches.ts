/** The searches of a check: an answer each, also of those that fail. What a file says is read and searched elsewhere, so that none takes others with it. */
import type { Report, Schedule } from '../../explore/outcome/report.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import type { Choices } from '../../scenarios/choices.ts'
import type { Elsewhere, Outline } from '../threads/elsewhere.ts'
import type { Flags } from '../flags.ts'
import { outcomeOf } from '../together.ts'
import type { Unreported } from '../../report/unreported.ts'
import type { Budget } from './config.ts'

export interface Task {
  readonly name: string
  readonly choices: Choices
  readonly budget: Budget
}

export interface Failed {
  readonly failed: string
}

export type Answer = { readonly report: Report; readonly traceOf: (schedule: Schedule) => Trace } | Unreported | Failed

const thorough: Flags = {
  ...{ strategy: 'breadth', runs: 0, reduction: true, symmetry: true, ignored: 'show' },
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]!

const failed = (error: unknown): Failed => ({ failed: firstLine(error) })
const stopped: Failed = { failed: 'stopped by you before it began' }

/** What a file says of itself. */
export const outlineOf = async (
  name: string,
  { ms }: Budget,
  threads: Elsewhere,
  signal: AbortSignal,
): Promise<Outline | Failed> => (await threads.outline(name, ms, signal).catch(failed)) ?? stopped

export const answerOf = async (
  { name, choices, budget }: Task,
  threads: Elsewhere,
  signal: AbortSignal,
): Promise<Answer> => {
  const search = { name, choices, flags: { ...thorough, ...budget }, taken: false, runs: true } as const
  try {
    const found = await threads.search(search, signal, () => {})
    const outcome = outcomeOf(found)
    if (!('report' in outcome)) return outcome
    const runs = found && 'runs' in found ? found.runs : []
    const traces = new Map(runs?.map(([schedule, trace]) => [String(schedule), trace]))
    return { report: outcome.report, traceOf: (schedule) => traces.get(String(schedule))! }
  } catch (error) {
    return failed(error)
  }
}
