/**
 * Lockdep, as a consumer of traces: which thread held which locks when, in which order classes of locks were asked for, and by which calls.
 *
 * Like the kernel's it works on classes and believes in what happened once: two orders are an inversion though they were seen one after the
 * other, in one task, or (of an exploration) in two runs. An attempt is no edge to the lock that is tried; a lock that was tried for and is
 * held counts. The edges are those of `LockOrder`, which the search keeps; here they get their stacks, made from a run when somebody asks.
 */
import { Calls, type Frame } from './calls.ts'
import { cyclesOf, edgesOfCycle, inversion, isSame, type Edge } from './lock-order.ts'
import type { FindingReport, Report, Schedule } from './report.ts'
import type { Finding } from './system.ts'
import type { Trace, TracedLock, TraceStep } from './trace.ts'

export type { Frame }

/** A thread asked for a lock. */
export interface Acquisition {
  readonly thread: string
  readonly lock: string
  readonly lockClass: string
  /** The message that asked: LOCK, DOWN_READ, TRY_WRITE … Undefined for a lock that was held when the run began. */
  readonly type: string | undefined
  /** The step that sent it, and the step in which the lock heard it, if it did. */
  readonly sent: number
  readonly heard: number | undefined
  /** The step in which the thread had it; a queued writer gets it from whoever leaves. */
  readonly taken: number | undefined
  /** By itself or beside others; known once it was taken. */
  readonly exclusive: boolean | undefined
  /** The calls of the thread at that moment, the newest first. */
  readonly stack: readonly Frame[]
}

/** A lock of class `to` was asked for while one of class `from` was held: the first time in its run. */
export interface OrderEdge extends Edge {
  readonly held: Acquisition
  readonly asked: Acquisition
  /** All that the thread held, in the order in which it came to hold it. */
  readonly others: readonly Acquisition[]
  /** The documented rule that allows it, when both are of one class. Such an edge is part of no inversion. */
  readonly rule?: string
  /** The run that shows it, of an exploration. */
  readonly schedule?: Schedule
}

export interface LockClass {
  readonly name: string
  /** The locks of this class that were met. */
  readonly locks: readonly string[]
  /** Was held so. */
  readonly exclusive: boolean
  readonly shared: boolean
}

export interface Inversion {
  readonly finding: Finding
  /** Once around, each with both stacks. */
  readonly edges: readonly OrderEdge[]
  /** The edge that came last: what lockdep would complain of. */
  readonly closing: OrderEdge
}

export interface Lockdep {
  readonly classes: readonly LockClass[]
  readonly edges: readonly OrderEdge[]
  readonly nested: readonly OrderEdge[]
  readonly inversions: readonly Inversion[]
  /** Locks that are held when the run ends. */
  readonly held: readonly Acquisition[]
}

/** The order of locks in one run. */
export function lockdep(trace: Trace): Lockdep {
  const watch = new Watch(trace)
  for (const step of trace.steps) watch.see(step)
  const { edges, nested, held } = watch
  const inversions = cyclesOf(edges).map((cycle) =>
    inverted(inversion(cycle), edgesOfCycle(cycle).map(edgeIn(edges)), edges),
  )
  return { classes: classesOf(trace), edges, nested, inversions, held }
}

/**
 * The order of locks in all runs of an exploration: `traceOf` replays a schedule of its report. The edges of an inversion come from one run
 * if there is one that shows them all.
 */
export function lockdepOf({ lockOrder, findings }: Report, traceOf: (schedule: Schedule) => Trace): Lockdep {
  const seen = lockOrder.map((edge) => ({ edge, schedule: edge.schedule, order: lockdep(traceOf(edge.schedule)) }))
  const edges = seen.map(({ edge, schedule, order }) => ({ ...edgeIn(order.edges)(edge), schedule }))
  const nested = seen.flatMap(({ schedule, order }) => order.nested.map((edge) => ({ ...edge, schedule })))
  const inversions = cyclesOf(edges).map((cycle) => {
    const finding = inversion(cycle)
    const found = findings.find(({ kind, title }) => kind === finding.kind && title === finding.title)
    const own = found ? withRun(lockdep(traceOf(found.schedule)).edges, found) : []
    return inverted(finding, membersOf(finding, own, edges), own.length > 0 ? own : edges)
  })
  return {
    classes: merged(seen.flatMap(({ order }) => order.classes)),
    edges,
    nested: nested.filter((edge, index) => nested.findIndex((each) => isSame(each, edge)) === index),
    inversions,
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
export const inverted = (finding: Finding, edges: readonly OrderEdge[], own: readonly OrderEdge[]): Inversion => {
  const order = (edge: OrderEdge) => own.findIndex((each) => isSame(each, edge))
  const closing = edges.reduce((last, edge) => (order(edge) > order(last) ? edge : last))
  return { finding, edges, closing }
}

const classesOf = ({ locks }: Trace): readonly LockClass[] =>
  merged(
    Object.entries(locks).map(([id, { lockClass, held }]) => ({
      name: lockClass,
      locks: [id],
      exclusive: held.some(({ threads, exclusive }) => threads.length > 0 && exclusive),
      shared: held.some(({ threads, exclusive }) => threads.length > 0 && !exclusive),
    })),
  )

const merged = (classes: readonly LockClass[]): readonly LockClass[] => {
  const byName = new Map<string, LockClass>()
  for (const one of classes) {
    const { locks = [], exclusive = false, shared = false } = byName.get(one.name) ?? {}
    byName.set(one.name, {
      name: one.name,
      locks: [...new Set([...locks, ...one.locks])].sort(),
      exclusive: exclusive || one.exclusive,
      shared: shared || one.shared,
    })
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }

/** Follows a run: in which calls each thread is, what it asked for last, what it holds. */
class Watch {
  readonly edges: OrderEdge[] = []
  readonly nested: OrderEdge[] = []
  readonly held: Writable<Acquisition>[] = []
  readonly #trace: Trace
  readonly #calls: Calls
  /** Thread and lock → what it asked of it last. */
  readonly #asked = new Map<string, Writable<Acquisition>>()

  constructor(trace: Trace) {
    this.#trace = trace
    this.#calls = new Calls(trace.threads)
    for (const [lock, { lockClass, held }] of Object.entries(trace.locks)) {
      const { threads, exclusive } = held.find(({ since }) => since === 0) ?? { threads: [], exclusive: false }
      const before = { type: undefined, sent: 0, heard: undefined, taken: 0, exclusive, stack: [] }
      this.held.push(...threads.map((thread) => ({ ...before, thread, lock, lockClass })))
    }
  }

  see(step: TraceStep): void {
    this.#calls.move(step)
    const lock = this.#trace.locks[step.to]
    if (lock) this.#handOver(lock, step)
    for (const { to, message } of step.sends) {
      const asked = this.#trace.locks[to]
      const thread = this.#trace.threads[message.from]
      if (asked && thread !== undefined) this.#ask(asked, thread, to, message.type, step)
    }
  }

  #ask({ lockClass, acquires, nest }: TracedLock, thread: string, lock: string, type: string, step: TraceStep): void {
    const stack = this.#calls.enter(thread, step.to, step.number)
    const sent = step.number
    const asked = {
      thread,
      lock,
      lockClass,
      type,
      sent,
      stack,
      heard: undefined,
      taken: undefined,
      exclusive: undefined,
    }
    this.#asked.set(`${thread}\n${lock}`, asked)
    if (!acquires.includes(type)) return
    const others = this.held.filter((held) => held.thread === thread)
    for (const held of others) {
      const edge = { from: held.lockClass, to: lockClass, held, asked, others }
      const allowed = held.lockClass === lockClass && nest?.after.includes(held.lock)
      const known = allowed ? this.nested : this.edges
      if (!known.some((each) => isSame(each, edge))) known.push(allowed ? { ...edge, rule: nest!.rule } : edge)
    }
  }

  #handOver({ held, lockClass }: TracedLock, { number, from, to, message }: TraceStep): void {
    const speaker = this.#trace.threads[from]
    const request = this.#asked.get(`${speaker}\n${to}`)
    if (request && request.heard === undefined) request.heard = number
    const now = held.find(({ since }) => since === number)
    if (!now) return
    const had = this.held.filter(({ lock }) => lock === to)
    for (const gone of had.filter(({ thread }) => !now.threads.includes(thread)))
      this.held.splice(this.held.indexOf(gone), 1)
    for (const thread of now.threads.filter((each) => !had.some((one) => one.thread === each))) {
      // Asked for before the run began.
      const unasked = { thread, lock: to, lockClass, type: message.type, sent: 0, heard: number, stack: [] }
      const taken = { taken: number, exclusive: now.exclusive }
      const acquisition = this.#asked.get(`${thread}\n${to}`)
      this.held.push(acquisition ? Object.assign(acquisition, taken) : { ...unasked, ...taken })
    }
  }
}
