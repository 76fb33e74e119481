/**
 * Lockdep, as a consumer of traces: which thread held which locks when, in which order classes of locks were asked for, and by which calls.
 *
 * Like the kernel's it works on classes and believes in what happened once: two orders are an inversion though they were seen one after the
 * other, in one task, or (of an exploration) in two runs. An attempt is no edge to the lock that is tried; a lock that was tried for and is
 * held counts. The edges are those of `LockOrder`, which the search keeps; here they get their stacks, made from a run when somebody asks.
 */
import { Acquisitions, type Acquisition, type OrderEdge } from './acquisitions.ts'
import type { Frame } from './calls.ts'
import { isCaughtAtTheEnd } from './caught.ts'
import { cyclesOf, edgesOfCycle, inversion, isSame, type Edge } from './lock-order.ts'
import { insist } from '../../shapes/insist.ts'
import { callable } from '../../shapes/shape.ts'
import type { FindingReport, JudgedReport, Report, Schedule } from '../outcome/report.ts'
import { reportShape, traceShape } from '../outcome/run-shapes.ts'
import { inInterruption, isInterruption, waitContext, waitsTooLong, withoutIdle } from './contexts.ts'
import type { Finding, Interruption } from '../system.ts'
import { choicesOf, type Trace } from '../runs/trace.ts'

export type { Acquisition, Frame, OrderEdge }
export { isInterruption, waitTypeWords } from './contexts.ts'

const tracing = callable('a function from a schedule to its run: (schedule) => replay(world, schedule)')

export interface LockClass {
  readonly name: string
  /** The locks of this class that were met. */
  readonly locks: readonly string[]
  /** Was held so. */
  readonly exclusive: boolean
  readonly shared: boolean
  /** It was asked for where these might come in between. */
  readonly lets: readonly Interruption[]
}

export interface Inversion {
  readonly finding: Finding
  /** Once around, each with both stacks. */
  readonly edges: readonly OrderEdge[]
  /** The edge that came last: what lockdep would complain of. */
  readonly closing: OrderEdge
  /** Whether anybody is caught in it. One run can confirm it, if it hangs so. */
  readonly judged: JudgedReport
}

/** Somebody asked for a lock where one must not wait so long. */
export interface WrongContext {
  readonly finding: Finding
  readonly edge: OrderEdge
}

export interface Lockdep {
  readonly classes: readonly LockClass[]
  readonly edges: readonly OrderEdge[]
  readonly nested: readonly OrderEdge[]
  readonly inversions: readonly Inversion[]
  readonly contexts: readonly WrongContext[]
  /** Locks that are held when the run ends, and what is waited for still. */
  readonly held: readonly Acquisition[]
}

/** The order of locks in one run. */
export function lockdep(trace: Trace): Lockdep {
  insist(traceShape, trace, 'lockdep()')
  const order = watched(trace)
  return { ...order, edges: withoutIdle(order.edges, (edge) => edge) }
}

function watched(trace: Trace): Lockdep {
  const watch = new Acquisitions(trace)
  for (const step of trace.steps) watch.see(step)
  const { edges, nested, held } = watch
  const schedule = choicesOf(trace)
  const inversions = cyclesOf(edges).map((cycle) =>
    inverted(
      inversion(cycle),
      edgesOfCycle(cycle).map(edgeIn(edges)),
      edges,
      isCaughtAtTheEnd(trace, cycle) ? { verdict: 'confirmed', schedule } : { verdict: 'open' },
    ),
  )
  return { classes: classesOf(trace, watch.lets), edges, nested, inversions, contexts: wrongIn(edges), held }
}

const wrongIn = (edges: readonly OrderEdge[]): readonly WrongContext[] =>
  edges.flatMap((edge) => {
    const held = isInterruption(edge.from) ? inInterruption : edge.held.waitType
    return waitsTooLong(held, edge.asked.waitType) ? [{ finding: waitContext(edge), edge }] : []
  })

/**
 * The order of locks in all runs of an exploration: `traceOf` replays a schedule of its report. The edges of an inversion come from one run
 * if there is one that shows them all.
 */
export function lockdepOf(report: Report, traceOf: (schedule: Schedule) => Trace): Lockdep {
  insist(reportShape, report, 'lockdepOf()')
  insist(tracing, traceOf, 'lockdepOf(): traceOf')
  const { lockOrder, findings } = report
  const seen = lockOrder.map((edge) => ({ edge, schedule: edge.schedule, order: watched(traceOf(edge.schedule)) }))
  const edges = seen.map(({ edge, schedule, order }) => ({ ...edgeIn(order.edges)(edge), schedule }))
  const nested = seen.flatMap(({ schedule, order }) => order.nested.map((edge) => ({ ...edge, schedule })))
  const inversions = cyclesOf(edges).map((cycle) => {
    const finding = inversion(cycle)
    const found = findings.find(({ kind, title }) => kind === finding.kind && title === finding.title)
    const own = found ? withRun(lockdep(traceOf(found.schedule)).edges, found) : []
    return inverted(finding, membersOf(finding, own, edges), own.length > 0 ? own : edges, found?.judged)
  })
  return {
    classes: merged(seen.flatMap(({ order }) => order.classes)),
    edges,
    nested: nested.filter((edge, index) => nested.findIndex((each) => isSame(each, edge)) === index),
    inversions,
    contexts: wrongIn(edges),
    held: [],
  }
}

/** The edges of an inversion: those that a run has itself, and the others from elsewhere. */
export const membersOf = (
  { cycle = [] }: Finding,
  own: readonly OrderEdge[],
  elsewhere: readonly OrderEdge[],
): readonly OrderEdge[] =>
  edgesOfCycle(cycle).flatMap(
    (edge) => own.find((each) => isSame(each, edge)) ?? elsewhere.find((each) => isSame(each, edge)) ?? [],
  )

const withRun = (edges: readonly OrderEdge[], { schedule }: FindingReport): readonly OrderEdge[] =>
  edges.map((edge) => ({ ...edge, schedule }))

const edgeIn =
  (edges: readonly OrderEdge[]) =>
  (wanted: Edge): OrderEdge =>
    edges.find((edge) => isSame(edge, wanted))!

/** The last edge of a run is the one that closes the circle; edges of other runs were there before. */
export const inverted = (
  finding: Finding,
  edges: readonly OrderEdge[],
  own: readonly OrderEdge[],
  judged: JudgedReport = { verdict: 'open' },
): Inversion => {
  const order = (edge: OrderEdge) => own.findIndex((each) => isSame(each, edge))
  const closing = edges.reduce((last, edge) => (order(edge) > order(last) ? edge : last))
  return { finding, edges, closing, judged }
}

const classesOf = ({ locks }: Trace, lets: ReadonlyMap<string, ReadonlySet<Interruption>>): readonly LockClass[] =>
  merged(
    Object.entries(locks).map(([id, { lockClass, held }]) => ({
      name: lockClass,
      locks: [id],
      exclusive: held.some(({ threads, exclusive }) => threads.length > 0 && exclusive),
      shared: held.some(({ threads, exclusive }) => threads.length > 0 && !exclusive),
      lets: [...(lets.get(lockClass) ?? [])],
    })),
  )

const merged = (classes: readonly LockClass[]): readonly LockClass[] => {
  const byName = new Map<string, LockClass>()
  for (const one of classes) {
    const { locks = [], exclusive = false, shared = false, lets = [] } = byName.get(one.name) ?? {}
    byName.set(one.name, {
      name: one.name,
      locks: [...new Set([...locks, ...one.locks])].sort(),
      exclusive: exclusive || one.exclusive,
      shared: shared || one.shared,
      lets: [...new Set([...lets, ...one.lets])].sort(),
    })
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}
