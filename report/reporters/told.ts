/** What a search says, claim by claim, for those who count claims: every property, and that nothing else goes wrong. */
import { fault } from '../splat.ts'
import { pageFor } from '../style.ts'
import { issuesOf, type Issue } from '../issues.ts'
import { addressOf, replayCommand, resultOf, tellRun, wrongOf, type Subject } from '../text.ts'
import { printSubject } from '../address.ts'
import { incomplete } from '../verdict.ts'

/** A search that was made, as reporters want it. */
export interface Explored extends Subject {
  /** The user's file, as it was typed, if it is one. */
  readonly file?: string
  /** Findings that somebody has accepted: they do not count. */
  readonly accepted?: (issue: Issue) => boolean
  /** All that is found is what the scenario expects of itself. */
  readonly expected?: true
  /** How it is otherwise than the scenario expects. */
  readonly otherwise?: string
}

/** A search that came to nothing, and why. */
export interface Unsearched {
  readonly name: string
  readonly why: string
  readonly file?: string
}

const asExpected = 'it is as the scenario expects'

/** What a claim that is not so is called among all such. */
export const kindOf = ({ name, issue }: Pick<Claim, 'name' | 'issue'>): string =>
  issue?.kind ?? (name === asExpected ? 'unexpected' : 'unseen')

/** What an unsearched one is counted as. */
export const unsearchedClaim = 'it can be searched'

export interface Claim {
  readonly name: string
  /** Undecided: the search was not complete. */
  readonly outcome: 'so' | 'not so' | 'accepted' | 'undecided'
  readonly why: string
  readonly issue?: Issue
}

export const nameOf = ({ scenario, choices }: Explored): string => printSubject(scenario, choices)

/** Of a property that is not so, the finding it makes or what makes it one. */
const issueFor = (issues: readonly Issue[], name: string): Issue | undefined =>
  issues.find(({ property }) => property?.name === name)

export const claimsOf = (explored: Explored): readonly Claim[] => {
  const { report, accepted = () => false, expected = false, otherwise } = explored
  const issues = issuesOf(report)
  const broken = (issue?: Issue): 'accepted' | 'not so' =>
    expected || (issue && accepted(issue)) ? 'accepted' : 'not so'
  const properties = report.properties.map((property): Claim => {
    const issue = issueFor(issues, property.name)
    const why = resultOf(property, report)
    const name = `${property.kind} ${property.name}`
    if (issue) return { name, outcome: broken(issue), why, issue }
    if (property.verdict === 'violated' || (property.verdict === 'unseen' && report.exhaustive))
      return { name, outcome: broken(), why }
    return { name, outcome: property.verdict === 'holds' || property.verdict === 'seen' ? 'so' : 'undecided', why }
  })
  const others = issues
    .filter(({ property }) => property === undefined)
    .map((issue): Claim => ({
      name: `no ${issue.kind}: ${issue.title}`,
      outcome: broken(issue),
      why: `depth ${issue.depth}`,
      issue,
    }))
  const unexpected: readonly Claim[] =
    otherwise === undefined ? [] : [{ name: asExpected, outcome: 'not so', why: otherwise }]
  if (others.length > 0) return [...properties, ...others, ...unexpected]
  const missing = incomplete(report)
  return [
    ...properties,
    ...unexpected,
    { name: 'nothing goes wrong', outcome: missing === undefined ? 'so' : 'undecided', why: missing ?? 'in no order' },
  ]
}

/** Read elsewhere: as wide as a page of text, in no colour. */
const page = pageFor({ columns: 100 }, { NO_COLOR: '1' })

/** The run of an issue, in lanes, and how to make it again. */
export const toldRun = (explored: Explored, issue: Issue): string => {
  const trace = explored.traceOf(issue.schedule)
  const wrong = wrongOf(explored, issue, trace)
  const lines = tellRun(trace, page, { wrong, intro: 'The run', of: nameOf(explored) })
  return [...lines, '', `  Replay   ${replayCommand(explored, issue.schedule)}`].join('\n')
}

/** In one line. */
export const titleIn = (explored: Explored, issue: Issue): string => {
  const trace = explored.traceOf(issue.schedule)
  return fault(wrongOf(explored, issue, trace), trace)
}

export const addressIn = (explored: Explored, issue: Issue): string => addressOf(explored, issue.schedule)
