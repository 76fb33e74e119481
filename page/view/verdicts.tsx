/** The first thing that is seen: what holds, what does not, and how much was looked at. */
import type { ClaimData, FindingData, SearchData, Sign } from '../data.ts'
import { Coverage, modelOf } from './coverage.tsx'
import { Frontier } from './frontier.tsx'
import { Live } from './live.tsx'
import { Orders } from './orders.tsx'
import { elsewhere, linkTo, page } from './state.ts'
import { Table } from './table.tsx'
import { lengthOf, stepWords } from './words.ts'

const signs: Readonly<Record<Sign, readonly [sign: string, word: string]>> = {
  yes: ['✓', 'yes'],
  no: ['✗', 'no'],
  bounded: ['~', 'not put to the test'],
  unknown: ['?', 'undecided'],
}

const overall = { holds: 'yes', violated: 'no', undecided: 'unknown' } as const

export const Mark = ({ sign }: { readonly sign: Sign }) => (
  <span class={`mark ${sign}`} role="img" aria-label={signs[sign][1]}>
    {signs[sign][0]}
  </span>
)

const RunLink = ({ run }: { readonly run: number | undefined }) => {
  const data = run === undefined ? undefined : page.runs[run]
  if (run === undefined || !data) return null
  return (
    <a href={linkTo({ ...elsewhere, view: 'run', run })}>
      {data.lanes.length === 0 ? 'start' : stepWords(lengthOf(data))}
      <span class="unseen"> of the run: {data.title}</span>
    </a>
  )
}

const Claim = ({ claim: { sign, kind, name, result, run } }: { readonly claim: ClaimData }) => (
  <tr>
    <td class="narrow">
      <Mark sign={sign} />
    </td>
    <td class="narrow dim">{kind}</td>
    <th scope="row">{name}</th>
    <td class="dim">{result}</td>
    <td class="narrow">
      <RunLink run={run} />
    </td>
  </tr>
)

const Finding = ({ finding: { title, facts, counts, run } }: { readonly finding: FindingData }) => (
  <tr>
    <td class="narrow">
      <Mark sign={counts ? 'no' : 'bounded'} />
    </td>
    <th scope="row" class="mono">
      {title}
    </th>
    <td class="dim">{facts.slice(1).join(' · ')}</td>
    <td class="narrow">
      <RunLink run={run} />
    </td>
  </tr>
)

const Search = ({ search }: { readonly search: SearchData }) => (
  <section aria-label={search.of}>
    <h2 class={`verdict ${overall[search.verdict]}`}>
      <Mark sign={overall[search.verdict]} /> <span class="mono">{search.of}</span>
    </h2>
    <p class="facts">
      {search.facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </p>
    {search.claims.length > 0 && (
      <table>
        <caption>Claims</caption>
        <tbody>
          {search.claims.map((claim) => (
            <Claim key={claim.name} claim={claim} />
          ))}
        </tbody>
      </table>
    )}
    {search.findings.length > 0 && (
      <table>
        <caption>Findings</caption>
        <tbody>
          {search.findings.map((finding) => (
            <Finding key={finding.title} finding={finding} />
          ))}
        </tbody>
      </table>
    )}
    <Frontier search={search} />
    <Coverage model={modelOf([...search.claims, ...search.findings].map(({ run }) => run))} />
    {search.remarks.map((remark) => (
      <p key={remark} class="dim">
        {remark}
      </p>
    ))}
  </section>
)

const Runs = () => (
  <section aria-label="Runs">
    <h2>Runs</h2>
    <ul class="runs">
      {page.runs.map(({ title, bad, lanes }, index) => (
        <li key={index}>
          <Mark sign={bad ? 'no' : 'yes'} /> <a href={linkTo({ ...elsewhere, view: 'run', run: index })}>{title}</a>{' '}
          <span class="dim">{stepWords(lanes.length)}</span>
        </li>
      ))}
    </ul>
  </section>
)

export const Verdicts = () => (
  <main class="verdicts" id="main" tabIndex={-1}>
    <Live />
    {page.tables.map((table) => (
      <Table key={table.title} table={table} />
    ))}
    <Orders />
    {page.searches.map((search) => (
      <Search key={search.of} search={search} />
    ))}
    {page.searches.length + page.tables.length + page.orders.length === 0 && <Runs />}
    <p class="dim made">
      Made by <code>relock {page.command}</code>
    </p>
  </main>
)
