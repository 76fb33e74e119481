/** What is handed to `conform()` besides cases, and its report when it comes back. */
import { standInFor } from '../machines/versions.ts'
import { atLeast, flag, listOf, name, oneOf, optional, record, that } from '../shapes/shape.ts'
import { operations } from '../actors/kernel/system-calls/operations.ts'
import type { Written } from './case.ts'
import type { ConformOptions } from './index.ts'
import type { ConformReport } from './report.ts'

const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null

/** Cases have been looked at by whoever read them. */
const written = that<Written>(
  'a case, as readCases() gives it',
  (given) => isObject(given) && 'one' in given && isObject(given.one),
)

export const conformingShape = record<{ readonly cases: readonly Written[]; readonly options: ConformOptions }>({
  cases: listOf('a list of cases, as readCases() gives it', written),
  options: record<ConformOptions>({
    cases: optional(name('part of the name of a case')),
    profile: optional(
      that<string>(
        'a version of Linux, or a profile',
        (given) => typeof given === 'string' && standInFor(given) !== undefined,
      ),
    ),
    only: optional(listOf('a list of operations', oneOf(Object.keys(operations)))),
    all: optional(flag),
    signal: optional(
      that<AbortSignal>('the signal of an AbortController', (given) => isObject(given) && 'aborted' in given),
    ),
  }),
})

const lists = ['disagreements', 'failures', 'races', 'noticed'] as const

export const conformReportShape = atLeast<Pick<ConformReport, 'verdict' | 'cases' | (typeof lists)[number]>>(
  {
    verdict: oneOf(['agrees', 'disagrees', 'unsafe', 'undecided', 'failed']),
    cases: that('how many cases there were', isObject),
    disagreements: listOf('a list of disagreements', that('a disagreement', isObject)),
    failures: listOf('a list of failures', that('a failure', isObject)),
    races: listOf('a list of races', that('a race', isObject)),
    noticed: listOf('a list of what was noticed', that('a finding', isObject)),
  },
  'a report: await conform(…)',
)
