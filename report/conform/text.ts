/** What came of comparing, as it stands in a terminal: the verdict, the counts, what disagrees, and what was not compared. */
import type { Answered, ConformReport, Failure, NotCompared } from '../../conform/report.ts'
import type { Result } from '../../conform/case.ts'
import { legible, type Page, type Role } from '../style.ts'
import { clip, count, counted, seconds, wrap } from '../words.ts'
import { contextLines } from './context.ts'
import { raceLines } from './races.ts'
import { countLines, groupsTable, groupWords, opsTable } from './tables.ts'
import { kernelWords, opWords, placeWords, resultWords } from '../../conform/words.ts'

export interface ConformTextOptions {
  /** Every disagreement in full. */
  readonly all?: boolean
  /** Counts of every operation. */
  readonly ops?: boolean
  /** Which kernel it was replayed as, where somebody asked for one, and what is known of it. */
  readonly kernel?: string
  /** Options to repeat when one case is replayed alone. */
  readonly options?: readonly string[]
}

/** Kinds told in full, and rows of the table of the others. */
const inFull = 3
const mostRows = 30

export const tellConform = (
  what: string,
  report: ConformReport,
  page: Page,
  { all = false, ops = false, kernel, options = [] }: ConformTextOptions = {},
): string => {
  const context = { all, options }
  const parts: (readonly string[])[] = [
    [...verdictLines(what, report, page), ...(kernel === undefined ? [] : indented(page, kernel, '    '))],
    countLines(report),
    ...(ops ? [opsTable(report, page)] : []),
    ...(all
      ? report.disagreements.map((each) => contextLines(each, page, context))
      : report.groups
          .slice(0, inFull)
          .map((group) => [
            ...indented(page, groupWords(group), '  ', 'bad'),
            '',
            ...contextLines(group.shortest, page, context),
          ])),
    ...(all ? [] : otherGroups(report, page)),
    ...raceLines(report.races, page, all),
    ...report.answered.map((each) => answeredLines(each, page)),
    failureLines(report.failures, page),
    noticedLines(report, page),
    notComparedLines(report, page),
    unknownLines(report, page),
    hints(report, page, { all }),
  ]
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`
}

const indented = (page: Page, text: string, indent: string, role?: Role): string[] =>
  wrap(legible(page, text), page.columns - indent.length, '  ').map((l) => indent + (role ? page.paint(role, l) : l))

const signs = { agrees: 'yes', disagrees: 'no', unsafe: 'no', undecided: 'bounded', failed: 'no' } as const
const roles = { agrees: 'good', disagrees: 'bad', unsafe: 'bad', undecided: 'unsure', failed: 'bad' } as const

const verdictLines = (what: string, report: ConformReport, page: Page): string[] => {
  const line = `${page.glyphs[signs[report.verdict]]} ${what}   ${verdictWords(report)} · ${seconds(report.seconds)}`
  const [first = '', ...rest] = wrap(legible(page, line), page.columns, '    ')
  return [page.paint(roles[report.verdict], first), ...rest]
}

const verdictWords = (report: ConformReport): string => {
  const { verdict, cases, ops, failures, stopped } = report
  const looked = counted(cases.all, 'case')
  const stop = stopped ? ` · stopped by you, ${counted(stopped.waiting, 'case')} still waiting` : ''
  const others = cases.disagreed - failures.length
  // There may be races only.
  const ofOps = (some: number): string => (ops.all === 0 ? '' : ` · ${count(some)} of ${counted(ops.all, 'op')}`)
  const agreeing = `${counted(cases.agreed, 'case')} ${cases.agreed === 1 ? 'agrees' : 'agree'}, ${cases.notCompared === 0 ? 'all of them' : 'all that can be compared'}${ops.all === 0 ? '' : ` · ${counted(ops.agreed, 'op')}`}`
  switch (verdict) {
    case 'agrees':
      return agreeing
    case 'unsafe':
      return `${unsafeWords(report)}${cases.agreed === 0 ? '' : ` · ${agreeing}`}${stop}`
    case 'disagrees':
      return `${count(cases.disagreed)} of ${looked} ${cases.disagreed === 1 ? 'disagrees' : 'disagree'}${ofOps(ops.disagreed)}${stop}`
    case 'failed':
      return `relock failed in ${count(failures.length)} of ${looked}${others > 0 ? `, ${count(others)} more ${others === 1 ? 'disagrees' : 'disagree'}` : ''}${stop}`
    case 'undecided':
      return stopped
        ? `nothing disagrees so far · ${looked} replayed${stop}`
        : cases.agreed === 0
          ? `nothing to compare with in ${looked}`
          : 'nothing disagrees; not every race was searched to the end'
  }
}

/** What goes wrong, by the kernel's words for it, and in how many cases. */
const unsafeWords = ({ races, noticed }: ConformReport): string => {
  const bad = races.filter(({ findings }) => findings.length > 0)
  const inCases = new Set(noticed.map(({ of: { file, name } }) => `${file} ${name}`)).size
  return [
    ...(bad.length > 0 ? [`${counted(bad.length, 'race')} may end badly`] : []),
    ...(inCases > 0 ? [`in ${counted(inCases, 'case')} something goes wrong`] : []),
  ].join(' · ')
}

const otherGroups = ({ groups }: ConformReport, page: Page): (readonly string[])[] => {
  const others = groups.slice(inFull)
  if (others.length === 0) return []
  const more = others.length - mostRows
  return [
    [
      '  Also:',
      ...groupsTable(others.slice(0, mostRows), page),
      ...(more > 0 ? [`  and ${counted(more, 'more kind')}: \`--all\``] : []),
    ],
  ]
}

/** What another IOMMU has changed stands apart. */
const answerWords = (result: Result, isNotRecorded: boolean): string =>
  `${resultWords(result)}${isNotRecorded ? ' · not recorded' : ''}`

/** What relock says where nobody said what to expect: worth reading, and a start for expectations. */
const answeredLines = ({ of, ops, results, notRecorded = [], expected = [] }: Answered, page: Page): string[] => [
  ...indented(
    page,
    `${placeWords(of)} · ${kernelWords(of)} · ${expected.length === 0 ? 'no results' : 'some results missing'}; relock says:`,
    '  ',
  ),
  '',
  ...ops.flatMap((op, index) =>
    expected[index]
      ? []
      : [
          ...wrap(legible(page, opWords(op)), page.columns - 7, '  ').map(
            (line, i) => `${i === 0 ? `${index}`.padStart(5) : '     '}  ${line}`,
          ),
          ...wrap(legible(page, answerWords(results[index]!, notRecorded.includes(index))), page.columns - 10).map(
            (line, i) =>
              `       ${i === 0 ? page.glyphs.arrow : ' '.repeat(page.glyphs.arrow.length)} ${page.paint('strong', line)}`,
          ),
        ],
  ),
]

const grouped = <T>(all: readonly T[], nameOf: (each: T) => string): ReadonlyMap<string, readonly T[]> => {
  const names = new Map<string, T[]>()
  for (const each of all) names.set(nameOf(each), [...(names.get(nameOf(each)) ?? []), each])
  return names
}

/** The same fault mostly stops many cases. */
const failureLines = (failures: readonly Failure[], page: Page): string[] => {
  const byText = grouped(failures, ({ error }) => clip(error.message.split('\n')[0]!, 160, page.glyphs.more))
  return [...byText]
    .slice(0, 5)
    .flatMap(([text, same], nth) => [
      ...(nth === 0
        ? indented(page, 'relock itself failed; this is a fault in relock, not in the cases:', '  ', 'bad')
        : []),
      ...indented(page, `${counted(same.length, 'time')}, first in ${placeWords(same[0]!.of)}: ${text}`, '    '),
      ...stackOf(same[0]!.error).flatMap((line) => indented(page, line, '      ', 'dim')),
    ])
}

const stackOf = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .slice(0, 3)
    .map((line) => line.trim())

/** A recording says nothing of these, so they are no disagreement; but nothing like it should happen unnoticed. */
const noticedLines = ({ noticed }: ConformReport, page: Page): string[] => {
  const byTitle = grouped(noticed, ({ title }) => title)
  return [...byTitle].flatMap(([title, same], nth) => [
    ...(nth === 0 ? ['  Found on the way:'] : []),
    ...indented(page, `${counted(same.length, 'time')}, first in ${placeWords(same[0]!.of)}: ${title}`, '    '),
  ])
}

const notComparedLines = ({ notCompared }: ConformReport, page: Page): string[] => {
  if (notCompared.length === 0) return []
  const rows = [...notCompared.filter(({ field }) => field !== undefined), ...wholeOps(notCompared)]
  const width = Math.max(...rows.map(({ times }) => count(times).length))
  const names = rows.map(({ op, field }) => (field === undefined ? op : `${op} ${field}`))
  const longest = Math.max(...names.map((name) => name.length))
  const margin = ' '.repeat(4 + width + 2 + longest + 2)
  return [
    '  Not compared:',
    ...rows.flatMap(({ reason, times }, i) =>
      wrap(legible(page, reason), page.columns - margin.length).map((line, nth) =>
        nth === 0 ? `    ${count(times).padStart(width)}  ${names[i]!.padEnd(longest)}  ${line}` : margin + line,
      ),
    ),
  ]
}

/** Cases that were not replayed, by the operation that is not known. */
const unknownLines = ({ unknown }: ConformReport, page: Page): string[] => {
  const byOp = [...grouped(unknown, ({ op }) => op)].toSorted(([, one], [, other]) => other.length - one.length)
  return byOp.flatMap(([op, same], nth) => {
    const { of, index, meant } = same[0]!
    const guess = meant === undefined ? '' : `; did you mean ${meant}?`
    return [
      ...(nth === 0 ? ['  Not replayed, for an operation that relock does not know:'] : []),
      ...indented(
        page,
        `${op}: ${counted(same.length, 'case')}, first ${placeWords(of)} · op ${index}${guess}`,
        '    ',
      ),
    ]
  })
}

/** Whole operations for the same reason are one line, whichever they are. */
const wholeOps = (notCompared: readonly NotCompared[]): readonly NotCompared[] => {
  const whole = grouped(
    notCompared.filter(({ field }) => field === undefined),
    ({ reason }) => reason,
  )
  return [...whole].map(([reason, same]) => ({
    op: 'ops',
    reason,
    times: same.reduce((all, { times }) => all + times, 0),
  }))
}

const hints = (
  { groups, answered, races, disagreements }: ConformReport,
  page: Page,
  { all }: { readonly all: boolean },
): string[] => {
  const isShortened = !all && disagreements.length > Math.min(inFull, groups.length)
  return [
    ...(isShortened ? [`\`--all\` tells all ${count(disagreements.length)} in full.`] : []),
    ...(answered.length > 0 ? ['`--json` has the answers as `results`, to be put into the case.'] : []),
    ...(races.some(({ reps }) => reps === undefined)
      ? ['`--json` has the possible outcomes with all their `results`, to be compared with those of a kernel.']
      : []),
  ].flatMap((hint) => indented(page, `Hint: ${hint}`, '  '))
}
