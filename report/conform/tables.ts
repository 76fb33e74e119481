/** The counts as tables: in three lines, by operation, and kinds of disagreement that are not told in full. */
import Table from 'cli-table3'
import type { ConformReport, Group, Tally } from '../../conform/report.ts'
import { asciiBorders } from '../compare.ts'
import { legible, type Page } from '../style.ts'
import { count, counted } from '../words.ts'

const compared = ({ agreed, disagreed }: Tally): number => agreed + disagreed

/** Never rounded up to 100. */
const share = (tally: Tally): string =>
  compared(tally) === 0 ? '' : `${(Math.floor((tally.agreed / compared(tally)) * 1000) / 10).toFixed(1)} %`

export const countLines = ({ cases, ops, fields }: ConformReport): string[] => {
  const rows = [
    ['', 'agree', 'disagree', 'not compared', ''],
    ...Object.entries({ cases, ops, fields }).map(([name, tally]) => [
      name,
      count(tally.agreed),
      count(tally.disagreed),
      count(tally.notCompared),
      share(tally),
    ]),
  ]
  const widths = [6, 10, 10, 14, 9]
  return rows.map((cells) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('')}`.trimEnd(),
  )
}

const tableOf = (page: Page, head: string[], colWidths: number[], left: number): Table.Table =>
  new Table({
    head,
    colWidths,
    colAligns: head.map((_, i) => (i < left ? 'left' : 'right')),
    wordWrap: true,
    style: { head: [], border: [], compact: true },
    truncate: page.glyphs.more,
    ...(page.ascii ? { chars: asciiBorders } : {}),
  })

export const opsTable = ({ byOp }: ConformReport, page: Page): string[] => {
  const name = Math.max(...Object.keys(byOp).map((op) => op.length), 4) + 2
  const head = ['op', 'ops', 'agree', 'disagree', 'not compared', 'fields']
  const table = tableOf(page, head, [name, 9, 9, 10, 14, 8], 1)
  for (const [op, { ops, fields }] of Object.entries(byOp))
    table.push([op, count(ops.all), count(ops.agreed), count(ops.disagreed), count(ops.notCompared), count(fields.all)])
  return table.toString().split('\n')
}

export const groupsTable = (groups: readonly Group[], page: Page): string[] => {
  const [place, first, later] = [26, 7, 7]
  const what = Math.min(80, page.columns) - 5 - place - first - later
  const table = tableOf(page, ['kernel, not relock', 'for example', 'first', 'later'], [what, place, first, later], 2)
  for (const { op, how, shortest, first, later } of groups)
    table.push([
      legible(page, `${op}: ${how}`),
      legible(page, `${shortest.of.name} op ${shortest.index}`),
      count(first),
      count(later),
    ])
  return table.toString().split('\n')
}

/** The kind, how often it is there, and how often it is what goes wrong first. */
export const groupWords = ({ op, how, first, later, cases }: Group): string => {
  const times = first + later
  if (times === 1) return `${op}: ${how}`
  const where = cases === 1 ? 'in one case' : `in ${counted(cases, 'case')}`
  const when =
    later === 0
      ? ', always first'
      : first === 0
        ? ', always after something else'
        : `, ${count(first)} first in their case`
  return `${op}: ${how}   ${counted(times, 'time')} ${where}${when}`
}
