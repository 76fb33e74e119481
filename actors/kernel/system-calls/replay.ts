/** One case, replayed: its operations made by the threads of a small Linux, one after the other. */
import { liveEnds, steppedEnds, type ReadableEnd } from '../../running/ends.ts'
import type { ActorSpec } from '../../world/world.ts'
import { declared } from './build.ts'
import { processOf } from './plan.ts'
import type { AnyMachineSnapshot } from 'xstate'
import { canonical } from '../../../explore/states/canonical.ts'
import type { Finding, Send } from '../../../explore/system.ts'
import { profiles, type Profile, type ProfileName } from '../../../machines/profile.ts'
import type { Returned } from '../../../machines/user/thread.ts'
import { stepName } from '../../../streams/offers.ts'
import { Settling } from '../../../streams/settling.ts'
import { iommuWords, type Iommu } from '../iommu.ts'
import { makerOf, mustMove, nameIn, type Op, type Result } from './op.ts'
import { killer, planFor, type CasePlan } from './case-plan.ts'
import { reported, User, type Args } from './user.ts'

/** An operation that will be made, and what the program says of it once it is back. */
export interface Made {
  readonly op: string
  readonly args: Args
  report(returned: Returned): Result
}

export interface SeenObject {
  readonly id: string
  readonly state: string
  readonly data: unknown
}

export interface CaseReplay {
  readonly results: readonly Result[]
  /** What the actors found wrong on the way. */
  readonly findings: readonly Finding[]
  readonly steps: number
  /** Which answers another IOMMU than the one that was recorded has changed: these are not recorded. */
  readonly notRecorded?: readonly number[]
  /** The objects that an operation touched, as they were after it. Replays the case up to there. */
  objectsAt(index: number): readonly SeenObject[]
}

/** What is replayed. */
export interface Script {
  readonly name: string
  /** Another IOMMU than the one that was recorded. */
  readonly iommu?: Iommu
  readonly ops: readonly Op[]
}

export function replayCase(one: Script, profile: ProfileName, options: CaseRunOptions = {}): CaseReplay {
  const run = new CaseRun(one, profile, options)
  const results = one.ops.map((_, index) => run.next(index))
  return {
    results,
    findings: run.findings,
    steps: run.steps,
    ...(iommuWords(one.iommu) !== undefined && { notRecorded: notRecorded(one, results, profile, options) }),
    objectsAt(index) {
      const again = new CaseRun(one, profile, options)
      for (let before = 0; before < index; before++) again.next(before)
      return again.touchedBy(() => again.next(index))
    },
  }
}

/** Those that are otherwise behind the IOMMU that was recorded. */
function notRecorded(
  { iommu: _iommu, ...one }: Script,
  results: readonly Result[],
  profile: ProfileName,
  options: CaseRunOptions,
): readonly number[] {
  const plain = new CaseRun(one, profile, options)
  return one.ops.flatMap((_, index) => (canonical(plain.next(index)) === canonical(results[index]!) ? [] : [index]))
}

/** An operation that was started and has not come back. */
interface Running {
  readonly index: number
  readonly op: Op
  readonly args: Args
}

export interface CaseRunOptions {
  /** On live XState actors. Without, on the components that the checker explores: the same answers, several times as fast. */
  readonly live?: boolean
  /** Changes the kernel. */
  readonly but?: Partial<Profile>
  /** Who does what is put off, where somebody else is called kworker. */
  readonly worker?: string
}

/** A case on its way, one operation after the other. */
export class CaseRun {
  readonly actors: readonly ActorSpec[]
  readonly findings: Finding[] = []
  /** Steps in which nothing came of a message: there should be none. */
  readonly ignored: string[] = []
  steps = 0
  readonly #ops: readonly Op[]
  readonly #plan: CasePlan
  readonly #user: User
  readonly #ends: ReadonlyMap<string, ReadableEnd>
  readonly #settling: Settling
  /** Process or thread name → the thread that has it now. */
  readonly #threads = new Map([['p0', 'p0']])
  readonly #running = new Map<string, Running>()
  /** Thread → what it last saw of its locked and of its pinned memory, in pages. */
  readonly #locked = new Map<string, number>()
  readonly #pinned = new Map<string, number>()
  /** Who may see a change of its locked memory later than it was made: somebody else made it, who was under way. */
  readonly #unsettled = new Set<string>()
  readonly #touched = new Set<string>()
  #kmsg: string[] = []

  constructor(
    { name, ops, iommu }: Script,
    profile: ProfileName,
    { live = false, but = {}, worker }: CaseRunOptions = {},
  ) {
    this.#ops = ops
    this.#plan = {
      ...planFor(name, ops, { ...profiles[profile], ...but }, iommu),
      ...(worker !== undefined && { worker }),
    }
    this.#user = new User(this.#plan)
    const { actors, start } = declared(this.#plan)
    this.actors = actors
    const ends = live ? liveEnds({ actors }) : steppedEnds({ actors })
    this.#ends = new Map(ends.map((end) => [end.id, end]))
    this.#settling = new Settling(ends, start)
  }

  next(index: number): Result {
    const op = this.#ops[index]!
    const name = makerOf(op)
    const thread = op.op === 'kill' ? killer : this.#threads.get(name)
    this.#kmsg = []
    if (thread === undefined || (op.op === 'kill' && !this.#threads.has(nameIn(op, 'target')!)))
      return { ret: -1, err: 'NOPROC' }
    if (op.op === 'await') return this.#withLog(this.#awaited(thread))
    if (this.#running.has(thread)) return { ret: -1, err: 'BUSYPROC' }
    return this.#withLog(this.#made(thread, op, index))
  }

  /** The thread that has a name now. */
  threadCalled(name: string): string {
    const thread = this.#threads.get(name)
    if (thread === undefined) throw new Error(`No thread or process is called ${name}: fork or thread it before.`)
    return thread
  }

  /**
   * Operations as steps of threads, to be made some time and in any order. What they make is taken to come about, and a descriptor one of
   * them closes keeps its name for the others: what a name stands for by then is for the kernel to say.
   */
  tell(told: readonly { readonly thread: string; readonly op: Op; readonly index: number }[]): readonly Made[] {
    const done = ({ thread, op, index, args }: (typeof made)[number]): void =>
      this.#user.done(thread, op, index, args, { ret: 0, moved: mustMove(op) })
    const made: { thread: string; op: Op; index: number; args: Args }[] = []
    for (const each of told) {
      const one = { ...each, args: this.#argsOf(each.thread, each.op, each.index) }
      made.push(one)
      if (each.op.op !== 'close') done(one)
    }
    for (const one of made) if (one.op.op === 'close') done(one)
    return made.map(({ op, args }) => ({
      ...{ op: op.op, args },
      report: (returned) => reported(op, args, returned),
    }))
  }

  has(actor: string): boolean {
    return this.#ends.has(actor)
  }

  /** It has not come back from what it called. */
  isCalling(thread: string): boolean {
    return this.#running.has(thread)
  }

  /** What is under way and has not arrived: the requests of those who wait. */
  inFlight(): readonly Send[] {
    return this.#settling.heads()
  }

  snapshot(id: string): AnyMachineSnapshot {
    return this.#ends.get(id)!.local as AnyMachineSnapshot
  }

  /** Runs something and answers which objects heard of it. */
  touchedBy(run: () => void): readonly SeenObject[] {
    this.#touched.clear()
    run()
    const isObject = (id: string): boolean => this.actors.some((spec) => spec.id === id && !spec.thread)
    return [...this.#touched].filter(isObject).map((id) => ({ id, ...this.#ends.get(id)!.show() }))
  }

  #made(thread: string, op: Op, index: number): Result {
    const process = processOf(this.#plan, thread)
    if (!this.#locked.has(thread)) this.#locked.set(thread, this.#lockedBy(process))
    if (!this.#pinned.has(thread)) this.#pinned.set(thread, this.#pinnedBy(process))
    const args = this.#argsOf(thread, op, index)
    this.#settling.post({
      to: thread,
      message: { type: 'DO', from: 'env', task: thread, steps: [{ call: op.op, args }] },
    })
    const others = [...this.#running.keys()]
    this.#running.set(thread, { index, op, args })
    this.#settle()
    const isOvertaken = others.some((other) => this.#isBack(other))
    const result = this.#collect(thread)
    if (result === undefined) return { pending: true }
    if (op.op === 'exit' || op.op === 'exit_thread') return { ...result, exited: true }
    if (op.op === 'kill') return result
    return {
      ...result,
      ...this.#pinnedNow(thread),
      ...this.#lockedNow(thread, op.op === 'vmlck', isOvertaken, result.unknown),
    }
  }

  #argsOf(thread: string, op: Op, index: number): Args {
    const args = this.#user.args(thread, op, index)
    if (op.op !== 'kill') return args
    return { ...args, target: this.#threads.get(nameIn(op, 'target')!) ?? '' }
  }

  #awaited(thread: string): Result {
    const running = this.#running.get(thread)
    if (!running) return { ret: -1, err: 'NOTBUSY' }
    const result = this.#collect(thread)
    return result === undefined ? { pending: true } : { of: running.index, ...result }
  }

  /** What a thread's call came back with, if it did. */
  #collect(thread: string): Result | undefined {
    if (!this.#isBack(thread)) return undefined
    const { context } = this.snapshot(thread)
    const { index, op, args } = this.#running.get(thread)!
    const [returned] = (context as { results: readonly Readonly<Record<string, unknown>>[] }).results
    this.#running.delete(thread)
    this.#user.done(thread, op, index, args, returned!)
    const name = nameIn(op, 'as') ?? ''
    if (op.op === 'fork' || op.op === 'thread') {
      this.#threads.set(name, args['as'] as string)
      // It goes on from what its maker saw, whatever is true of its own memory.
      this.#pinned.set(args['as'] as string, this.#pinned.get(thread) ?? 0)
    }
    if (op.op === 'exit') this.#gone(thread)
    if (op.op === 'exit_thread') this.#threads.delete(makerOf(op))
    if (op.op === 'exec') this.#goneBut(thread)
    if (op.op === 'kill') this.#gone(args['target'] as string)
    return reported(op, args, returned!)
  }

  #isBack(thread: string): boolean {
    return this.snapshot(thread).value === 'idle'
  }

  /** With a process go all its threads. */
  #gone(thread: string): void {
    const process = processOf(this.#plan, thread)
    for (const [name, id] of this.#threads) if (processOf(this.#plan, id) === process) this.#threads.delete(name)
  }

  /** Of the process's threads one is left. */
  #goneBut(thread: string): void {
    const process = processOf(this.#plan, thread)
    for (const [name, id] of this.#threads)
      if (id !== thread && processOf(this.#plan, id) === process) this.#threads.delete(name)
  }

  #settle(): void {
    for (let step = this.#settling.next(); step; step = this.#settling.next()) {
      const { from, to, message, findings, notes, ignored } = step
      this.steps++
      if (ignored) this.ignored.push(stepName(from, to, message.type))
      this.#touched.add(to)
      this.findings.push(...findings)
      for (const { object, what } of notes) if (object === 'kmsg') this.#kmsg.push(what)
    }
  }

  #lockedBy(process: string): number {
    return this.#memoryOf(process)?.locked ?? 0
  }

  #pinnedBy(process: string): number {
    return this.#memoryOf(process)?.pinned ?? 0
  }

  #memoryOf(process: string): { readonly locked: number; readonly pinned?: number } | undefined {
    const mm = this.#ends.get(`${process}.mm`)
    return mm && (mm.local as AnyMachineSnapshot).context
  }

  #pinnedNow(thread: string): Result {
    const pinned = this.#pinnedBy(processOf(this.#plan, thread))
    const isNews = pinned !== this.#pinned.get(thread)
    this.#pinned.set(thread, pinned)
    return isNews ? { vmpin_kb: pinned * 4 } : {}
  }

  /** What changed while somebody else's call came back (`isOvertaken`) may be seen now or with the next operation. */
  #lockedNow(thread: string, always: boolean, isOvertaken: boolean, unknown: readonly string[] = []): Result {
    const locked = this.#lockedBy(processOf(this.#plan, thread))
    const isNews = locked !== this.#locked.get(thread)
    this.#locked.set(thread, locked)
    const wasUnsettled = this.#unsettled.delete(thread)
    if (isNews && isOvertaken) this.#unsettled.add(thread)
    const isOpen = wasUnsettled || this.#unsettled.has(thread)
    return { ...((isNews || always) && { vmlck_kb: locked * 4 }), ...(isOpen && { unknown: [...unknown, 'vmlck_kb'] }) }
  }

  #withLog(result: Result): Result {
    return this.#kmsg.length > 0 ? { ...result, kmsg: this.#kmsg } : result
  }
}
