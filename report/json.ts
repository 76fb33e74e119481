/** What other programs read. Versioned; docs/JSON.md describes every field. BigInts are decimal strings. */
import type { Report } from '../explore/report.ts'
import { printAddress, type Chosen } from './address.ts'
import { shortestOf } from './compare.ts'
import type { Listed } from './list.ts'
import { overall } from './verdict.ts'

export const version = 1

export const printJson = (document: unknown): string =>
  `${JSON.stringify(document, (_, x: unknown) => (typeof x === 'bigint' ? x.toString() : x), 2)}\n`

/** What a list says about one complete search that is checked by the tests. */
export interface ExpectedVerdicts {
  readonly unmap?: string
  readonly profile?: string
  /** Default: the scenario's. */
  readonly tasks?: number
  readonly findings: readonly string[]
  readonly verdicts?: Readonly<Record<string, string>>
  readonly states: number
}

export const listDocument = (scenarios: readonly (Listed & { readonly expected: readonly ExpectedVerdicts[] })[]) => ({
  version,
  scenarios: scenarios.map(({ name, family, windows, source, why, choices, expected }) => ({
    name,
    family,
    windows,
    source,
    why,
    choices,
    expected: expected.map(({ unmap, profile, tasks = choices.default.tasks, findings, verdicts = {}, states }) => ({
      choices: { unmap, profile, tasks },
      findings,
      verdicts,
      states,
    })),
  })),
})

export const exploreDocument = (scenario: string, choices: Chosen, report: Report) => {
  const address = (schedule: readonly number[]): string =>
    printAddress({ scenario, choices, fingerprint: report.fingerprint, schedule })
  return {
    version,
    scenario,
    choices,
    fingerprint: report.fingerprint,
    verdict: overall(report),
    strategy: report.strategy,
    exhaustive: report.exhaustive,
    stopped: report.stopped,
    sampled: report.sampled,
    reduction: report.reduction,
    states: report.states,
    steps: report.steps,
    depth: report.depth,
    seconds: report.seconds,
    properties: report.properties.map(({ name, kind, verdict, vacuous, schedule, depth, loopsFrom }) => ({
      name,
      kind,
      verdict,
      vacuous,
      address: schedule && address(schedule),
      depth,
      loopsFrom,
    })),
    findings: report.findings.map(({ kind, title, schedule, depth, shortest, actors, objects, detail }) => ({
      kind,
      title,
      address: address(schedule),
      depth,
      shortest,
      actors,
      objects,
      detail,
    })),
    ignored: report.ignored,
  }
}

export const compareDocument = (
  scenario: string,
  rows: readonly { readonly choices: Chosen; readonly report: Report }[],
) => ({
  version,
  scenario,
  protocols: rows.map(({ choices, report }) => ({
    protocol: choices.unmap ?? choices.profile,
    shortest: shortestOf(report),
    ...exploreDocument(scenario, choices, report),
  })),
})
