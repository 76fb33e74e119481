/** SARIF 2.1.0: a result for each finding, its run as a code flow with one thread flow an actor. */
import type { Trace, TraceStep } from '../../explore/runs/trace.ts'
import { laneOf, sentence, tellStep } from '../story.ts'
import { issuesOf, uncounted, type Issue } from '../issues.ts'
import { incomplete } from '../verdict.ts'
import { versionOf } from '../../explore/version.ts'
import { visible } from '../words.ts'
import { placeOf } from './place.ts'
import { addressIn, claimsOf, kindOf, nameOf, titleIn, toldRun, type Explored, type Unsearched } from './told.ts'

const text = (of: string): { readonly text: string } => ({ text: visible(of) })

/** A path as a URI has it. */
const uriOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

const locationOf = ({ file, scenario }: Explored, claim?: string, actor?: string) => {
  const place = file === undefined ? undefined : placeOf(file, claim)
  return {
    ...(place && {
      physicalLocation: {
        artifactLocation: { uri: uriOf(place.path), uriBaseId: 'SRCROOT' },
        region: { startLine: place.line },
      },
    }),
    logicalLocations: [
      {
        fullyQualifiedName: visible(actor === undefined ? scenario : `${scenario}/${actor}`),
        kind: actor === undefined ? 'module' : 'object',
      },
    ],
  }
}

/** What the receiver is in after a step. Values are messages. */
const stateAfter = ({ to, after }: TraceStep) => ({ [visible(to)]: text(after.state) })

const flowOf = (explored: Explored, trace: Trace, lane: string) => ({
  id: visible(lane),
  message: text(lane),
  locations: trace.steps
    .filter((step) => laneOf(trace, step.to) === lane)
    .map((step) => ({
      location: { ...locationOf(explored, undefined, step.to), message: text(sentence(tellStep(trace, step))) },
      executionOrder: step.number,
      state: stateAfter(step),
      ...(step.findings.length > 0 && { importance: 'essential' }),
    })),
})

const resultOf = (explored: Explored, issue: Issue, counts: boolean) => {
  const trace = explored.traceOf(issue.schedule)
  const lanes = [...new Set(trace.steps.map(({ to }) => laneOf(trace, to)))]
  const justification = explored.expected ? 'what the scenario expects' : 'accepted in the baseline'
  const isAccepted = explored.expected === true || explored.accepted?.(issue) === true
  return {
    ruleId: visible(issue.kind),
    level: counts ? 'error' : 'note',
    message: text(`${titleIn(explored, issue)} (${nameOf(explored)}, ${issue.depth} steps)`),
    locations: [locationOf(explored, issue.property?.name)],
    codeFlows:
      lanes.length === 0
        ? []
        : [{ message: text('A run that shows it'), threadFlows: lanes.map((lane) => flowOf(explored, trace, lane)) }],
    partialFingerprints: { 'relock/v1': visible(`${nameOf(explored)}:${issue.kind}:${issue.title}`) },
    ...(isAccepted && { suppressions: [{ kind: 'external', justification }] }),
    properties: { address: addressIn(explored, issue), run: toldRun(explored, issue).split('\n').map(visible) },
  }
}

/** A claim that is not so and has no run: a `sometimes` that no order shows, or that all is as expected. */
const unseenIn = (explored: Explored) =>
  claimsOf(explored)
    .filter(({ outcome, issue }) => outcome === 'not so' && issue === undefined)
    .map(({ name, why }) => ({
      ruleId: kindOf({ name }),
      level: 'error',
      message: text(`${name}: ${why} (${nameOf(explored)})`),
      locations: [locationOf(explored, name.slice(name.indexOf(' ') + 1))],
    }))

/** What the search could not say. */
const notices = (all: readonly Explored[]) =>
  all.flatMap((explored) => {
    const missing = incomplete(explored.report)
    return missing === undefined ? [] : [{ level: 'warning', message: text(`${nameOf(explored)}: ${missing}`) }]
  })

/** Its default is the worst of its results: there are readers that look at the rule only, and leave out what it says nothing of. */
const ruleOf = (id: string, results: readonly { readonly ruleId: string; readonly level: string }[]) => ({
  id,
  shortDescription: { text: id },
  defaultConfiguration: {
    level: results.some(({ ruleId, level }) => ruleId === id && level === 'error') ? 'error' : 'note',
  },
})

export const sarif = (all: readonly Explored[], failed: readonly Unsearched[] = []): string => {
  const results = all.flatMap((explored) => [
    ...issuesOf(explored.report).map((issue) => resultOf(explored, issue, true)),
    ...uncounted(explored.report).map((issue) => resultOf(explored, issue, false)),
    ...unseenIn(explored),
  ])
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].map((id) => ruleOf(id, results))
  const run = {
    tool: { driver: { name: 'relock', semanticVersion: versionOf(), rules } },
    originalUriBaseIds: { SRCROOT: { description: { text: 'the folder in which relock ran' } } },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: failed.length === 0,
        toolExecutionNotifications: [
          ...notices(all),
          ...failed.map(({ name, why }) => ({ level: 'error', message: text(`${name} ${why}`) })),
        ],
      },
    ],
    results,
  }
  return `${JSON.stringify({ $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`
}
