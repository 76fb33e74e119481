/** What came of a check: a line for each search, and one for all. */
import type { Report } from '../../explore/outcome/report.ts'
import type { Expected } from '../../scenarios/told.ts'
import { legible, type Page, type Role } from '../style.ts'
import { issuesOf } from '../issues.ts'
import { overall, verdictWords } from '../verdict.ts'
import { counted, wrap } from '../words.ts'

export interface Checked {
  readonly name: string
  readonly outcome: 'as it should be' | 'violated' | 'undecided' | 'failed'
  /** What is said of it. */
  readonly why: string
  /** Findings that are accepted. */
  readonly accepted: number
}

/** What is otherwise than a scenario expects of itself; nothing: all is as expected. */
export const otherwise = (report: Report, { findings, verdicts = {}, states }: Expected): readonly string[] => {
  const found = report.findings.map(({ title }) => title).toSorted()
  const missing = findings.filter((title) => !found.includes(title))
  const more = found.filter((title) => !findings.includes(title))
  const broken = report.properties.filter(({ verdict }) => verdict === 'violated' || verdict === 'unseen')
  const said = broken
    .filter(({ name, verdict }) => verdicts[name] !== verdict)
    .map(({ name, verdict }) => `${name}: ${verdict}`)
  const kept = Object.keys(verdicts).filter((name) => !broken.some((each) => each.name === name))
  return [
    ...missing.map((title) => `not found: ${title}`),
    ...more.map((title) => `found: ${title}`),
    ...said,
    ...kept.map((name) => `not ${verdicts[name]}: ${name}`),
    ...(report.states === states ? [] : [`${counted(report.states, 'state')}, and ${states} are expected`]),
  ]
}

const expectedWords = ({ findings, verdicts = {} }: Expected): string =>
  [...findings, ...Object.entries(verdicts).map(([name, verdict]) => `${name}: ${verdict}`)].join(', ') ||
  'nothing wrong'

/** `isAccepted` knows the findings that do not count. */
export const judge = (
  name: string,
  report: Report,
  expected: Expected | undefined,
  isAccepted: (kind: string, title: string) => boolean,
): Checked => {
  const issues = issuesOf(report)
  const words = verdictWords(report)
  const accepted = issues.filter(({ kind, title }) => isAccepted(kind, title)).length
  if (expected !== undefined && report.exhaustive) {
    const differences = otherwise(report, expected)
    if (differences.length === 0)
      return {
        name,
        outcome: 'as it should be',
        why: `as expected: ${expectedWords(expected)}`,
        accepted: 0,
      }
    return { name, outcome: 'violated', why: `otherwise than expected: ${differences.join('; ')}`, accepted: 0 }
  }
  const verdict = overall(report)
  const isUnseen = report.exhaustive && report.properties.some((each) => each.verdict === 'unseen')
  if (verdict === 'violated' && (isUnseen || accepted < issues.length))
    return { name, outcome: 'violated', why: words, accepted }
  if (verdict === 'undecided' || !report.exhaustive) return { name, outcome: 'undecided', why: words, accepted }
  return { name, outcome: 'as it should be', why: words, accepted }
}

const roles = {
  'as it should be': 'good',
  violated: 'bad',
  undecided: 'unsure',
  failed: 'bad',
} as const satisfies Record<Checked['outcome'], Role>
const signs = { 'as it should be': 'yes', violated: 'no', undecided: 'bounded', failed: 'no' } as const

/** 1 something is wrong · 3 something is undecided · 0 all is as it should be */
export const checkCode = (all: readonly Checked[]): 0 | 1 | 3 =>
  all.some(({ outcome }) => outcome === 'violated' || outcome === 'failed')
    ? 1
    : all.some(({ outcome }) => outcome === 'undecided')
      ? 3
      : 0

export const tellCheck = (all: readonly Checked[], gone: readonly string[], page: Page): string => {
  const lines = all.flatMap(({ name, outcome, why, accepted }) => {
    const extra = accepted > 0 ? ` · ${counted(accepted, 'finding')} accepted` : ''
    const [first = '', ...rest] = wrap(
      legible(page, `${page.glyphs[signs[outcome]]} ${name}   ${why}${extra}`),
      page.columns,
      '    ',
    )
    return [page.paint(roles[outcome], first), ...rest]
  })
  const count = (outcome: Checked['outcome']): number => all.filter((each) => each.outcome === outcome).length
  const parts = [
    `${counted(all.length, 'search', 'searches')}: ${count('as it should be')} as they should be`,
    `${count('violated')} violated`,
    `${count('undecided')} undecided`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
  ]
  const missing = gone.map((each) => `Accepted, and not found any more: ${each}`)
  return [
    ...lines,
    '',
    ...wrap(parts.join(', '), page.columns, '  '),
    ...missing.flatMap((line) => wrap(legible(page, line), page.columns, '  ')),
    '',
  ].join('\n')
}
