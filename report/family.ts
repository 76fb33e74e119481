/** The table of a family: what is claimed, under each protocol, over all the stories that tell of it; and a run behind each cell that fails. */
import Table from 'cli-table3'
import type { PropertyReport, Report, Schedule } from '../explore/outcome/report.ts'
import { isViolation } from '../explore/claims/violations.ts'
import { printAddress, printSubject, type Chosen } from './address.ts'
import { asciiBorders } from './compare.ts'
import { judgedKind } from './judged.ts'
import { legible, type Glyphs, type Page, type Role } from './style.ts'
import { command, shellWord } from './text.ts'
import { verdictWithout, type Unreported } from './unreported.ts'
import { count, counted, listed, wrap } from './words.ts'
import { findsShortest } from './issues.ts'
import { overall, type Overall } from './verdict.ts'

/** One search of the table. */
export interface Searched extends Partial<Unreported> {
  readonly scenario: string
  /** The protocol, or whatever stands above the columns. */
  readonly column: string
  readonly choices: Chosen
  /** What is claimed, as the scenario says it. */
  readonly properties: readonly Pick<PropertyReport, 'name' | 'kind'>[]
  /** Nothing, if it was not searched to an end. */
  readonly report?: Report
}

/** `untold`: no story of this protocol makes this claim, or what it is about never came up. */
export type Outcome = 'holds' | 'violated' | 'undecided' | 'unsearched' | 'untold'

/** What one story says of one claim. */
export interface Said {
  readonly of: Searched
  readonly outcome: Outcome
  /** What was found, in the words it was found in; the claim's own when it is that which is broken. */
  readonly title?: string
  readonly schedule?: Schedule
  readonly depth?: number
  readonly shortest?: boolean
}

export interface Cell {
  readonly column: string
  readonly outcome: Outcome
  readonly said: readonly Said[]
}

export interface Row {
  readonly name: string
  readonly kind: PropertyReport['kind'] | 'finding'
  readonly cells: readonly Cell[]
}

export interface FamilyReport {
  readonly family: string
  /** What was asked for. */
  readonly asked: Chosen
  readonly columns: readonly string[]
  readonly searches: readonly Searched[]
  /** Kinds of findings that have a row even where nobody finds one. */
  readonly kinds: readonly string[]
}

/** What the checker looks for in every story has a row in every table. */
const everywhere = ['use-after-free', 'deadlock', 'lock-order']

/** Kinds of findings as claims, the gravest first; any other stands behind them. */
const claims: Readonly<Record<string, string>> = {
  'use-after-free': 'no use-after-free',
  'double-free': 'no double free',
  'double-unregister': 'no double unregister',
  bug: 'no BUG',
  warn: 'no WARNING',
  refcount: 'no reference is miscounted',
  leak: 'no leak',
  'stale-mapping': 'no stale mapping',
  'lost-notification': 'no lost notification',
  'wrong-result': 'no wrong result',
  deadlock: 'no deadlock',
  livelock: 'no livelock',
  'lock-order': 'no lock-order inversion',
  'wait-context': 'no invalid wait context',
}

/** A finding that is a claim of the scenario's is told in the row of the claim. */
const ownFindings = ({ findings, properties }: Report) =>
  findings.filter(({ title }) => !properties.some(({ name }) => name === title || `never: ${name}` === title))

const saidOfClaim = (of: Searched, name: string): Said[] => {
  if (!of.properties.some((each) => each.name === name)) return []
  const { report } = of
  if (report === undefined) return [{ of, outcome: 'unsearched' }]
  const { properties, findings, exhaustive } = report
  return properties
    .filter((each) => each.name === name)
    .map(({ kind, verdict, vacuous, schedule, depth }): Said => {
      switch (verdict) {
        case 'violated': {
          const found = findings.find(({ title }) => title === name)
          const shortest = found?.shortest ?? (kind === 'always' && findsShortest(report))
          return { of, outcome: 'violated', shortest, ...(schedule && { schedule, depth: depth ?? schedule.length }) }
        }
        case 'unseen':
          return { of, outcome: exhaustive ? 'violated' : 'undecided' }
        case 'undecided':
          return { of, outcome: 'undecided' }
        default:
          return { of, outcome: vacuous ? 'untold' : 'holds' }
      }
    })
}

const saidOfKind = (of: Searched, kind: string): Said[] => {
  if (of.report === undefined) return [{ of, outcome: 'unsearched' }]
  const found = ownFindings(of.report).filter((each) => each.kind === kind && isViolation(of.report!, each))
  if (found.length === 0) return [{ of, outcome: of.report.exhaustive ? 'holds' : 'undecided' }]
  return found.map(({ title, schedule, depth, shortest, judged }) => ({
    of,
    outcome: 'violated',
    title: judgedKind(title, judged),
    schedule,
    depth,
    shortest,
  }))
}

/** One story that fails is enough; where one was not looked at to the end, the others do not decide. */
const gravest: readonly Outcome[] = ['violated', 'unsearched', 'undecided', 'holds', 'untold']

const cellsOf = ({ columns, searches }: FamilyReport, saidOf: (search: Searched) => readonly Said[]): readonly Cell[] =>
  columns.map((column) => {
    const said = searches.filter((search) => search.column === column).flatMap(saidOf)
    return { column, said, outcome: gravest.find((each) => said.some(({ outcome }) => outcome === each)) ?? 'untold' }
  })

/**
 * Promises first, by name and in the order in which the stories make them; then what should have been seen and was not, or all of these;
 * then kinds of findings.
 */
export const rowsOf = (family: FamilyReport, { all = false }: { readonly all?: boolean } = {}): readonly Row[] => {
  const { searches } = family
  const told = new Map(searches.flatMap(({ properties }) => properties.map(({ name, kind }) => [name, kind] as const)))
  const made = [...told].map(([name, kind]): Row => ({
    name,
    kind,
    cells: cellsOf(family, (search) => saidOfClaim(search, name)),
  }))
  const witnesses = made.filter(({ kind }) => kind === 'sometimes')
  const found = searches.flatMap(({ report }) => (report ? ownFindings(report).map(({ kind }) => kind) : []))
  const kinds = new Set([...everywhere, ...family.kinds, ...found])
  const inOrder = [
    ...Object.keys(claims).filter((kind) => kinds.has(kind)),
    ...[...kinds].filter((kind) => !(kind in claims)),
  ]
  return [
    ...made.filter(({ kind }) => kind !== 'sometimes'),
    ...witnesses.filter(({ cells }) => all || cells.some(({ outcome }) => outcome === 'violated')),
    ...inOrder.map((kind): Row => ({
      name: claims[kind] ?? `no ${kind.replaceAll('-', ' ')}`,
      kind: 'finding',
      cells: cellsOf(family, (search) => saidOfKind(search, kind)),
    })),
  ]
}

/** The verdict over all searches; one that was not made leaves it open. */
export const familyVerdict = ({ searches }: FamilyReport): Overall => {
  const verdicts = searches.map((each) => (each.report ? overall(each.report) : verdictWithout(each)))
  return verdicts.includes('violated') ? 'violated' : verdicts.includes('undecided') ? 'undecided' : 'holds'
}

const signs = {
  holds: ['yes', 'good'],
  violated: ['no', 'bad'],
  undecided: ['bounded', 'unsure'],
  unsearched: ['unknown', 'unsure'],
  untold: ['range', 'dim'],
} as const satisfies Record<Outcome, readonly [keyof Glyphs, Role]>

const legend: readonly (readonly [Outcome, string])[] = [
  ['undecided', 'nothing wrong so far, but not every order was looked at'],
  ['unsearched', 'not looked at: you stopped it, or there was no memory left'],
  ['untold', 'no story tells of it, or what it is about never came up'],
]

/** `device-` above `notifier`. */
const headOf = (column: string): readonly string[] => column.split(/(?<=-)/)

const widthOf = (column: string): number => Math.max(...headOf(column).map((part) => part.length)) + 2

/** Room that claims should have; with less, the columns are told in several tables. */
const leastForClaims = 28

/** So many columns to a table that each fits, the tables about as long as each other. */
const chunked = (columns: readonly string[], room: number): readonly (readonly string[])[] => {
  for (let parts = 1; parts < columns.length; parts++) {
    const size = Math.ceil(columns.length / parts)
    const chunks = Array.from({ length: Math.ceil(columns.length / size) }, (_, i) =>
      columns.slice(i * size, (i + 1) * size),
    )
    if (chunks.every((chunk) => chunk.reduce((sum, column) => sum + widthOf(column) + 1, 0) <= room)) return chunks
  }
  return columns.map((column) => [column])
}

const drawTable = (rows: readonly Row[], columns: readonly string[], total: number, page: Page): string => {
  const widths = columns.map(widthOf)
  const room = total - 2 - widths.reduce((sum, width) => sum + width + 1, 0)
  const longest = Math.max(...rows.map((row) => claimOf(row).length)) + 2
  const first = Math.max(12, Math.min(room, longest))
  const table = new Table({
    head: ['', ...columns.map((column) => headOf(legible(page, column)).join('\n'))],
    colWidths: [first, ...widths],
    colAligns: ['left', ...columns.map(() => 'center' as const)],
    style: { head: [], border: [], compact: true },
    ...(page.ascii ? { chars: asciiBorders } : {}),
  })
  for (const row of rows) {
    table.push([
      wrap(legible(page, claimOf(row)), first - 2, '  ').join('\n'),
      ...columns.map((column) => {
        const [sign, role] = signs[row.cells.find((cell) => cell.column === column)!.outcome]
        return page.paint(role, page.glyphs[sign])
      }),
    ])
  }
  return table.toString()
}

/** A claim as a sentence: a promise stands by itself. */
export const claimOf = ({ name, kind }: Row): string =>
  kind === 'sometimes' || kind === 'eventually' ? `${kind} ${name}` : name

const stepsOf = ({ depth = 0, shortest }: Said): string =>
  `${counted(depth, 'step')}${shortest ? '' : ', there may be fewer'}`

/** What breaks a claim, the shortest run first; what was never seen has none. */
export const failures = ({ said }: Cell): readonly Said[] =>
  said
    .filter(({ outcome }) => outcome === 'violated')
    .toSorted((a, b) => (a.depth ?? Number.POSITIVE_INFINITY) - (b.depth ?? Number.POSITIVE_INFINITY))

/** The address of a run of it. */
export const runOf = ({ scenario, choices }: Searched, { fingerprint }: Report, schedule: Schedule): string =>
  printAddress({ scenario, choices, fingerprint, schedule })

const failureLines = (row: Row, cell: Cell, page: Page): string[] => {
  const [worst, ...others] = failures(cell)
  if (worst === undefined) return []
  const { of, schedule, title } = worst
  const inside = (text: string, indent: string): string[] =>
    wrap(legible(page, text), page.columns - indent.length, '  ').map((line) => indent + line)
  const also = [...new Set(others.map((each) => each.of.scenario))].filter((each) => each !== of.scenario)
  const more = also.length === 0 ? '' : `; also in ${listed(also)}`
  const what = schedule
    ? `${title === undefined ? '' : `${title}: `}${of.scenario}, ${stepsOf(worst)}`
    : `never seen in ${of.scenario}`
  const words =
    schedule && of.report
      ? (['Replay', `npx relock replay ${shellWord(runOf(of, of.report, schedule))}`] as const)
      : (['Explore', `npx relock explore ${shellWord(printSubject(of.scenario, of.choices))}`] as const)
  return [
    ...inside(`${page.glyphs.no} ${claimOf(row)}`, '  '),
    ...inside(`${what}${more}`, '    '),
    ...command(page, `  ${words[0]}`, words[1]),
  ]
}

/** Wide enough for any page, and for ours. */
const widest = 100

/** How much was looked at. */
export const sizeOf = ({ searches }: FamilyReport): readonly string[] => {
  const stories = new Set(searches.map(({ scenario }) => scenario)).size
  const states = searches.reduce((sum, { report }) => sum + (report?.states ?? 0), 0)
  const partial = searches.some(({ report }) => report?.exhaustive !== true) ? '+' : ''
  return [
    counted(stories, 'story', 'stories'),
    counted(searches.length, 'search', 'searches'),
    `${count(states)}${partial} states`,
  ]
}

export const familyTable = (family: FamilyReport, page: Page, options: { readonly all?: boolean } = {}): string => {
  const { columns, asked, searches } = family
  const rows = rowsOf(family, options)
  const total = Math.min(page.columns, widest)
  const cells = rows.flatMap((row) => row.cells)
  const subject = legible(page, printSubject(family.family, asked))
  const sizes = legible(page, sizeOf(family).join(' · '))
  const head = `${subject}   ${sizes}`
  const failing = columns.flatMap((column) => {
    const lines = rows.flatMap((row) =>
      failureLines(
        row,
        row.cells.find((cell) => cell.column === column)!,
        page,
      ),
    )
    return lines.length === 0 ? [] : [[page.paint('strong', legible(page, column)), '', ...lines]]
  })
  const signsUsed = legend
    .filter(([outcome]) => cells.some((cell) => cell.outcome === outcome))
    .flatMap(([outcome, words]) => wrap(`${page.glyphs[signs[outcome][0]]}  ${words}`, total - 2, '   '))
  const parts: readonly (readonly string[])[] = [
    head.length > total
      ? [...wrap(subject, total, '    '), ...wrap(sizes, total - 4).map((line) => `    ${line}`)]
      : [head],
    ...chunked(columns, total - 2 - leastForClaims).map((chunk) => [drawTable(rows, chunk, total, page)]),
    signsUsed.map((line) => `  ${line}`),
    searches.flatMap(({ scenario, column, missing, soFar }) =>
      soFar === undefined ? [] : wrap(`  ${legible(page, `${scenario}, ${column}: ${missing}`)}`, total, '    '),
    ),
    ...failing,
  ]
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`
}
