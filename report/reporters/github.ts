/** GitHub's workflow commands, which become annotations, and a summary of the job in Markdown with the lanes as Mermaid. */
import { sequenceDiagram } from '../formats/mermaid.ts'
import { replayCommand, wrongOf } from '../text.ts'
import { glyphOf, verdictWords } from '../verdict.ts'
import { makePage } from '../style.ts'
import { visible } from '../words.ts'
import { placeOf } from './place.ts'
import { claimsOf, nameOf, titleIn, type Claim, type Explored, type Unsearched } from './told.ts'

/** GitHub shows no more of one level from one step. */
const mostOfOneLevel = 10
/** Bytes of one step's summary; what is longer is not shown at all. */
const longestSummary = 1024 * 1024

const inData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const inProperty = (text: string): string => inData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

export type Level = 'error' | 'warning'

/** One annotation, in the words of a workflow. */
export const commandOf = (
  level: Level,
  message: string,
  facts: Readonly<Record<string, string | number | undefined>>,
): string => {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined && value !== '')
  const properties = known.map(([name, value]) => `${name}=${inProperty(String(value))}`).join(',')
  return `::${level}${properties === '' ? '' : ` ${properties}`}::${inData(message)}`
}

const annotation = (
  explored: Explored,
  { name, outcome, why, issue }: Claim,
): { readonly level: Level; readonly command: string } | undefined => {
  if (outcome === 'so' || outcome === 'accepted') return undefined
  const level = outcome === 'not so' ? 'error' : 'warning'
  const claim = name.slice(name.indexOf(' ') + 1)
  const place = explored.file === undefined ? undefined : placeOf(explored.file, claim)
  const told = issue ? [titleIn(explored, issue), replayCommand(explored, issue.schedule)] : [`${name}: ${why}`]
  const command = commandOf(level, told.map(visible).join('\n'), {
    title: visible(nameOf(explored)),
    file: place?.path,
    line: place?.line,
  })
  return { level, command }
}

/** The first of each level; that there are more is said in the last of them. */
export const annotations = (all: readonly Explored[], failed: readonly Unsearched[] = []): string => {
  const made = [
    ...all.flatMap((explored) => claimsOf(explored).flatMap((claim) => annotation(explored, claim) ?? [])),
    ...failed.map(({ name, why, file }) => {
      const path = file === undefined ? undefined : placeOf(file)?.path
      return {
        level: 'error' as const,
        command: commandOf('error', visible(why), { title: visible(name), file: path }),
      }
    }),
  ]
  const lines = (['error', 'warning'] as const).flatMap((level) => {
    const commands = made.filter((each) => each.level === level).map(({ command }) => command)
    if (commands.length <= mostOfOneLevel) return commands
    const shown = commands.slice(0, mostOfOneLevel - 1)
    return [
      ...shown,
      commandOf(level, `and ${commands.length - shown.length} more: the summary of the job has all`, {
        title: 'relock',
      }),
    ]
  })
  return lines.map((line) => `${line}\n`).join('')
}

const cell = (text: string): string => visible(text).replace(/[|\\<>&`]/g, (sign) => `&#${sign.codePointAt(0)};`)

const page = makePage()

/** What was found decides, but for what is accepted. */
const row = (explored: Explored): string => {
  const { report } = explored
  const outcomes = claimsOf(explored).map(({ outcome }) => outcome)
  const verdict = outcomes.includes('not so') ? 'violated' : outcomes.includes('undecided') ? 'undecided' : 'holds'
  const isAccepted = verdict !== 'violated' && outcomes.includes('accepted')
  const words = `${isAccepted ? `${explored.expected ? 'as expected' : 'accepted'}: ` : ''}${verdictWords(report)}`
  return `| ${glyphOf(verdict, page.glyphs)} | ${cell(nameOf(explored))} | ${cell(words)} |`
}

const failedRow = ({ name, why }: Unsearched): string => `| ${page.glyphs.no} | ${cell(name)} | ${cell(why)} |`

const diagrams = (explored: Explored): readonly string[] =>
  claimsOf(explored).flatMap(({ outcome, issue }) => {
    if (outcome !== 'not so' || issue === undefined) return []
    const trace = explored.traceOf(issue.schedule)
    const head = `<details><summary>${cell(`${nameOf(explored)}: ${titleIn(explored, issue)}`)}</summary>`
    const replay = visible(replayCommand(explored, issue.schedule))
    return [
      [
        head,
        '',
        '```mermaid',
        sequenceDiagram(trace, wrongOf(explored, issue, trace)).trimEnd(),
        '```',
        '',
        '```sh',
        replay,
        '```',
        '',
        '</details>',
        '',
      ].join('\n'),
    ]
  })

/** Markdown; diagrams that find no room are counted. */
export const summary = (all: readonly Explored[], failed: readonly Unsearched[] = []): string => {
  const rows = [...all.map(row), ...failed.map(failedRow)]
  const head = ['## relock', '', '| | scenario | verdict |', '| --- | --- | --- |', ...rows, ''].join('\n')
  const told = all.flatMap(diagrams)
  const kept: string[] = []
  let left = longestSummary - Buffer.byteLength(head) - 200
  for (const one of told) {
    left -= Buffer.byteLength(one) + 1
    if (left < 0) break
    kept.push(one)
  }
  const missing = told.length - kept.length
  return [
    head,
    ...kept,
    ...(missing > 0 ? [`${missing} more runs are not drawn: a summary has one megabyte.`, ''] : []),
  ].join('\n')
}
