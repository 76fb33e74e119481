/** The report as it stands in a terminal: verdict first, the claims, the story of the first violation, how to see it again. */
import type { MemoryReport } from '../explore/spill/bound.ts'
import type { PropertyReport, Report, Schedule, OrderReport } from '../explore/outcome/report.ts'
import { lockdepOf } from '../explore/locks/lockdep.ts'
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { isOfActors } from './actors.ts'
import { changed } from './changes.ts'
import { printAddress, printSubject, type Chosen } from './address.ts'
import { issuesOf, uncounted, type Issue } from './issues.ts'
import { judgedWords } from './judged.ts'
import { drawLanes } from './lanes.ts'
import { badEnd, seedsOf, wrongIn, type Wrong } from './sides.ts'
import { gapOf, marksOf, splat, titleOf } from './splat.ts'
import { capped, tellStory, type Story } from './story.ts'
import { legible, type Page, type Role } from './style.ts'
import { shardLines } from './swarm/shards.ts'
import { counted, isVisible, listed, wrap } from './words.ts'
import { glyphOf, overall, sizeOf, upToWords, verdictWords } from './verdict.ts'

export interface Subject {
  readonly scenario: string
  readonly choices: Chosen
  readonly report: Report
  /** What is chosen when nobody chooses: a command need not repeat it. */
  readonly byDefault?: Chosen
  /** Told in a test: what is written there to make a run again. No options of the program are spoken of then. */
  readonly inTest?: (schedule: Schedule) => string
  traceOf(schedule: Schedule): Trace
}

/** What became of the files of a run. */
export interface Saved {
  readonly said: string
  /** What `replay` takes instead of an address. */
  readonly run?: string
}

export interface TextOptions {
  /** Every finding in full. */
  readonly all?: boolean
  /** Sentences instead of lanes. */
  readonly list?: boolean
  /** What was written to disk, or why not. */
  readonly saved?: Saved
  readonly hints?: readonly string[]
}

/** An order of locks that takes more than one run to show: this run, and the edges that it lacks. */
export const inversionOf = (subject: Subject, title: string, trace: Trace): Wrong | undefined => {
  const { report } = subject
  const finding = report.findings.find((each) => each.title === title && each.kind === 'lock-order')
  if (finding === undefined || trace.steps.some(({ findings }) => findings.some((each) => each.title === title)))
    return undefined
  const { inversions } = lockdepOf(report, (schedule) => subject.traceOf(schedule))
  const inversion = inversions.find((each) => each.finding.title === title)
  return (
    inversion && { what: 'finding', at: trace.steps.length, finding: inversion.finding, elsewhere: inversion.edges }
  )
}

export const wrongOf = (subject: Subject, { kind, title, property }: Issue, trace: Trace): Wrong => {
  if (property === undefined) {
    const wrong = inversionOf(subject, title, trace) ?? wrongIn(trace, title)
    if (wrong !== undefined) return wrong
    // What only all states together tell no step shows.
    if (kind === 'deadlock') {
      const detail = subject.report.findings.find((each) => each.title === title)?.detail
      const finding = { kind, title, fatal: false, ...(detail !== undefined && { detail }) }
      return { what: 'finding', at: trace.steps.length, finding }
    }
  }
  return {
    what: 'property',
    kind: property?.kind ?? 'always',
    name: property?.name ?? title,
    at: trace.steps.length,
    ...(property !== undefined && kind !== 'never' && kind !== 'violated' ? { finding: kind } : {}),
    ...(property?.of === 'steps' && { ofStep: true }),
    ...(property?.loopsFrom === undefined ? {} : { loopsFrom: property.loopsFrom }),
  }
}

const indented = (page: Page, text: string, indent: string, role?: Role): string[] =>
  wrap(legible(page, text), page.columns - indent.length, '  ').map((l) => indent + (role ? page.paint(role, l) : l))

// What a shell leaves alone when it stands outside quotes.
const isPlain = (text: string): boolean => /^[\w@%+=:,./-]+$/.test(text)

/** One word of a command, to be pasted. What cannot be seen is written so that a shell (bash, zsh) knows what is meant. */
export const shellWord = (text: string): string => {
  if (isPlain(text)) return text
  if (isVisible(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  return `$'${[...text].map((sign) => (isVisible(sign) ? sign.replace(/['\\]/, '\\$&') : byCode(sign))).join('')}'`
}

const byCode = (sign: string): string => `\\U${sign.codePointAt(0)!.toString(16).padStart(8, '0')}`

/** Lines of a printed address that are still fit for reading and pasting; a longer one is replayed from its file. */
const longestAddress = 4

/** A command that can be pasted however narrow the page: a long word goes on after a backslash, without indentation. */
export const command = (page: Page, label: string, words: string): string[] => {
  const first = `  ${label.padEnd(8)} ${words}`
  // A word that is written so cannot be closed and opened again anywhere.
  if (words.includes("$'")) return [first]
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

/** Two screens. What a longer story hides, `--all` shows. */
const mostRows = 60

export interface RunOptions {
  readonly wrong?: Wrong | undefined
  readonly list?: boolean
  /** Every row, however many. */
  readonly all?: boolean
  /** The sentence above the lanes; `hidden` is put into its parentheses. */
  readonly intro: string
  /** The scenario with its choices. */
  readonly of?: string
  /** What shows every row (default: the option). */
  readonly allBy?: string
}

/** What is wrong with a run, and where in it that can be seen. */
export interface Marking {
  readonly wrong: Wrong | undefined
  readonly marks: ReadonlyMap<number, 'now' | 'earlier'>
  /** Steps marked as `now`. */
  readonly marked: readonly number[]
  /** The unlock and the relock. */
  readonly gap: readonly [from: number, to: number] | undefined
}

export const marking = (trace: Trace, broken: Wrong | undefined): Marking => {
  const wrong = broken && badEnd(trace, broken)
  const marks = wrong ? marksOf(trace, wrong) : new Map<number, 'now' | 'earlier'>()
  const marked = [...marks].filter(([, mark]) => mark === 'now').map(([n]) => n)
  return { wrong, marks, marked, gap: wrong && gapOf(trace, wrong) }
}

/** A run retold: the steps that its end takes, and the story of them. */
export interface Retold extends Marking {
  readonly story: Story
}

export const retold = (trace: Trace, broken: Wrong | undefined): Retold => {
  const marked = marking(trace, broken)
  const seeds = marked.wrong && !isOfActors(trace) ? seedsOf(trace, marked.wrong) : undefined
  const story = tellStory(trace, { ...marked, kept: [...marked.marks.keys()], ...(seeds ? { seeds } : {}) })
  return { ...marked, story }
}

/** A run as it is told to people, and where in that what is wrong shows. */
export const asTold = (
  run: Trace,
  broken: Wrong | undefined,
): { readonly trace: Trace; readonly wrong: Wrong | undefined } =>
  run.told ? { trace: run.told, wrong: broken && wrongAsTold(run.told, broken) } : { trace: run, wrong: broken }

const wrongAsTold = (told: Trace, wrong: Wrong): Wrong => {
  if (wrong.what === 'deadlock') return wrong
  // A claim breaks where something changed.
  const isAbout = ({ before, after }: TraceStep): boolean => wrong.what === 'finding' || changed(before, after)
  const last = told.steps.findLast(({ of = 0 }) => of <= wrong.at)
  const within = told.steps.filter(({ of }) => of === last?.of)
  const breaking = wrong.what === 'property' ? within.find(({ breaks }) => breaks?.includes(wrong.name)) : undefined
  const at = (breaking ?? within.findLast(isAbout) ?? last)?.number ?? 0
  const { loopsFrom } = wrong.what === 'property' ? wrong : {}
  const round = loopsFrom && told.steps.find(({ of = 0 }) => of >= loopsFrom)?.number
  if (wrong.what === 'property') return { ...wrong, at, ...(round && { loopsFrom: round }) }
  return wrongIn(told, wrong.finding.title) ?? { ...wrong, at }
}

/** One run: its story in lanes, and the splat if something is wrong with it. */
export const tellRun = (
  run: Trace,
  page: Page,
  { wrong: brokenInRun, list = false, all = false, intro, of, allBy = '--all' }: RunOptions,
): string[] => {
  const { trace, wrong: broken } = asTold(run, brokenInRun)
  const { wrong, marks, story, gap } = retold(trace, broken)
  const essential = [
    ...[...marks.keys()].flatMap((n) => trace.steps[n - 1]?.to ?? []),
    ...trace.waiting.map(({ at }) => at),
  ]
  const hidden = story.unrelated === 0 ? '' : `, ${counted(story.unrelated, 'unrelated step')} hidden`
  return [
    ...indented(page, `${intro} (${counted(story.steps, 'step')}${hidden}):`, '  '),
    '',
    ...drawLanes(all ? story : capped(story, mostRows, [...marks.keys()]), page, {
      marks,
      essential,
      list,
      gap,
      allBy,
      all,
    }),
    ...(wrong ? ['', ...splat(trace, wrong, page, of)] : []),
  ]
}

export const resultOf = (property: PropertyReport, report: Report): string => {
  const { verdict, kind, depth, vacuous } = property
  if (vacuous && verdict === 'holds') return 'never put to the test'
  switch (verdict) {
    case 'holds':
      if (property.of === 'steps') return 'every step'
      return kind === 'eventually' ? 'every path' : sizeOf(report)
    case 'violated':
      return depth === undefined
        ? 'violated'
        : property.loopsFrom === undefined
          ? `depth ${depth}`
          : `round from ${property.loopsFrom} on`
    case 'seen':
      return depth === undefined ? 'seen' : depth === 0 ? 'seen at the start' : `seen after ${counted(depth, 'step')}`
    case 'unseen':
      return report.exhaustive ? 'in no reachable state' : 'not seen so far'
    case 'undecided':
      return undecidedWords(property, report)
  }
}

/** Why is said once, in the first line. */
const undecidedWords = ({ kind }: PropertyReport, report: Report): string => {
  const upTo = upToWords(report)
  if (kind === 'eventually' || upTo === undefined) return kind === 'sometimes' ? 'not seen so far' : 'undecided'
  return kind === 'sometimes' ? `not seen up to ${upTo}` : `holds up to ${upTo}`
}

export const signOf = (
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

const hintsOf = ({ report, inTest }: Subject, issues: readonly Issue[], all: boolean): readonly string[] => {
  const hints: string[] = []
  if (issues.length > 1 && !all && !inTest) hints.push(`\`--all\` tells all ${issues.length} in full.`)
  const vacuous = report.properties.find((p) => p.vacuous && p.verdict === 'holds')
  if (vacuous) hints.push(`"${vacuous.name}" holds for want of trying: the situation it speaks of never came up.`)
  if (inTest) return hints
  if (issues.length > 0 && issues.every(({ judged }) => judged?.verdict === 'refuted'))
    hints.push('no run hangs so: `--inversions confirmed` lets only those orders count that one does.')
  const { stopped } = report
  if (overall(report) === 'undecided' && stopped?.by === 'states')
    hints.push('to decide, allow more: `--states`, or tell it with fewer `--tasks`.')
  if (overall(report) === 'undecided' && stopped?.by === 'memory')
    hints.push('to decide, give it more memory, or tell it with fewer `--tasks`.')
  if (overall(report) === 'undecided' && stopped?.by === 'depth') hints.push('to decide, allow longer runs: `--depth`.')
  if (overall(report) === 'undecided' && (stopped?.by === 'preemptions' || stopped?.by === 'delays'))
    hints.push(`to decide, allow more: leave out \`--${stopped.by}\`.`)
  if (overall(report) === 'undecided' && stopped?.by === 'runs') hints.push('to decide, allow more: `--runs`.')
  if (overall(report) === 'undecided' && stopped?.by === 'endless')
    hints.push('to decide, search what stores states: leave out `--strategy`.')
  if (overall(report) === 'undecided' && stopped?.by === 'ms') hints.push('to decide, allow more time: `--ms`.')
  if (overall(report) === 'undecided' && report.sampled && !stopped)
    hints.push('only `--strategy breadth` can show that nothing is wrong.')
  return hints.slice(0, 2)
}

/** A run worth looking at when nothing is wrong. */
const showCommand = ({ scenario, choices, byDefault = {}, report, inTest }: Subject): string | undefined => {
  if (inTest) return undefined
  const seen = report.properties.find(({ verdict, depth = 0 }) => verdict === 'seen' && depth > 0)
  // A search that was not complete may end elsewhere the next time.
  if (seen === undefined || !report.exhaustive) return undefined
  const own = Object.fromEntries(Object.entries(choices).filter(([name, value]) => value !== byDefault[name]))
  return `npx relock show ${shellWord(printSubject(scenario, own))} ${shellWord(seen.name)}`
}

export const addressOf = ({ scenario, choices, report }: Subject, schedule: Schedule): string =>
  printAddress({ scenario, choices, fingerprint: report.fingerprint, schedule })

export const replayCommand = (subject: Subject, schedule: Schedule): string =>
  subject.inTest?.(schedule) ?? `npx relock replay ${shellWord(addressOf(subject, schedule))}`

const introOf = ({ shortest, needs, property, kind, title }: Issue, { strategy }: Report): string => {
  const does = property === undefined ? 'shows it' : kind === 'never' ? `never comes to "${title}"` : 'breaks it'
  if (needs !== undefined) {
    const one = counted(needs, strategy.replace(/s$/, ''))
    return `A run that ${does}, with ${one}${needs === 0 ? '' : '; with fewer none does'}`
  }
  return shortest ? `The shortest run that ${does}` : `A run that ${does}; there may be shorter ones`
}

/** Where to see those edges of an order of locks that this run does not show. */
const otherRuns = ({ report }: Subject, wrong: Wrong): readonly Schedule[] => {
  if (wrong.what !== 'finding' || wrong.elsewhere === undefined) return []
  const own = report.findings.find(({ title }) => title === wrong.finding.title)
  const schedules = new Set(wrong.elsewhere.map(({ schedule }) => schedule))
  return [...schedules].flatMap((each) => (each === undefined || each === own?.schedule ? [] : [each]))
}

const inTestAll = '`all: true`'

const inFull = (
  subject: Subject,
  issue: Issue,
  page: Page,
  { list = false, all = false, saved }: TextOptions,
): string[] => {
  const trace = subject.traceOf(issue.schedule)
  const wrong = wrongOf(subject, issue, trace)
  const of = printSubject(subject.scenario, subject.choices)
  const address = command(page, 'Replay', replayCommand(subject, issue.schedule))
  const isLong = !all && saved?.run !== undefined && address.length > longestAddress
  return [
    ...tellRun(trace, page, {
      wrong,
      list,
      all,
      intro: introOf(issue, subject.report),
      of,
      ...(subject.inTest && { allBy: inTestAll }),
    }),
    '',
    ...(issue.judged ? indented(page, `Judged   ${judgedWords(issue.judged)}`, '  ') : []),
    ...(isLong ? command(page, 'Replay', `npx relock replay ${shellWord(saved.run)}`) : address),
    ...otherRuns(subject, wrong).flatMap((schedule) => command(page, 'Other', replayCommand(subject, schedule))),
    ...(issue.judged?.verdict === 'confirmed'
      ? command(page, 'Deadlock', replayCommand(subject, issue.judged.schedule))
      : []),
  ]
}

const inShort = (subject: Subject, issue: Issue, page: Page, sign = page.glyphs.no): string[] => {
  const who = issue.who.length === 0 ? '' : ` · ${listed(issue.who)}`
  const judged = issue.judged ? ` · ${issue.judged.verdict}` : ''
  const text = `${sign} ${titleOf(issue.kind, issue.title)} · depth ${issue.depth}${who}${judged}`
  return [...indented(page, text, '  '), ...command(page, '  Replay', replayCommand(subject, issue.schedule))]
}

/** A scenario with many choices, broken behind commas; all lines but the first are indented. */
const inChoices = (subject: string, width: number): string[] => {
  const lines: string[] = []
  for (const part of subject.split(/(?<=,)/)) {
    const last = lines.at(-1)
    const room = width - (lines.length > 1 ? 4 : 0)
    if (last !== undefined && last.length + part.length <= room) lines.splice(-1, 1, last + part)
    else lines.push(part)
  }
  return lines.flatMap((l, i) => (i === 0 ? wrap(l, width, '    ') : wrap(l, width - 4).map((part) => `    ${part}`)))
}

const overallRole = { holds: 'good', violated: 'bad', undecided: 'unsure' } as const

/** The first line: what was looked at, what came out, and how much was searched. */
export const verdictLines = ({ scenario, choices, report }: Subject, page: Page): string[] => {
  const verdict = overall(report)
  const line = `${glyphOf(verdict, page.glyphs)} ${printSubject(scenario, choices)}   ${verdictWords(report)}`
  // Broken between facts, not inside them; only the first line has the whole width.
  const lines: string[] = []
  for (const fact of line.split(' · ')) {
    const whole = lines.length === 0 ? fact : `${lines.at(-1)} · ${fact}`
    const room = page.columns - (lines.length < 2 ? 0 : 4)
    if (lines.length > 0 && whole.length > room) lines.push(fact)
    else lines.splice(-1, 1, whole)
  }
  const [head = '', ...more] = lines
  // Both halves of a long first line stay whole, if they can.
  const halves = head.length <= page.columns ? [head] : head.split(/ {3}/)
  const [first = '', ...rest] = [...halves, ...more].flatMap((l, i) =>
    i === 0
      ? inChoices(legible(page, l), page.columns)
      : wrap(legible(page, l), page.columns - 4).map((part) => `    ${part}`),
  )
  return [page.paint(overallRole[verdict], first), ...rest]
}

const few = (what: string, all: readonly string[]): readonly string[] => {
  const more = all.length > 3 ? ` and ${all.length - 3} more` : ''
  return all.length === 0 ? [] : [`${what}: ${all.slice(0, 3).join(', ')}${more}.`]
}

/** What an order has left out. */
const orderLines = ({ first, second, came, cut, unmet }: OrderReport, exhaustive: boolean): readonly string[] => [
  `Only runs with ${first} before ${second}: of others nothing is said.`,
  ...(came
    ? []
    : [`${first} ${exhaustive ? 'never comes' : 'has not come so far'}, and so nothing that waits for it does.`]),
  ...(unmet ? [`No step that could be taken is called ${second}: nothing was held back.`] : []),
  ...(cut ? [`Runs were cut by the order: ${second} was all that could go on.`] : []),
]

const whoCountsOnce = ({ alike = [], along = [] }: Pick<Report, 'alike' | 'along'>): string => {
  const who = alike.map((names) => ` of ${listed(names)}`).join(', or')
  const theirs = [...new Set(along.flatMap(({ names }) => names.flat()))]
  const together = theirs.length > 0 ? `, with ${listed(theirs)},` : ''
  return `States that differ only in who${who}${together} is who count once.`
}

/** `1.9G`, as sizes are given. */
const size = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)}M` : `${(bytes / 2 ** 30).toFixed(1)}G`

const memoryLine = ({ within, peak, disk }: MemoryReport): string => {
  const where = disk === 0 ? 'all states had room in it' : `states took ${size(disk)} of the disk`
  return `Of ${size(within)} of memory the process took ${size(peak)} at most; ${where}.`
}

/** What is to be known of a search beside its claims. */
export const remarks = (report: Report): readonly string[] => {
  const {
    ignored,
    reduction,
    symmetry,
    apart = [],
    exhaustive,
    after,
    order = [],
    coverage = [],
    memory,
    remarks: others = [],
  } = report
  const lines: string[] = []
  const unheard = ignored.map(({ component, state, type }) => `${component} ${type} in ${state}`)
  lines.push(...few('Messages that were ignored', unheard))
  if (exhaustive) {
    lines.push(
      ...few(
        'Never entered',
        coverage.flatMap(({ unreached }) => unreached),
      ),
    )
    lines.push(
      ...few(
        'Never taken',
        coverage.flatMap(({ untaken }) => untaken),
      ),
    )
  }
  lines.push(...others)
  if (after !== undefined)
    lines.push(`Only runs that begin with the given ${counted(after.length, 'step')}: of others nothing is said.`)
  lines.push(...order.flatMap((each) => orderLines(each, exhaustive)))
  if (typeof reduction === 'object') lines.push(`Explored without reduction: ${reduction.off}.`)
  else if (reduction === 'on' && exhaustive)
    lines.push('States that differ only in the order of independent steps count once.')
  if (typeof symmetry === 'object') lines.push(`Explored without symmetry: ${symmetry.off}.`)
  else if (symmetry !== undefined) lines.push(whoCountsOnce(report))
  lines.push(...few('Symmetry ends where', apart))
  if (symmetry === 'sampled')
    lines.push('That nothing tells them apart was tried on a sample of their places: it is no proof.')
  if (memory !== undefined) lines.push(memoryLine(memory))
  return lines
}

export const tellReport = (subject: Subject, page: Page, options: TextOptions = {}): string => {
  const { all = false, saved, hints = [] } = options
  const { report } = subject
  const issues = issuesOf(report)
  const [first, ...others] = issues
  const parts: (readonly string[])[] = [
    verdictLines(subject, page),
    propertyTable(report, page),
    remarks(report).flatMap((line) => indented(page, line, '  ', 'dim')),
    shardLines(report, page, all),
  ]
  if (first !== undefined) parts.push(inFull(subject, first, page, options))
  const { saved: _, ...unsaved } = options
  if (others.length > 0 && all) parts.push(...others.map((issue) => inFull(subject, issue, page, unsaved)))
  else if (others.length > 0) parts.push([`  Also found:`, ...others.flatMap((issue) => inShort(subject, issue, page))])
  const harmless = uncounted(report)
  if (harmless.length > 0)
    parts.push([
      '  Nobody is known to be caught in these, so they do not count:',
      ...harmless.flatMap((issue) => inShort(subject, issue, page, page.glyphs.bounded)),
    ])
  const show = showCommand(subject)
  const last = [
    ...(saved === undefined ? [] : indented(page, `Saved    ${saved.said}`, '  ')),
    ...(issues.length === 0 && show !== undefined ? command(page, 'See how', show) : []),
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
    readonly all?: boolean
    readonly about?: string
    /** In a test: what is written there to make it again. */
    readonly inTest?: string
  },
): string => {
  const { address, wrong, list = false, all = false, inTest } = about
  const fine =
    trace.end === 'open' ? 'Nothing is wrong so far; it could go on from here' : 'Nothing is wrong with this run'
  const intro = about.about ?? (wrong ? 'The run' : fine)
  const of = address.slice(0, address.lastIndexOf('@'))
  const replay = command(page, 'Replay', inTest ?? `npx relock replay ${shellWord(address)}`)
  const told = tellRun(trace, page, { wrong, list, all, intro, of, ...(inTest !== undefined && { allBy: inTestAll }) })
  return `${[...told, '', ...replay].join('\n')}\n`
}
