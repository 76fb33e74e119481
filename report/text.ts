/** The report as it stands in a terminal: verdict first, the claims, the story of the first violation, how to see it again. */
import type { FindingReport, PropertyReport, Report, Schedule } from '../explore/report.ts'
import type { Trace } from '../explore/trace.ts'
import { printAddress, printSubject, type Chosen } from './address.ts'
import { drawLanes } from './lanes.ts'
import { seedsOf, wrongIn, type Wrong } from './sides.ts'
import { gapOf, marksOf, splat, titleOf } from './splat.ts'
import { tellStory } from './story.ts'
import { legible, type Page, type Role } from './style.ts'
import { counted, listed, wrap } from './words.ts'
import { glyphOf, overall, verdictWords } from './verdict.ts'

export interface Subject {
  readonly scenario: string
  readonly choices: Chosen
  readonly report: Report
  traceOf(schedule: Schedule): Trace
}

export interface TextOptions {
  /** Every finding in full. */
  readonly all?: boolean
  /** Sentences instead of lanes. */
  readonly list?: boolean
  /** What was written to disk, or why not. */
  readonly saved?: string
  readonly hints?: readonly string[]
}

/** Something violated, and the run that shows it. */
export interface Issue {
  readonly kind: string
  readonly title: string
  readonly schedule: Schedule
  readonly depth: number
  readonly shortest: boolean
  readonly who: readonly string[]
  readonly property: PropertyReport | undefined
}

/** What a livelock is titled: the promise that is never kept. */
const neverTitle = (name: string): string => `never: ${name}`

const issueOfFinding = (finding: FindingReport, properties: readonly PropertyReport[]): Issue => ({
  ...finding,
  who: [...finding.actors, ...finding.objects],
  property: properties.find(({ name }) => name === finding.title || neverTitle(name) === finding.title),
})

/** Findings, and violated properties that are not findings themselves. */
export const issuesOf = ({ findings, properties, exhaustive, strategy }: Report): readonly Issue[] => [
  ...findings.map((finding) => issueOfFinding(finding, properties)),
  ...properties
    .filter(
      ({ verdict, schedule, name }) =>
        verdict === 'violated' &&
        schedule &&
        !findings.some(({ title }) => title === name || title === neverTitle(name)),
    )
    .map((property) => ({
      kind: property.kind === 'eventually' ? 'never' : 'violated',
      title: property.name,
      schedule: property.schedule ?? [],
      depth: property.depth ?? 0,
      shortest: property.kind !== 'eventually' && strategy === 'breadth' && exhaustive,
      who: [],
      property,
    })),
]

const wrongOf = ({ kind, title, property }: Issue, trace: Trace): Wrong => {
  if (property === undefined) {
    const wrong = wrongIn(trace, title)
    if (wrong !== undefined) return wrong
  }
  return {
    what: 'property',
    kind: property?.kind ?? 'always',
    name: property?.name ?? title,
    at: trace.steps.length,
    ...(property !== undefined && kind !== 'never' && kind !== 'violated' ? { finding: kind } : {}),
    ...(property?.loopsFrom === undefined ? {} : { loopsFrom: property.loopsFrom }),
  }
}

const indented = (page: Page, text: string, indent: string, role?: Role): string[] =>
  wrap(legible(page, text), page.columns - indent.length, '  ').map((l) => indent + (role ? page.paint(role, l) : l))

// What a shell leaves alone when it stands outside quotes.
const isPlain = (text: string): boolean => /^[\w@%+=:,./-]+$/.test(text)

export const shellWord = (text: string): string => (isPlain(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** A command that can be pasted however narrow the page: a long word goes on after a backslash, without indentation. */
export const command = (page: Page, label: string, words: string): string[] => {
  const first = `  ${label.padEnd(8)} ${words}`
  const quote = words.endsWith("'") ? "'" : ''
  const lines: string[] = []
  let rest = first
  while (rest.length > page.columns) {
    const cut = page.columns - 1 - quote.length
    lines.push(`${rest.slice(0, cut)}${quote}\\`)
    rest = quote + rest.slice(cut)
  }
  return [...lines, rest]
}

export interface RunOptions {
  readonly wrong?: Wrong | undefined
  readonly list?: boolean
  /** The sentence above the lanes; `hidden` is put into its parentheses. */
  readonly intro: string
}

/** One run: its story in lanes, and the splat if something is wrong with it. */
export const tellRun = (trace: Trace, page: Page, { wrong, list = false, intro }: RunOptions): string[] => {
  const marks = wrong ? marksOf(trace, wrong) : new Map<number, 'now' | 'earlier'>()
  const marked = [...marks].filter(([, mark]) => mark === 'now').map(([n]) => n)
  const seeds = wrong && seedsOf(trace, wrong)
  const story = tellStory(trace, { marked, ...(seeds ? { seeds } : {}) })
  const essential = [
    ...[...marks.keys()].flatMap((n) => trace.steps[n - 1]?.to ?? []),
    ...trace.waiting.map(({ at }) => at),
  ]
  const hidden = story.unrelated === 0 ? '' : `, ${counted(story.unrelated, 'unrelated step')} hidden`
  const gap = wrong && gapOf(trace, wrong)
  return [
    ...indented(page, `${intro} (${counted(story.steps, 'step')}${hidden}):`, '  '),
    '',
    ...drawLanes(story, page, { marks, essential, list, gap }),
    ...(wrong ? ['', ...splat(trace, wrong, page)] : []),
  ]
}

const resultOf = (property: PropertyReport, report: Report): string => {
  const { verdict, kind, depth, vacuous } = property
  if (vacuous && verdict === 'holds') return 'never put to the test'
  switch (verdict) {
    case 'holds':
      return kind === 'eventually' ? 'every path' : counted(report.states, 'state')
    case 'violated':
      return depth === undefined
        ? 'violated'
        : property.loopsFrom === undefined
          ? `depth ${depth}`
          : `round from ${property.loopsFrom} on`
    case 'seen':
      return depth === undefined ? 'seen' : `seen after ${depth} steps`
    case 'unseen':
      return report.exhaustive ? 'in no reachable state' : 'not seen so far'
    case 'undecided':
      return `undecided: ${report.stopped?.by === 'first' ? 'stopped at the violation' : report.sampled ? 'only sampled' : 'search not complete'}`
  }
}

const signOf = (
  property: PropertyReport,
  report: Report,
): readonly [sign: 'yes' | 'no' | 'bounded' | 'unknown', role: Role] => {
  if (property.vacuous && property.verdict === 'holds') return ['bounded', 'unsure']
  if (property.verdict === 'holds' || property.verdict === 'seen') return ['yes', 'good']
  if (property.verdict === 'violated' || (property.verdict === 'unseen' && report.exhaustive)) return ['no', 'bad']
  return ['unknown', 'unsure']
}

export const propertyTable = (report: Report, page: Page): string[] => {
  const rows = report.properties.map((property) => ({
    property,
    left: legible(page, `${property.kind.padEnd(11)} ${property.name}`),
    right: resultOf(property, report),
  }))
  const room = page.columns - 4 - Math.max(0, ...rows.map(({ right }) => right.length)) - 3
  const width = Math.min(room, Math.max(0, ...rows.map(({ left }) => left.length)))
  return rows.flatMap(({ property, left, right }) => {
    const [sign, role] = signOf(property, report)
    const mark = page.paint(role, page.glyphs[sign])
    const [first = '', ...rest] = wrap(left, Math.max(width, 20), ' '.repeat(12))
    return [`  ${mark} ${first.padEnd(width)}   ${page.paint('dim', right)}`.trimEnd(), ...rest.map((l) => `    ${l}`)]
  })
}

const hintsOf = ({ report, scenario }: Subject, issues: readonly Issue[], all: boolean): readonly string[] => {
  const hints: string[] = []
  if (issues.length > 1 && !all) hints.push(`\`--all\` tells all ${issues.length} in full.`)
  const vacuous = report.properties.find((p) => p.vacuous && p.verdict === 'holds')
  if (vacuous) hints.push(`"${vacuous.name}" holds for want of trying: the situation it speaks of never came up.`)
  const { stopped } = report
  if (overall(report) === 'undecided' && stopped?.by === 'states')
    hints.push('to decide, allow more: `--states`, or tell it with fewer `--tasks`.')
  if (overall(report) === 'undecided' && stopped?.by === 'depth') hints.push('to decide, allow longer runs: `--depth`.')
  if (overall(report) === 'undecided' && stopped?.by === 'ms') hints.push('to decide, allow more time: `--ms`.')
  if (overall(report) === 'undecided' && report.sampled && !stopped)
    hints.push('only `--strategy breadth` can show that nothing is wrong.')
  const seen = report.properties.find(({ verdict }) => verdict === 'seen')
  if (issues.length === 0 && seen)
    hints.push(`to see how: npx relock show ${shellWord(scenario)} ${shellWord(seen.name)}`)
  return hints.slice(0, 2)
}

export const addressOf = ({ scenario, choices, report }: Subject, schedule: Schedule): string =>
  printAddress({ scenario, choices, fingerprint: report.fingerprint, schedule })

export const replayCommand = (subject: Subject, schedule: Schedule): string =>
  `npx relock replay ${shellWord(addressOf(subject, schedule))}`

const introOf = ({ shortest, property }: Issue): string => {
  const does = property === undefined ? 'shows it' : 'breaks it'
  return shortest ? `The shortest run that ${does}` : `A run that ${does}; there may be shorter ones`
}

const inFull = (subject: Subject, issue: Issue, page: Page, list: boolean): string[] => {
  const trace = subject.traceOf(issue.schedule)
  return [
    ...tellRun(trace, page, { wrong: wrongOf(issue, trace), list, intro: introOf(issue) }),
    '',
    ...command(page, 'Replay', replayCommand(subject, issue.schedule)),
  ]
}

const inShort = (subject: Subject, issue: Issue, page: Page): string[] => {
  const who = issue.who.length === 0 ? '' : ` · ${listed(issue.who)}`
  const text = `${page.glyphs.no} ${titleOf(issue.kind, issue.title)} · depth ${issue.depth}${who}`
  return [...indented(page, text, '  '), ...command(page, '  Replay', replayCommand(subject, issue.schedule))]
}

const overallRole = { holds: 'good', violated: 'bad', undecided: 'unsure' } as const

/** The first line: what was looked at, what came out, and how much was searched. */
export const verdictLines = ({ scenario, choices, report }: Subject, page: Page): string[] => {
  const verdict = overall(report)
  const line = `${glyphOf(verdict, page.glyphs)} ${printSubject(scenario, choices)}   ${verdictWords(report)}`
  // Broken between facts, not inside them.
  const lines: string[] = []
  for (const fact of line.split(' · ')) {
    const whole = lines.length === 0 ? fact : `${lines.at(-1)} · ${fact}`
    if (lines.length > 0 && whole.length > page.columns - 4) lines.push(fact)
    else lines.splice(-1, 1, whole)
  }
  const printed = lines.flatMap((l) => wrap(legible(page, l), page.columns - 4))
  const [first = '', ...rest] = printed.map((l, i) => (i === 0 ? l : `    ${l}`))
  return [page.paint(overallRole[verdict], first), ...rest]
}

const remarks = ({ ignored, reduction, exhaustive }: Report, page: Page): string[] => {
  const lines: string[] = []
  if (ignored.length > 0) {
    const some = ignored.slice(0, 3).map(({ component, state, type }) => `${component} ${type} in ${state}`)
    const more = ignored.length > 3 ? ` and ${ignored.length - 3} more` : ''
    lines.push(`Messages that were ignored: ${some.join(', ')}${more}.`)
  }
  if (typeof reduction === 'object') lines.push(`Explored without reduction: ${reduction.off}.`)
  else if (reduction === 'on' && exhaustive)
    lines.push('States that differ only in the order of independent steps count once.')
  return lines.flatMap((line) => indented(page, line, '  ', 'dim'))
}

export const tellReport = (subject: Subject, page: Page, options: TextOptions = {}): string => {
  const { all = false, list = false, saved, hints = [] } = options
  const { report } = subject
  const issues = issuesOf(report)
  const [first, ...others] = issues
  const parts: (readonly string[])[] = [verdictLines(subject, page), propertyTable(report, page), remarks(report, page)]
  if (first !== undefined) parts.push(inFull(subject, first, page, list))
  if (others.length > 0 && all) parts.push(...others.map((issue) => inFull(subject, issue, page, list)))
  else if (others.length > 0) parts.push([`  Also found:`, ...others.flatMap((issue) => inShort(subject, issue, page))])
  const last = [
    ...(saved === undefined ? [] : indented(page, `Saved    ${saved}`, '  ')),
    ...[...hints, ...hintsOf(subject, issues, all)]
      .slice(0, 2)
      .flatMap((hint) => indented(page, `Hint: ${hint}`, '  ')),
  ]
  // The first Replay and what was saved belong together.
  if (first !== undefined && others.length === 0 && last.length > 0) parts.push([...parts.pop()!, ...last])
  else parts.push(last)
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`
}

/** A replayed or shown run by itself. */
export const tellTrace = (
  trace: Trace,
  page: Page,
  about: {
    readonly address: string
    readonly wrong: Wrong | undefined
    readonly list?: boolean
    readonly about?: string
  },
): string => {
  const { address, wrong, list = false } = about
  const intro =
    about.about ?? (wrong ? 'The run' : `The run; nothing is wrong with it up to its end, which is ${trace.end}`)
  return `${[...tellRun(trace, page, { wrong, list, intro }), '', ...command(page, 'Replay', `npx relock replay ${shellWord(address)}`)].join('\n')}\n`
}
