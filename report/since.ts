/** What is different about a scenario since it was searched before: what is new, what is gone, what takes fewer steps. */
import type { PropertyReport, Report } from '../explore/outcome/report.ts'
import { issuesOf } from './issues.ts'
import { legible, type Page, type Role } from './style.ts'
import { count, wrap } from './words.ts'
import { incomplete } from './verdict.ts'

/** What is to be known of a search to say how another one differs. */
export interface Known {
  readonly states: number
  /** Why not everything was searched. */
  readonly missing: string | undefined
  readonly issues: readonly { readonly kind: string; readonly title: string; readonly depth: number }[]
  readonly properties: readonly Pick<PropertyReport, 'name' | 'verdict'>[]
  /** States never entered and transitions never taken, where the charts of actors are looked at. */
  readonly untouched: readonly string[]
}

export const knownOf = (report: Report): Known => ({
  states: report.states,
  missing: incomplete(report),
  issues: issuesOf(report).map(({ kind, title, depth }) => ({ kind, title, depth })),
  properties: report.properties.map(({ name, verdict }) => ({ name, verdict })),
  untouched: (report.coverage ?? []).flatMap(({ unreached, untaken }) => [...unreached, ...untaken]),
})

type Line = readonly [what: string, about: string, role: Role]

const issueLines = (before: Known, now: Known): readonly Line[] => {
  const find = (known: Known, { kind, title }: Known['issues'][number]) =>
    known.issues.find((each) => each.kind === kind && each.title === title)
  const verdictOf = (title: string) => now.properties.find(({ name }) => name === title)?.verdict
  const lines = now.issues.map((issue): readonly Line[] => {
    const { kind, title, depth } = issue
    const known = find(before, issue)
    if (!known) return [['new', `${titled(kind, title)} (depth ${depth})`, 'bad']]
    if (depth === known.depth) return []
    return [[depth < known.depth ? 'shorter' : 'longer', `${title}: depth ${known.depth} → ${depth}`, 'strong']]
  })
  const gone = before.issues.filter((issue) => !find(now, issue))
  return [
    ...lines.flat(),
    ...gone.map(({ kind, title }): Line => {
      const verdict = verdictOf(title)
      return ['gone', `${titled(kind, title)}${verdict === undefined ? '' : `: ${verdict}`}`, 'good']
    }),
  ]
}

/** A claim that is broken is called by its name alone. */
const titled = (kind: string, title: string): string =>
  kind === 'violated' || kind === 'never' || title.startsWith(kind) ? title : `${kind}: ${title}`

/** Of what is violated the run is told. */
const propertyLines = (before: Known, now: Known): readonly Line[] => [
  ...now.properties.flatMap(({ name, verdict }): readonly Line[] => {
    const known = before.properties.find((each) => each.name === name)
    if (verdict === 'violated' || known?.verdict === 'violated' || known?.verdict === verdict) return []
    if (!known) return [['new', `${name}: ${verdict}`, 'strong']]
    return [['now', `${name}: ${verdict} (was ${known.verdict})`, 'strong']]
  }),
  ...before.properties.flatMap(({ name, verdict }): readonly Line[] =>
    verdict === 'violated' || now.properties.some((each) => each.name === name)
      ? []
      : [['gone', `${name} (was ${verdict})`, 'strong']],
  ),
]

const sizeLines = (before: Known, now: Known): readonly Line[] => [
  ...(before.states === now.states
    ? []
    : [['states', `${count(before.states)} → ${count(now.states)}`, 'dim'] satisfies Line]),
  ...(before.missing === now.missing ? [] : [['searched', now.missing ?? 'everything', 'dim'] satisfies Line]),
]

const coverageLines = (before: Known, now: Known): readonly Line[] => [
  ...now.untouched
    .filter((each) => !before.untouched.includes(each))
    .map((each): Line => ['never', `${each}: it was, or is new`, 'strong']),
  ...before.untouched
    .filter((each) => !now.untouched.includes(each))
    .map((each): Line => ['come by', `${each}: never before`, 'dim']),
]

/** A heading, and a line for each difference. */
export const sinceThen = (before: Known, now: Known, page: Page, heading = 'Since the save before'): string => {
  const lines = [
    ...issueLines(before, now),
    ...propertyLines(before, now),
    ...coverageLines(before, now),
    ...sizeLines(before, now),
  ]
  if (lines.length === 0) return `  ${heading}: no difference.\n`
  const told = lines.flatMap(([what, about, role]) => {
    const [first = '', ...more] = wrap(legible(page, about), page.columns - 14)
    return [`    ${page.paint(role, what.padEnd(8))}  ${first}`, ...more.map((each) => `${' '.repeat(14)}${each}`)]
  })
  return [`  ${heading}:`, ...told, ''].join('\n')
}
