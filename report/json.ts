/** What other programs read. Versioned; docs/JSON.md describes every field. BigInts are decimal strings. */
import type { Report } from '../explore/outcome/report.ts'
import { printAddress, type Chosen } from './address.ts'
import { shortestOf } from './issues.ts'
import { familyVerdict, rowsOf, runOf, type FamilyReport } from './family.ts'
import type { Listed } from './list.ts'
import type { ListedMachine } from './machines.ts'
import { verdictWithout, type Unreported } from './unreported.ts'
import { overall } from './verdict.ts'

export const version = 1

/** JSON escapes C0 by itself; a terminal is also moved by DEL, C1 and what turns text round. */
const unseen = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu

const byNumber = (sign: string): string =>
  // Beyond the first plane a sign is two.
  Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

export const printJson = (document: unknown, indent = 2): string =>
  `${JSON.stringify(document, (_, x: unknown) => (typeof x === 'bigint' ? x.toString() : x), indent).replace(unseen, byNumber)}\n`

/** What a list says about one complete search that is checked by the tests: beside these, what was chosen for it. */
export interface ExpectedVerdicts {
  /** Default: the scenario's. */
  readonly tasks?: number
  readonly findings: readonly string[]
  readonly verdicts?: Readonly<Record<string, string>>
  readonly states: number
}

type ListedWithVerdicts = Listed & { readonly expected: readonly ExpectedVerdicts[] }

const valuesOf = ({ options, tasks, default: byDefault }: Listed['choices']) => ({
  // These two were always there.
  unmap: [],
  profile: [],
  ...Object.fromEntries(Object.entries(options).map(([name, { values }]) => [name, values])),
  tasks,
  default: byDefault,
})

export const listDocument = (scenarios: readonly ListedWithVerdicts[]) => ({
  version,
  scenarios: scenarios.map(({ name, family, windows, source, why, choices, expected }) => ({
    name,
    family,
    windows,
    source,
    why,
    choices: valuesOf(choices),
    expected: expected.map(({ findings, verdicts = {}, states, tasks = choices.default.tasks, ...chosen }) => ({
      choices: { ...chosen, tasks },
      findings,
      verdicts,
      states,
    })),
  })),
})

export const machinesDocument = (machines: readonly ListedMachine[]) => ({
  version,
  machines: machines.map(({ name, is }) => ({ name, is })),
})

/** One that has no report, and why. */
export const unexploredDocument = (scenario: string, choices: Chosen, { missing, soFar }: Unreported) => ({
  version,
  scenario,
  choices,
  verdict: verdictWithout({ ...(soFar && { soFar }) }),
  why: missing,
  ...(soFar && { soFar }),
})

/** One of a family that there is not with what was asked for. */
export const untoldDocument = (scenario: string) => ({
  version,
  scenario,
  why: 'it cannot be told with what was asked for',
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
    inversions: report.inversions,
    strategy: report.strategy,
    exhaustive: report.exhaustive,
    stopped: report.stopped,
    upTo: report.upTo,
    seed: report.seed,
    sampled: report.sampled,
    searches: report.members,
    classes: report.classes,
    after: report.after && address(report.after),
    order: report.order,
    reduction: report.reduction,
    symmetry: report.symmetry,
    alike: report.alike,
    along: report.along,
    apart: report.apart,
    states: report.states,
    steps: report.steps,
    depth: report.depth,
    // How long many machines took depends on how many there were.
    seconds: report.shards ? undefined : report.seconds,
    memory: report.memory,
    shards: report.shards,
    addedUp: report.addedUp,
    properties: report.properties.map(({ name, kind, of, verdict, vacuous, schedule, depth, needs, loopsFrom }) => ({
      name,
      kind,
      verdict,
      of,
      vacuous,
      address: schedule && address(schedule),
      depth,
      needs,
      loopsFrom,
    })),
    findings: report.findings.map(
      ({ kind, title, schedule, depth, shortest, needs, actors, objects, detail, judged }) => ({
        kind,
        title,
        address: address(schedule),
        depth,
        shortest,
        needs,
        actors,
        objects,
        detail,
        judged: judged?.verdict,
        deadlock: judged?.verdict === 'confirmed' ? address(judged.schedule) : undefined,
      }),
    ),
    ignored: report.ignored,
    coverage: report.coverage,
    remarks: report.remarks,
  }
}

export const compareDocument = (
  scenario: string,
  rows: readonly { readonly protocol: string; readonly choices: Chosen; readonly report: Report }[],
  unreported: readonly ({ readonly protocol: string } & Unreported)[] = [],
) => ({
  version,
  scenario,
  protocols: rows.map(({ protocol, choices, report }) => ({
    protocol,
    shortest: shortestOf(report),
    ...exploreDocument(scenario, choices, report),
  })),
  unreported: unreported.map(({ protocol, missing }) => ({ protocol, why: missing })),
})

/** The table of a family: each cell with what every story says in it, and each search in full. */
export const familyDocument = (family: FamilyReport) => ({
  version,
  family: family.family,
  choices: family.asked,
  verdict: familyVerdict(family),
  protocols: family.columns,
  rows: rowsOf(family, { all: true }).map(({ name, kind, cells }) => ({
    name,
    kind,
    cells: cells.map(({ column, outcome, said }) => ({
      protocol: column,
      outcome,
      stories: said.map(({ of, outcome, title, schedule, depth, shortest }) => ({
        scenario: of.scenario,
        outcome,
        title,
        address: schedule && of.report && runOf(of, of.report, schedule),
        depth,
        shortest,
      })),
    })),
  })),
  searches: family.searches.flatMap(({ scenario, column, choices, report }) =>
    report ? [{ protocol: column, ...exploreDocument(scenario, choices, report) }] : [],
  ),
})
