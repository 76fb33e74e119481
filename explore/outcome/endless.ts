/** A search of what grows without end: a system that may do so is asked where a search goes deep, and the search ends there if nothing bounds it. */
import type { ExploreOptions } from '../options.ts'
import type { Endless, System } from '../system.ts'
import type { FindingReport, Progress, Report } from './report.ts'
import { byDepth, findingReport } from './reporting.ts'

/** Few systems that have an end are so deep, or take so many seconds, and to ask one that has takes a fraction of one. */
const deep = 64
const long = 2

/** `search`: with these options. What was found to be endless is told instead of its being stopped by somebody. */
export function* untilEndless(
  system: System<any>,
  options: ExploreOptions,
  search: (options: ExploreOptions) => Generator<Progress, Report>,
): Generator<Progress, Report> {
  const { within: { states, depth, ms } = {}, signal } = options
  if (!system.endless || [states, depth, ms].some((bound) => bound !== undefined)) return yield* search(options)
  const ending = new AbortController()
  const found = search({
    ...options,
    signal: signal ? AbortSignal.any([signal, ending.signal]) : ending.signal,
  })
  let endless: readonly Endless[] | undefined
  try {
    for (;;) {
      const { done, value } = found.next()
      if (done) return ending.signal.aborted && signal?.aborted !== true ? ended(value, endless!) : value
      if (!endless && (value.depth >= deep || value.seconds >= long)) {
        endless = system.endless()
        if (endless.length > 0) ending.abort()
      }
      yield value
    }
  } finally {
    found.return(undefined as never)
  }
}

const ended = (report: Report, endless: readonly Endless[]): Report => {
  // It had seen everything before it was stopped.
  if (report.stopped?.by !== 'you') return report
  const found = endless.map(({ finding, schedule, isShortest }): FindingReport =>
    findingReport(finding, { schedule }, isShortest),
  )
  return {
    ...report,
    stopped: { ...report.stopped, by: 'endless' },
    findings: [...report.findings, ...found].sort(byDepth),
  }
}
