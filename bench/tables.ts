/** A table on the terminal, and the same in Markdown between two markers of docs/BENCHMARKS.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'

export interface Sheet {
  /** Name of its markers: `<!-- bench:name -->` and `<!-- /bench:name -->`. */
  readonly name: string
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const isNumber = (cell: string): boolean => /^[\d.,–-]/.test(cell)
const rightHand = ({ rows }: Sheet, column: number): boolean => rows.every((row) => isNumber(row[column]!))

export function shown(sheet: Sheet): string {
  const colAligns = sheet.head.map((_, column) => (rightHand(sheet, column) ? ('right' as const) : ('left' as const)))
  const table = new Table({ head: [...sheet.head], colAligns, style: { head: [], border: [], compact: true } })
  for (const row of sheet.rows) table.push([...row])
  return `${sheet.title}\n${table.toString()}\n`
}

const markdown = (sheet: Sheet): string => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = sheet.head.map((_, column) => (rightHand(sheet, column) ? '---:' : '---'))
  return [line(sheet.head), line(rule), ...sheet.rows.map(line)].join('\n')
}

/** Puts the sheets where their markers are; throws when a marker is missing, so that no table silently stays old. */
export function writeInto(path: string, sheets: readonly Sheet[]): void {
  const text = sheets.reduce(
    (before, sheet) => {
      const [open, close] = [`<!-- bench:${sheet.name} -->`, `<!-- /bench:${sheet.name} -->`]
      const [start, end] = [before.indexOf(open), before.indexOf(close)]
      if (start < 0 || end < start) throw new Error(`${path} has no place for ${sheet.name}: ${open} … ${close}`)
      return `${before.slice(0, start + open.length)}\n\n${markdown(sheet)}\n\n${before.slice(end)}`
    },
    readFileSync(path, 'utf8'),
  )
  writeFileSync(path, text)
}
