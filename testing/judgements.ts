/** What can be claimed of a report, a run or an actor in a test, and what is said when it is not so. Matchers and assertions ask the same. */
import type { ConformReport } from '../conform/index.ts'
import { conformReportShape } from '../conform/shapes.ts'
import type { Report } from '../explore/outcome/report.ts'
import { reportShape } from '../explore/outcome/run-shapes.ts'
import type { Shown as ShownActor } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import { violationsIn } from '../explore/claims/violations.ts'
import type { Followed } from '../explore/runs/follow.ts'
import { isNews, tellFollowed } from '../report/followed-text.ts'
import { isCalled, shownBy, type Shows } from '../explore/claims/shows.ts'
import { counted } from '../report/words.ts'
import { insist } from '../shapes/insist.ts'
import { atLeast, flag, name, optional, record, text, that, whole } from '../shapes/shape.ts'
import { format, isTrace } from './format.ts'

export interface Judgement {
  readonly pass: boolean
  /** Why it does not pass; or, where it should not, what it is that passes. */
  readonly message: () => string
  /** Nothing is known: it fails, whether it was to pass or not. */
  readonly isUnknown?: true
}

const nameShape = name('the name of a property, or the kind or title of a finding')

const told = (pass: boolean, fact: string, more: readonly string[], of: Report | Trace): Judgement => ({
  pass,
  message: () => [fact, ...more.map((line) => `  ${line}`), '', format(of)].join('\n'),
})

/** Of a name that nobody knows, those that there are. */
const saidIn = (report: Report): readonly string[] => {
  const said = [
    ...report.findings.map(({ kind, title }) => `${kind}: ${title}`),
    ...report.properties.map((each) => `${each.name}: ${each.verdict}`),
  ]
  return ['What it says:', ...(said.length === 0 ? ['nothing'] : said)]
}

const propertyIn = (report: Report, wanted: string) => report.properties.find((each) => each.name === wanted)

/** The search was complete, every property holds or was seen, and nothing was found (of inversions: none that counts); or one property does. */
export function holds(report: Report, wanted: string | undefined, what: string): Judgement {
  insist(reportShape, report, what)
  if (wanted !== undefined) {
    insist(nameShape, wanted, `${what}: the name`)
    const property = propertyIn(report, wanted)
    const pass = property?.verdict === 'holds' || property?.verdict === 'seen'
    const fact =
      property === undefined
        ? `${report.system} has no property "${wanted}".`
        : `"${wanted}" ${pass ? 'is' : 'is not'} so: it is ${property.verdict}.`
    return told(pass, fact, property === undefined ? saidIn(report) : [], report)
  }
  const wrong = [
    ...violationsIn(report).map(({ kind, title, depth }) => `${kind}: ${title} (${depth} steps)`),
    ...report.properties
      .filter(({ verdict }) => verdict !== 'holds' && verdict !== 'seen')
      .map(({ kind, name: of, verdict }) => `${kind} ${of}: ${verdict}`),
    ...report.properties.filter(({ vacuous }) => vacuous).map(({ name: of }) => `always ${of}: never put to the test`),
    ...(report.exhaustive ? [] : ['the search is not exhaustive']),
  ]
  return told(
    wrong.length === 0,
    wrong.length === 0 ? `${report.system} holds.` : `${report.system} does not hold:`,
    wrong,
    report,
  )
}

/** This property is violated, or a finding of this kind or title was made; of a run, that it shows such a finding. */
export function violates(of: Report | Trace | Followed, wanted: string, what: string): Judgement {
  insist(nameShape, wanted, `${what}: the name`)
  if (isFollowed(of)) return followedViolates(of, wanted)
  if (isTrace(of)) {
    const found = shownBy(of)
    const pass = found.some((each) => isCalled(each, wanted))
    return told(pass, `The run ${pass ? 'shows' : 'does not show'} "${wanted}".`, pass ? [] : shownIn(found), of)
  }
  insist(reportShape, of, what)
  const pass =
    propertyIn(of, wanted)?.verdict === 'violated' ||
    of.findings.some(({ kind, title }) => kind === wanted || title === wanted)
  return told(pass, `${of.system} ${pass ? 'violates' : 'does not violate'} "${wanted}".`, pass ? [] : saidIn(of), of)
}

const shownIn = (found: readonly Shows[]): readonly string[] => [
  'What it shows:',
  ...(found.length === 0 ? ['nothing'] : found.map(({ kind, title }) => `${kind}: ${title}`)),
]

export const isFollowed = (of: unknown): of is Followed =>
  typeof of === 'object' && of !== null && 'outcome' in of && 'trace' in of && isTrace(of.trace)

/** A run that cannot be made any more shows nothing where that is proved; where it is not, nothing is known of it. */
const followedViolates = (of: Followed, wanted: string): Judgement => {
  const { outcome, shows, trace, renamed, proved } = of
  const names = new Map(Object.entries(renamed))
  const pass =
    outcome !== 'impossible' &&
    (wanted === of.wanted ? of.shown === true : shows.some((each) => isCalled(each, wanted, names)))
  const isLost = outcome === 'impossible' && proved !== true
  const fact = isLost
    ? `Whether the run still shows "${wanted}" is not known.`
    : `The run ${pass ? 'shows' : 'does not show'} "${wanted}".`
  const became = isNews(of) ? tellFollowed(of) : []
  const judged = told(pass, fact, [...became, ...(pass || outcome === 'impossible' ? [] : shownIn(shows))], trace)
  return isLost ? { ...judged, isUnknown: true } : judged
}

/** A `sometimes` of this name was seen. */
export function reaches(report: Report, wanted: string, what: string): Judgement {
  insist(reportShape, report, what)
  insist(nameShape, wanted, `${what}: the name`)
  const property = propertyIn(report, wanted)
  const pass = property?.verdict === 'seen'
  return told(
    pass,
    `"${wanted}" is ${pass ? '' : 'not '}reached${property === undefined ? ': there is no such property' : ''}.`,
    property === undefined ? saidIn(report) : [],
    report,
  )
}

export interface Explored {
  /** States stored: exactly so many. */
  readonly states?: number
  readonly exhaustive?: boolean
}

const exploredShape = record<Explored>({ states: optional(whole(0)), exhaustive: optional(flag) })

/** How much was searched. */
export function explored(report: Report, wanted: Explored, what: string): Judgement {
  insist(reportShape, report, what)
  insist(exploredShape, wanted, `${what}: what was explored`)
  const { states = report.states, exhaustive = report.exhaustive } = wanted
  const pass = report.states === states && report.exhaustive === exhaustive
  const was = (number: number, all: boolean): string =>
    `${counted(number, 'state')}${all ? ', all of them' : ', not all'}`
  return {
    pass,
    message: () =>
      pass
        ? `${report.system} has ${was(states, exhaustive)}.`
        : `${report.system} was to have ${was(states, exhaustive)}; it has ${was(report.states, report.exhaustive)}.`,
  }
}

/** Somebody waits for ever: in some run of a search, or in this one. */
export function deadlocks(of: Report | Trace, what: string): Judgement {
  if (!isTrace(of)) insist(reportShape, of, what)
  const pass = isTrace(of) ? of.end === 'deadlock' : of.findings.some(({ kind }) => kind === 'deadlock')
  const fact = isTrace(of) ? `The run ends ${of.end}` : `${of.system} ${pass ? 'has a deadlock' : 'has no deadlock'}`
  return told(pass, `${fact}.`, [], of)
}

const shownShape = atLeast<ShownActor>(
  { state: text, data: that<ShownActor['data']>('its data', (given) => typeof given === 'object') },
  'an actor: run.actor(id)',
)

/** An actor is in this state. */
export function isIn(actor: ShownActor, state: string, what: string): Judgement {
  insist(shownShape, actor, what)
  insist(name('the name of a state'), state, `${what}: the state`)
  const pass = actor.state === state
  return {
    pass,
    message: () => (pass ? `It is in \`${state}\`.` : `It is in \`${actor.state}\`, not in \`${state}\`.`),
  }
}

/** Every case was looked at, and relock answers as they say. */
export function conforms(report: ConformReport, what: string): Judgement {
  insist(conformReportShape, report, what)
  const { verdict, cases, disagreements, failures, races, noticed } = report
  const wrong = [
    ...failures.map(({ of, error }) => `${of.name}: relock failed: ${error.message}`),
    ...disagreements.map(({ of, index, op, differences }) => {
      const fields = differences.map(({ field }) => field).join(', ')
      return `${of.name}, op ${index} (${op.op}): ${fields}`
    }),
    ...races.flatMap(({ of, impossible, findings }) => [
      ...(impossible.length > 0 ? [`${of.name}: an outcome is not possible`] : []),
      ...findings.map(({ title }) => `${of.name}: may end in ${title}`),
    ]),
    ...noticed.map(({ of, title }) => `${of.name}: ${title}`),
  ]
  const more = wrong.length > 10 ? [`and ${wrong.length - 10} more`] : []
  return {
    pass: verdict === 'agrees',
    message: () =>
      [`${cases.disagreed} of ${cases.all} cases do not conform (${verdict}):`, ...wrong.slice(0, 10), ...more].join(
        '\n  ',
      ),
  }
}
