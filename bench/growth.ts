/** Draws docs/growth.svg, what a search costs as worlds grow, from the tables in the documents where it was measured: `npm run bench:growth`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printed, type Line } from './plot.ts'

const docs = join(import.meta.dirname, '../docs')

/** The rows of the table that begins with these columns, cell by cell. */
const table = (page: string, head: string): readonly (readonly string[])[] => {
  const lines = readFileSync(join(docs, page), 'utf8').split('\n')
  const begins = lines.findIndex((line) => line.startsWith(head))
  if (begins < 0) throw new Error(`docs/${page} has no table that begins ${head}`)
  const rows = lines.slice(begins + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** Without what stands behind it in brackets. */
const number = (cell: string): number => Number(cell.replace(/ .*/, '').replaceAll(',', ''))

const point = (states: string, seconds: string): readonly [number, number] => [number(states), number(seconds)]

/** In the order of their states. */
const along = (name: string, points: Line['points']): Line => ({
  name,
  points: points.toSorted(([one], [other]) => one - other),
})

const growth = (): string => {
  const worlds = table('BENCHMARKS.md', '| U.P.M.R | search |')
  const searched = (kind: string): Line['points'] =>
    worlds.flatMap(([, search, states, , , seconds]) => (search === kind ? [point(states!, seconds!)] : []))
  const counters = table('LONG-RUNS.md', '| states | steps | CPU s |')
  const lines = [
    along('VFIO, reduced', searched('reduced')),
    along('VFIO, full', searched('full')),
    along(
      'counters',
      counters.map(([states, , seconds]) => point(states!, seconds!)),
    ),
  ]
  const note = 'from the tables of BENCHMARKS.md and LONG-RUNS.md'
  return printed(lines, { across: 'states', up: 'CPU seconds', note, tenfold: true })
}

export const pictures: Readonly<Record<string, () => string>> = { 'growth.svg': growth }

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, draw] of Object.entries(pictures)) writeFileSync(join(docs, name), draw())
