/** JUnit's XML, as Jenkins, GitLab and others read it: a suite for each search, a case for each claim. */
import { overall } from '../verdict.ts'
import { visible } from '../words.ts'
import {
  claimsOf,
  kindOf,
  nameOf,
  toldRun,
  unsearchedClaim,
  type Claim,
  type Explored,
  type Unsearched,
} from './told.ts'

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }

/** By name: some readers leave a sign that is written as a number as it stands. */
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&${entities[sign]};`)

const inLine = (text: string): string => escape(visible(text))
const inLines = (text: string): string => text.split('\n').map(inLine).join('\n')

const insideOf = (explored: Explored, { name, outcome, why, issue }: Claim): string => {
  if (outcome === 'so') return ''
  if (outcome !== 'not so')
    return `<skipped message="${inLine(outcome === 'accepted' ? 'accepted' : `undecided: ${why}`)}"/>`
  return `<failure type="${inLine(kindOf({ name, ...(issue && { issue }) }))}" message="${inLine(issue?.title ?? why)}">${issue ? inLines(toldRun(explored, issue)) : ''}</failure>`
}

const suiteOf = (explored: Explored): string => {
  const claims = claimsOf(explored)
  const count = (...outcomes: readonly Claim['outcome'][]): number =>
    claims.filter(({ outcome }) => outcomes.includes(outcome)).length
  const { seconds } = explored.report
  const name = inLine(nameOf(explored))
  const file = explored.file === undefined ? '' : ` file="${inLine(explored.file)}"`
  const cases = claims.map(
    (claim, index) =>
      `    <testcase name="${inLine(claim.name)}" classname="${name}"${file} time="${index === 0 ? seconds.toFixed(3) : '0.000'}">${insideOf(explored, claim)}</testcase>`,
  )
  const head = `tests="${claims.length}" failures="${count('not so')}" errors="0" skipped="${count('accepted', 'undecided')}" time="${seconds.toFixed(3)}"`
  const facts = `    <properties><property name="verdict" value="${overall(explored.report)}"/><property name="states" value="${explored.report.states}"/><property name="fingerprint" value="${inLine(explored.report.fingerprint)}"/></properties>`
  return [`  <testsuite name="${name}" ${head}>`, facts, ...cases, '  </testsuite>'].join('\n')
}

const errorOf = ({ name, why, file }: Unsearched): string => {
  const place = file === undefined ? '' : ` file="${inLine(file)}"`
  return [
    `  <testsuite name="${inLine(name)}" tests="1" failures="0" errors="1" skipped="0" time="0.000">`,
    `    <testcase name="${unsearchedClaim}" classname="${inLine(name)}"${place} time="0.000"><error type="failed" message="${inLine(why)}"/></testcase>`,
    '  </testsuite>',
  ].join('\n')
}

export const junit = (all: readonly Explored[], failed: readonly Unsearched[] = []): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="relock">',
    ...all.map(suiteOf),
    ...failed.map(errorOf),
    '</testsuites>',
    '',
  ].join('\n')
