/** Follows a run: who asked for which lock when, in which calls, and what he held then. */
import { Calls, type Frame, type Stack } from './calls.ts'
import { letIn } from './contexts.ts'
import { isSame, type Edge } from './lock-order.ts'
import type { Schedule } from '../outcome/report.ts'
import type { Interruption, Message, WaitTypes } from '../system.ts'
import type { Trace, TracedLock, TraceStep } from '../runs/trace.ts'

/** A thread asked for a lock. */
export interface Acquisition {
  readonly thread: string
  readonly lock: string
  readonly lockClass: string
  /** The message that asked: LOCK, DOWN_READ, TRY_WRITE … Undefined for a lock that was held when the run began. */
  readonly type: string | undefined
  /** The word of a procedure that the message was sent for: `spin_lock(s)`. */
  readonly says?: string
  /** The step that sent it, and the step in which the lock heard it, if it did. */
  readonly sent: number
  readonly heard: number | undefined
  /** The step in which the thread had it; a queued writer gets it from whoever leaves. */
  readonly taken: number | undefined
  /** By itself or beside others; known once it was taken. */
  readonly exclusive: boolean | undefined
  /** The calls of the thread at that moment, the newest first. */
  readonly stack: readonly Frame[]
  /** It is no lock: who holds it has yet to do what others wait for. */
  readonly awaited?: 'any' | 'all'
  readonly waitType?: WaitTypes
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

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }

/** What interrupts others, as if it were held by who does so, and asked for by who is interrupted. */
const asInterruption = (
  lockClass: Interruption,
  thread: string,
  stack: Stack,
  { sent, taken }: Pick<Acquisition, 'sent' | 'taken'>,
): Acquisition => ({
  ...{ thread, lock: lockClass, lockClass, type: undefined, sent, heard: taken, taken, exclusive: false, stack },
})

/** In which calls each thread is, what it asked for last, what it holds. */
export class Acquisitions {
  readonly edges: OrderEdge[] = []
  readonly nested: OrderEdge[] = []
  readonly held: Writable<Acquisition>[] = []
  /** Lock class → what might come in between where it was asked for. */
  readonly lets = new Map<string, Set<Interruption>>()
  readonly #trace: Trace
  readonly #comes: ReadonlySet<Interruption>
  readonly #calls: Calls
  /** Thread and lock → what it asked of it last. */
  readonly #asked = new Map<string, Writable<Acquisition>>()

  constructor(trace: Trace) {
    this.#trace = trace
    this.#calls = new Calls(trace.threads)
    this.#comes = new Set(Object.values(trace.interruptions ?? {}))
    for (const [lock, { lockClass, held, awaited, waitType }] of Object.entries(trace.locks)) {
      const { threads, exclusive } = held.find(({ since }) => since === 0) ?? { threads: [], exclusive: false }
      const before = { type: undefined, sent: 0, heard: undefined, taken: 0, exclusive, stack: [] }
      const more = { ...(awaited && { awaited }), ...(waitType && { waitType }) }
      this.held.push(...threads.map((thread) => ({ ...before, thread, lock, lockClass, ...more })))
    }
  }

  see(step: TraceStep): void {
    this.#calls.move(step)
    const lock = this.#trace.locks[step.to]
    if (lock) this.#handOver(lock, step)
    for (const { to, message } of step.sends) {
      const asked = this.#trace.locks[to]
      const thread = this.#trace.threads[message.from]
      if (thread === undefined) continue
      if (asked) this.#ask(asked, thread, to, message, step)
      this.#letIn(thread, asked, to, message, step)
    }
  }

  #ask(
    { lockClass, acquires, nest, awaited, waitType }: TracedLock,
    thread: string,
    lock: string,
    { type, says }: Message,
    step: TraceStep,
  ): void {
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
      ...(awaited && { awaited }),
      ...(waitType && { waitType }),
      ...(typeof says === 'string' && { says }),
    }
    this.#asked.set(`${thread}\n${lock}`, asked)
    if (!acquires.includes(type)) return
    const others = this.#heldBy(thread)
    const interruption = this.#trace.interruptions?.[thread]
    const first =
      interruption === undefined
        ? []
        : [asInterruption(interruption, thread, stack.slice(-1), { sent: 0, taken: stack.at(-1)!.since })]
    for (const held of [...first, ...others]) {
      const edge = { from: held.lockClass, to: lockClass, held, asked, others }
      const allowed = held.lockClass === lockClass && nest?.after.includes(held.lock)
      const known = allowed ? this.nested : this.edges
      if (!known.some((each) => isSame(each, edge))) known.push(allowed ? { ...edge, rule: nest!.rule } : edge)
    }
  }

  /** Whatever it holds now, and what it asks for, may be asked for by who comes in between. */
  #letIn(thread: string, lock: TracedLock | undefined, to: string, message: Message, step: TraceStep): void {
    const own = this.#trace.interruptions?.[thread]
    const asked = lock?.acquires.includes(message.type) ? this.#asked.get(`${thread}\n${to}`) : undefined
    const others = this.#heldBy(thread)
    const interrupted = [...others, ...(asked ? [asked] : [])].filter(({ awaited }) => awaited === undefined)
    for (const interruption of letIn(message)) {
      if (interruption === own) continue
      for (const { lockClass } of interrupted)
        this.lets.set(lockClass, (this.lets.get(lockClass) ?? new Set()).add(interruption))
      if (!this.#comes.has(interruption)) continue
      const stack = this.#calls.stackOf(thread)
      for (const held of interrupted) {
        const edge = {
          from: held.lockClass,
          to: interruption,
          held,
          asked: asInterruption(interruption, thread, stack, { sent: step.number, taken: undefined }),
          others,
        }
        if (!this.edges.some((each) => isSame(each, edge))) this.edges.push(edge)
      }
    }
  }

  #heldBy(thread: string): readonly Writable<Acquisition>[] {
    return this.held.filter((held) => held.thread === thread && !this.#isOneOfMany(held))
  }

  /** Where one of several threads is enough to end a wait, none of them holds it: as in `LockOrder`. */
  #isOneOfMany({ lock, awaited }: Acquisition): boolean {
    return awaited === 'any' && this.held.filter((each) => each.lock === lock).length > 1
  }

  #handOver({ held, lockClass, awaited }: TracedLock, { number, from, to, message }: TraceStep): void {
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
      const unasked = {
        ...{ thread, lock: to, lockClass, type: message.type, sent: 0, heard: number, stack: [] },
        ...(awaited && { awaited }),
      }
      const taken = { taken: number, exclusive: now.exclusive }
      // A wait may become somebody's to end by what another thread says.
      const acquisition = awaited && thread !== speaker ? undefined : this.#asked.get(`${thread}\n${to}`)
      this.held.push(acquisition ? Object.assign(acquisition, taken) : { ...unasked, ...taken })
    }
  }
}
