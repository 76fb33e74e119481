/** The whole order of locks, of a scenario or of one run: every edge, and each inversion in lockdep's words. */
import type { Acquisition, Inversion, Lockdep, OrderEdge } from '../explore/lockdep.ts'
import type { Report, Schedule } from '../explore/report.ts'
import { command, shellWord } from './text.ts'
import { graphLines, inversionLines, releaseOf } from './lockdep.ts'
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
}

export const lockdepVerdict = ({ order, report }: LockdepSubject): Overall =>
  order.inversions.length > 0 ? 'violated' : report === undefined || report.exhaustive ? 'holds' : 'undecided'

const searched = ({ report }: LockdepSubject): string =>
  report === undefined ? 'one run' : (incomplete(report) ?? `${counted(report.states, 'state')}, all of them`)

const verdictLine = (subject: LockdepSubject, page: Page): string[] => {
  const { of, order, report } = subject
  const { inversions } = order
  const edges = [...order.edges, ...order.nested]
  const classes = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const found = counted(inversions.length, 'inversion')
  const told =
    inversions.length > 0 ? found : report === undefined || report.exhaustive ? 'no inversion' : 'no inversion so far'
  const size = `${counted(classes.size, 'class', 'classes')}, ${counted(edges.length, 'edge')}`
  const verdict = lockdepVerdict(subject)
  // An address can be of any length; the run is named in full below.
  const name = of.includes('@') ? of.slice(0, of.indexOf('@') + 5) : of
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
  const { order, of, fingerprint, addressOf } = subject
  const { finding, edges, closing } = inversion
  const name = of.includes('@') ? of.slice(0, of.indexOf('@')) : of
  const own = closing.schedule
  const others = new Set(
    edges.flatMap(({ schedule }) => (schedule === undefined || schedule === own ? [] : [schedule])),
  )
  const replay = (label: string, schedule: Schedule): string[] =>
    command(page, label, `npx relock replay ${shellWord(addressOf(schedule))}`)
  const title = `BUG: relock: ${titleOf(finding.kind, finding.title)}`
  return [
    ...framed([title, '', ...inversionLines(inversion, order, releaseOf(name, fingerprint))], page),
    ...(own ? ['', ...replay('Replay', own)] : []),
    ...[...others].flatMap((schedule) => replay('Other', schedule)),
  ]
}

export const tellLockdep = (subject: LockdepSubject, page: Page): string => {
  const graph = graphLines(subject.order, page)
  const lines = graph.length > 0 ? graph : ['No lock was asked for while another was held.']
  const told = lines.flatMap((line) => {
    const indent = `  ${/^ */.exec(line)![0]}`
    return line === ''
      ? ['']
      : wrap(legible(page, line).trimStart(), page.columns - indent.length, '      ').map((each) => indent + each)
  })
  const parts = [
    verdictLine(subject, page),
    told,
    ...subject.order.inversions.map((inversion) => inversionText(inversion, subject, page)),
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
    classes: order.classes,
    edges: order.edges.map(edge),
    nested: order.nested.map(edge),
    inversions: order.inversions.map(({ finding, edges, closing }) => ({
      title: finding.title,
      cycle: finding.cycle,
      edges: edges.map(edge),
      closing: { from: closing.from, to: closing.to },
      others: closing.others.map(acquisition),
    })),
  }
}
