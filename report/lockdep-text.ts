/** The whole order of locks, of a scenario or of one run: every edge, and each inversion in lockdep's words. */
import type { Acquisition, Inversion, Lockdep, OrderEdge, WrongContext } from '../explore/locks/lockdep.ts'
import type { Inversions, Report, Schedule } from '../explore/outcome/report.ts'
import type { Trace } from '../explore/runs/trace.ts'
import { command, shellWord } from './text.ts'
import { judgedWords } from './judged.ts'
import { wrongContextLines } from './lockdep-irqs.ts'
import { graphLines, inversionLines, releaseOf } from './lockdep.ts'
import { deadlockLines } from './locks.ts'
import { framed, titleOf } from './splat.ts'
import { legible, type Page } from './style.ts'
import { glyphOf, incomplete, type Overall } from './verdict.ts'
import { counted, wrap } from './words.ts'

export interface LockdepSubject {
  /** What was looked at: a scenario with its choices, or the address of a run. */
  readonly of: string
  readonly fingerprint: string
  readonly order: Lockdep
  /** Undefined: one run was looked at, and all of it. */
  readonly report?: Report
  readonly addressOf: (schedule: Schedule) => string
  readonly traceOf: (schedule: Schedule) => Trace
  /** Which inversions count (default: all). */
  readonly inversions?: Inversions
}

/** What is no violation may still be one, where not every order was looked at. */
export const lockdepVerdict = ({ order, report, inversions = 'all' }: LockdepSubject): Overall => {
  const verdicts = order.inversions.map(({ judged }) => judged.verdict)
  if (order.contexts.length > 0) return 'violated'
  if (inversions === 'all' ? verdicts.length > 0 : verdicts.includes('confirmed')) return 'violated'
  return verdicts.includes('open') || report?.exhaustive === false ? 'undecided' : 'holds'
}

/** `2 inversions, 1 confirmed, 1 refuted`; of one, and of all that came to the same, no number is needed. */
const inversionWords = ({ inversions }: Lockdep): string => {
  const told = (['confirmed', 'refuted', 'open'] as const).flatMap((verdict) => {
    const many = inversions.filter(({ judged }) => judged.verdict === verdict).length
    return many === 0 ? [] : [many === inversions.length ? verdict : `${many} ${verdict}`]
  })
  return [counted(inversions.length, 'inversion'), ...told].join(', ')
}

const searched = ({ report }: LockdepSubject): string =>
  report === undefined ? 'one run' : (incomplete(report) ?? `${counted(report.states, 'state')}, all of them`)

/** What makes an address of a subject: its fingerprint and its schedule. */
const ofRun = /@(\w+):[\dx.]*$/

const verdictLine = (subject: LockdepSubject, page: Page): string[] => {
  const { of, order, report } = subject
  const { inversions } = order
  const edges = [...order.edges, ...order.nested]
  const classes = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const found = inversionWords(order)
  const none = report === undefined || report.exhaustive ? 'no inversion' : 'no inversion so far'
  const contexts = order.contexts.length === 0 ? [] : [counted(order.contexts.length, 'invalid wait context')]
  const told = [...(inversions.length > 0 ? [found] : contexts.length > 0 ? [] : [none]), ...contexts].join(' · ')
  const size = `${counted(classes.size, 'class', 'classes')}, ${counted(edges.length, 'edge')}`
  const verdict = lockdepVerdict(subject)
  // An address can be of any length; the run is named in full below.
  const name = of.replace(ofRun, '@$1')
  const lines = [`${glyphOf(verdict, page.glyphs)} ${name}`]
  // Broken between facts, if it must be.
  for (const [fact, before] of [
    [told, '   '],
    [size, ' · '],
    [searched(subject), ' · '],
  ] as const) {
    const whole = `${lines.at(-1)}${before}${fact}`
    if (whole.length > page.columns - (lines.length > 1 ? 4 : 0)) lines.push(fact)
    else lines.splice(-1, 1, whole)
  }
  const [first = '', ...rest] = lines.flatMap((line, at) => {
    const indent = at === 0 ? '' : '    '
    return wrap(legible(page, line), page.columns - indent.length, '    ').map((each) => indent + each)
  })
  return [page.paint(verdict === 'holds' ? 'good' : verdict === 'violated' ? 'bad' : 'unsure', first), ...rest]
}

const inversionText = (inversion: Inversion, subject: LockdepSubject, page: Page): string[] => {
  const { order, of, fingerprint, addressOf, traceOf } = subject
  const { finding, edges, closing, judged } = inversion
  const name = of.replace(ofRun, '')
  const own = closing.schedule
  const others = new Set(
    edges.flatMap(({ schedule }) => (schedule === undefined || schedule === own ? [] : [schedule])),
  )
  const replay = (label: string, schedule: Schedule): string[] =>
    command(page, label, `npx relock replay ${shellWord(addressOf(schedule))}`)
  const title = `BUG: relock: ${titleOf(finding.kind, finding.title)}`
  return [
    ...framed([title, '', ...inversionLines(inversion, order, releaseOf(name, fingerprint))], page),
    '',
    ...wrap(legible(page, `Judged   ${judgedWords(judged)}`), page.columns - 2, '  ').map((line) => `  ${line}`),
    ...(judged.verdict === 'confirmed' ? waitLines(traceOf(judged.schedule), page) : []),
    ...(own ? replay('Replay', own) : []),
    ...[...others].flatMap((schedule) => replay('Other', schedule)),
    ...(judged.verdict === 'confirmed' ? replay('Deadlock', judged.schedule) : []),
  ]
}

const contextText = (wrong: WrongContext, subject: LockdepSubject, page: Page): string[] => {
  const { order, of, fingerprint, addressOf } = subject
  const { finding, edge } = wrong
  const title = `BUG: relock: ${titleOf(finding.kind, finding.title)}`
  const lines = wrongContextLines(wrong, releaseOf(of.replace(ofRun, ''), fingerprint), order)
  const { schedule } = edge
  return [
    ...framed([title, '', ...lines], page),
    ...(schedule ? ['', ...command(page, 'Replay', `npx relock replay ${shellWord(addressOf(schedule))}`)] : []),
  ]
}

/** Who waits for whom at the end of a run, set off; where somebody else goes on, the run itself has to be looked at. */
const waitLines = (trace: Trace, page: Page): string[] => {
  const lines = trace.end === 'deadlock' ? deadlockLines(trace, page) : []
  return lines.length === 0 ? [] : ['', ...lines.flatMap((line) => fitting(line, page)), '']
}

/** Two columns in, and as wide as the page. */
const fitting = (line: string, page: Page): string[] => {
  const indent = `  ${/^ */.exec(line)![0]}`
  if (line === '') return ['']
  return wrap(legible(page, line).trimStart(), page.columns - indent.length, '      ').map((each) => indent + each)
}

export const tellLockdep = (subject: LockdepSubject, page: Page): string => {
  const graph = graphLines(subject.order, page)
  const lines = graph.length > 0 ? graph : ['No lock was asked for while another was held.']
  const told = lines.flatMap((line) => fitting(line, page))
  const parts = [
    verdictLine(subject, page),
    told,
    ...subject.order.inversions.map((inversion) => inversionText(inversion, subject, page)),
    ...subject.order.contexts.map((wrong) => contextText(wrong, subject, page)),
  ]
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`
}

const acquisition = ({ thread, lock, type, sent, heard, taken, exclusive, stack }: Acquisition): object => ({
  thread,
  lock,
  type,
  sent,
  heard,
  taken,
  exclusive,
  stack,
})

export const lockdepDocument = (subject: LockdepSubject): object => {
  const { of, fingerprint, order, report, addressOf } = subject
  const edge = ({ from, to, held, asked, rule, schedule }: OrderEdge): object => ({
    from,
    to,
    rule,
    held: acquisition(held),
    asked: acquisition(asked),
    address: schedule && addressOf(schedule),
  })
  return {
    version: 1,
    of,
    fingerprint,
    verdict: lockdepVerdict(subject),
    exhaustive: report?.exhaustive,
    counted: subject.inversions ?? 'all',
    classes: order.classes,
    edges: order.edges.map(edge),
    nested: order.nested.map(edge),
    inversions: order.inversions.map(({ finding, edges, closing, judged }) => ({
      title: finding.title,
      judged: judged.verdict,
      deadlock: judged.verdict === 'confirmed' ? addressOf(judged.schedule) : undefined,
      cycle: finding.cycle,
      edges: edges.map(edge),
      closing: { from: closing.from, to: closing.to },
      others: closing.others.map(acquisition),
    })),
    contexts: order.contexts.map(({ finding, edge: each }) => ({ title: finding.title, edge: edge(each) })),
  }
}
