/** The same story under every protocol, side by side. */
import Table from 'cli-table3'
import type { Report } from '../explore/outcome/report.ts'
import { legible, type Page } from './style.ts'
import { count, wrap } from './words.ts'
import { glyphOf, incomplete, overall, type Overall } from './verdict.ts'
import { judgedKind } from './judged.ts'
import { issuesOf, shortestOf, uncounted } from './issues.ts'
import { verdictWithout, type Unreported } from './unreported.ts'

export interface Compared extends Partial<Unreported> {
  readonly protocol: string
  /** Nothing, if it was not searched; `missing` says why. */
  readonly report?: Report
  /** A line on what it stands for, or what it shows. */
  readonly line?: string
}

export const asciiBorders = {
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  'left-mid': '+',
  mid: '-',
  'mid-mid': '+',
  right: '|',
  'right-mid': '+',
  middle: '|',
} as const

const unseenIn = (report: Report): string | undefined =>
  report.properties.find(({ verdict }) => verdict === 'unseen')?.name

/** Kernel words, each once, the gravest first: `use-after-free, deadlock`. */
export const kindsOf = (report: Report): readonly string[] => {
  const kinds = [...issuesOf(report), ...uncounted(report)].map(({ kind, judged }) =>
    kind === 'violated' || kind === 'never' ? 'property' : judgedKind(kind, judged),
  )
  return kinds.length === 0 && unseenIn(report) !== undefined ? ['unseen'] : [...new Set(kinds)]
}

/** What a protocol says in one sentence when nobody wrote one. */
const defaultLine = (report: Report): string => {
  const [first] = issuesOf(report)
  if (first !== undefined) return first.title
  const unseen = unseenIn(report)
  if (unseen !== undefined) return `never seen: ${unseen}`
  return incomplete(report) ?? 'nothing wrong is found in any order'
}

/** Verdict, findings, the shortest run and states. */
const cellsOf = ({ report, soFar }: Compared, page: Page): readonly string[] => {
  const { range, unknown } = page.glyphs
  const said = (verdict: Overall): string => `${glyphOf(verdict, page.glyphs)} ${verdict}`
  const words = (kinds: readonly string[]): string => legible(page, kinds.join(', ')) || range
  if (report) {
    const steps = shortestOf(report)
    return [
      said(overall(report)),
      words(kindsOf(report)),
      steps === undefined ? range : `${steps} steps`,
      count(report.states) + (report.exhaustive ? '' : '+'),
    ]
  }
  if (!soFar) return [`${unknown} open`, range, range, range]
  const kinds = new Set(soFar.findings.map((finding) => finding.split(' ')[0]!))
  return [said(verdictWithout({ soFar })), words([...kinds]), range, `${count(soFar.states)}+`]
}

/** `head` is what the rows are told apart by. */
export const compareTable = (
  scenario: string,
  rows: readonly Compared[],
  page: Page,
  head: string = 'protocol',
): string => {
  // 80 columns are enough for the table however wide the page is.
  const total = Math.min(80, page.columns)
  const labels = rows.map(({ protocol }) => legible(page, protocol))
  const labelWidth = Math.max(8, head.length, ...labels.map((label) => label.length)) + 2
  // In the table a long one is broken between words: `device-notifier` above `repaired`.
  const longestWord = Math.max(...[head, ...labels].flatMap((label) => label.split(' ')).map((word) => word.length))
  const protocolWidth = Math.max(Math.min(labelWidth, 22), longestWord + 2)
  const fixed = [13, 11, 11]
  const findings = Math.max(12, total - 6 - protocolWidth - fixed.reduce((a, b) => a + b))
  const table = new Table({
    head: [head, 'verdict', 'findings', 'shortest', 'states'],
    colWidths: [protocolWidth, fixed[0]!, findings, fixed[1]!, fixed[2]!],
    colAligns: ['left', 'left', 'left', 'right', 'right'],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
    truncate: page.glyphs.more,
    ...(page.ascii ? { chars: asciiBorders } : {}),
  })
  for (const row of rows) table.push([legible(page, row.protocol), ...cellsOf(row, page)])
  const lines = rows.flatMap(({ protocol, report, missing, line }) =>
    wrap(
      `${legible(page, protocol).padEnd(labelWidth)}${legible(page, line ?? (report ? defaultLine(report) : (missing ?? '')))}`,
      total - 2,
      ' '.repeat(labelWidth),
    ).map((l) => `  ${l}`),
  )
  const partial = rows.some(({ report, soFar }) => (report ? !report.exhaustive : soFar))
    ? ['  +  more states are there; the search was not complete', '']
    : []
  return [page.paint('strong', legible(page, scenario)), '', table.toString(), '', ...partial, ...lines, ''].join('\n')
}
