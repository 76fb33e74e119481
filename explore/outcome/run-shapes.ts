/** Reports and runs that come back: made by the checker, handed to whoever analyses them. What is forgotten most often is to wait for them. */
import { atLeast, byName, flag, listOf, name, oneOf, that, text, whole } from '../../shapes/shape.ts'
import type { FindingReport, PropertyReport, Report } from './report.ts'
import type { Trace, TracedLock, TraceStep } from '../runs/trace.ts'

const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null

/** A run has many steps, and each was written down by us: enough is looked at to know that they are. */
const isStep = (given: unknown): boolean =>
  isObject(given) &&
  ['from', 'to', 'message', 'before', 'after'].every((field) => field in given) &&
  isObject((given as TraceStep).message) &&
  [(given as TraceStep).sends, (given as TraceStep).findings, (given as TraceStep).notes].every(Array.isArray)

export const traceShape = atLeast<Pick<Trace, 'steps' | 'threads' | 'locks'>>(
  {
    steps: listOf('a list of steps', that<TraceStep>('a step, as replay() writes it', isStep)),
    threads: byName('threads by the ids of components', text),
    locks: byName(
      'locks by their ids',
      that<TracedLock>('a lock', (given) => isObject(given) && 'held' in given && Array.isArray(given.held)),
    ),
  },
  'a run: what replay() answers',
)

const property = atLeast<Pick<PropertyReport, 'name' | 'kind' | 'verdict'>>(
  {
    name: name(),
    kind: oneOf(['always', 'sometimes', 'eventually']),
    verdict: oneOf(['holds', 'violated', 'seen', 'unseen', 'undecided']),
  },
  'a property with its verdict',
)
const finding = atLeast<Pick<FindingReport, 'kind' | 'title' | 'depth'>>(
  { kind: name(), title: name(), depth: whole(0) },
  'a finding',
)

/** What is asked of a report. */
interface Asked extends Pick<Report, 'system' | 'exhaustive' | 'lockOrder'> {
  readonly properties: readonly Pick<PropertyReport, 'name' | 'kind' | 'verdict'>[]
  readonly findings: readonly Pick<FindingReport, 'kind' | 'title' | 'depth'>[]
}

export const reportShape = atLeast<Asked>(
  {
    system: text,
    exhaustive: flag,
    properties: listOf('a list of properties', property),
    findings: listOf('a list of findings', finding),
    lockOrder: listOf('a list of edges', that<Report['lockOrder'][number]>('an edge', isObject)),
  },
  'a report: await explore(…)',
)
