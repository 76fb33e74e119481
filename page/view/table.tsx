/** What was compared: each cell leads to the run behind it. */
import type { CellData, TableData } from '../data.ts'
import { elsewhere, linkTo } from './state.ts'

const signs = {
  yes: ['✓', 'holds'],
  no: ['✗', 'broken'],
  bounded: ['~', 'open'],
  unknown: ['?', 'not looked at'],
  none: ['–', 'not told'],
} as const

const Cell = ({ cell: { sign, said, run } }: { readonly cell: CellData }) => {
  const [glyph, word] = signs[sign]
  const mark = (
    <span class={`mark ${sign}`}>
      <span aria-hidden="true">{glyph}</span>
      <span class="unseen">
        {word}: {said}
      </span>
    </span>
  )
  return (
    <td title={said}>{run === undefined ? mark : <a href={linkTo({ ...elsewhere, view: 'run', run })}>{mark}</a>}</td>
  )
}

export const Table = ({ table: { title, facts, columns, rows } }: { readonly table: TableData }) => (
  <section aria-label={title}>
    <h2 class="verdict mono">{title}</h2>
    <p class="facts">
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </p>
    <div class="wide" tabIndex={0} role="group" aria-label="Table">
      <table class="compared">
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, at) => (
                <Cell key={at} cell={cell} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    <p class="dim">
      ✗ leads to the run that breaks it, ✓ to one in which it is seen, or in which nothing is wrong. ~ not every order
      was looked at, – no story tells of it.
    </p>
  </section>
)
