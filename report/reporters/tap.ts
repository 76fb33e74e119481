/** TAP 14: a point for each claim; what is not so has its run in a block of YAML. */
import { visible } from '../words.ts'
import {
  addressIn,
  claimsOf,
  nameOf,
  toldRun,
  unsearchedClaim,
  type Claim,
  type Explored,
  type Unsearched,
} from './told.ts'

/** `#` would begin a directive. */
const described = (text: string): string => visible(text).replace(/[\\#]/g, (sign) => `\\${sign}`)

const directive = ({ outcome, why }: Claim): string =>
  outcome === 'undecided' ? ` # SKIP undecided: ${described(why)}` : outcome === 'accepted' ? ' # TODO accepted' : ''

const block = (lines: readonly string[]): readonly string[] => [
  '  ---',
  ...lines.map((line) => `  ${line}`.trimEnd()),
  '  ...',
]

const yaml = (explored: Explored, { issue, why }: Claim): readonly string[] => {
  const message = `message: ${JSON.stringify(visible(issue?.title ?? why))}`
  if (!issue) return block([message])
  return block([
    message,
    `kind: ${JSON.stringify(issue.kind)}`,
    `depth: ${issue.depth}`,
    `address: ${JSON.stringify(addressIn(explored, issue))}`,
    // The first line may begin with spaces, which without the digit would be taken for the indentation.
    'run: |2',
    ...toldRun(explored, issue)
      .split('\n')
      .map((line) => `  ${visible(line)}`.trimEnd()),
  ])
}

export const tap = (all: readonly Explored[], failed: readonly Unsearched[] = []): string => {
  const points = all.flatMap((explored) => claimsOf(explored).map((claim) => ({ explored, claim })))
  const lines = points.flatMap(({ explored, claim }, index) => {
    const ok = claim.outcome === 'so' || claim.outcome === 'undecided'
    const point = `${ok ? 'ok' : 'not ok'} ${index + 1} - ${described(`${nameOf(explored)}: ${claim.name}`)}${directive(claim)}`
    return claim.outcome === 'not so' ? [point, ...yaml(explored, claim)] : [point]
  })
  const others = failed.flatMap(({ name, why }, index) => [
    `not ok ${points.length + index + 1} - ${described(`${name}: ${unsearchedClaim}`)}`,
    ...block([`message: ${JSON.stringify(visible(why))}`]),
  ])
  return ['TAP version 14', `1..${points.length + failed.length}`, ...lines, ...others, ''].join('\n')
}
