/** Many searches in one table: what `explore` says of a family. */
import type { Progress, Report } from '../explore/outcome/report.ts'
import { printSubject, type Chosen } from './address.ts'
import { compareTable } from './compare.ts'
import { clock } from './progress.ts'
import { legible, type Page } from './style.ts'
import { shellWord } from './text.ts'
import { clip, count, counted, seconds, wrap } from './words.ts'
import { verdictWithout, type Unreported } from './unreported.ts'
import { exitCode, glyphOf, overall, type Overall } from './verdict.ts'

/** One of them; with why there is no report, where there is none. */
export interface Summed extends Partial<Unreported> {
  /** As it is typed. */
  readonly name: string
  readonly choices: Chosen
  /** What is chosen when nobody chooses. */
  readonly byDefault: Chosen
  /** Where another one of them has that name, too: which form it is. */
  readonly form?: string
  /** Nothing, if it was not searched to an end that says anything. */
  readonly report?: Report
}

type Ended = Pick<Summed, 'report' | 'soFar'>

const verdictOf = (each: Ended): Overall => (each.report ? overall(each.report) : verdictWithout(each))

/** One that is not searched leaves it open. */
export const verdictOfAll = (all: readonly Ended[]): Overall => {
  const verdicts = all.map(verdictOf)
  return verdicts.includes('violated') ? 'violated' : verdicts.includes('undecided') ? 'undecided' : 'holds'
}

export const codeOfAll = (all: readonly Ended[]): number => exitCode(verdictOfAll(all))

const howMany = (all: readonly Summed[]): string => {
  const begun = all.filter(({ report, soFar }) => report || soFar)
  const of = (verdict: Overall): number => begun.filter((each) => verdictOf(each) === verdict).length
  const missing = all.length - begun.length
  const parts = [
    [of('violated'), 'violated'],
    [of('holds'), of('holds') === 1 ? 'holds' : 'hold'],
    [of('undecided'), 'undecided'],
    [missing, 'not searched'],
  ] as const
  return parts.flatMap(([n, what]) => (n === 0 ? [] : [`${count(n)} ${what}`])).join(', ')
}

/** With what is not chosen anyway. */
const asTyped = ({ name, choices, byDefault }: Summed): string =>
  printSubject(
    name,
    Object.fromEntries(Object.entries(choices).filter(([choice, value]) => value !== byDefault[choice])),
  )

export interface SummaryOptions {
  /** What was asked for: `unmap`, `unmap,unmap=restart`. */
  readonly title: string
  /** Scenarios that cannot be told as they were asked to be. */
  readonly left?: readonly string[]
  /** Where the runs of those that are violated lie. */
  readonly saved?: string
}

/** The verdict over all, a row for each, and how to see one in full. */
export const summary = (all: readonly Summed[], page: Page, { title, left = [], saved }: SummaryOptions): string => {
  const verdict = verdictOfAll(all)
  const spent = all.reduce((sum, { report }) => sum + (report?.seconds ?? 0), 0)
  const jobs = all.reduce((sum, { report }) => sum + (report?.shards?.length ?? 0), 0)
  const work = jobs > 0 ? counted(jobs, 'job') : `${seconds(spent)} of search`
  const line = `${glyphOf(verdict, page.glyphs)} ${legible(page, title)}   ${counted(all.length, 'scenario')}: ${howMany(all)} · ${work}`
  const rows = all.map(({ name, form, report, missing, soFar }) => ({
    protocol: form === undefined ? name : `${name} ${form}`,
    ...(report && { report }),
    ...(missing !== undefined && { missing }),
    ...(soFar && { soFar }),
  }))
  const [, , ...table] = compareTable('', rows, page, 'scenario').split('\n')
  const first = all.find(({ report }) => report && overall(report) === 'violated') ?? all[0]!
  const indented = (text: string): string[] =>
    wrap(legible(page, text), page.columns - 2, '  ').map((each) => `  ${each}`)
  return [
    ...wrap(line, page.columns, '    '),
    '',
    ...table.join('\n').trimEnd().split('\n'),
    '',
    ...(left.length > 0 ? [...indented(`Not told with that: ${left.join(', ')}.`), ''] : []),
    ...indented(`In full  npx relock explore ${shellWord(asTyped(first))}   (or --all here)`),
    ...(saved === undefined ? [] : indented(`Saved    ${saved}`)),
    '',
  ].join('\n')
}

/** How far many searches are, together. */
export interface TogetherProgress {
  readonly done: number
  readonly of: number
  readonly progress: Progress
}

export const togetherLine = ({ done, of, progress }: TogetherProgress, page: Page): string => {
  const { states, steps, findings, seconds: spent } = progress
  const found = findings.length === 0 ? [] : [counted(findings.length, 'finding')]
  const words = [`${done} of ${of} searched`, counted(states, 'state'), counted(steps, 'step'), clock(spent), ...found]
  return clip(words.join('  '), page.columns - 1, page.glyphs.more)
}
