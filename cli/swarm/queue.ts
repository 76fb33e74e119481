/**
 * Searches as jobs on a queue. Whoever hands them in knows of each whether its answer is there, and has it done again where it is not: because its
 * worker has died, or because Redis has forgotten it. Each time under an id that was never used before: BullMQ silently runs nothing that is added
 * under the id of a finished job.
 */
import { randomUUID } from 'node:crypto'
import type { Progress } from '../../explore/outcome/report.ts'
import { violationsIn } from '../../explore/claims/violations.ts'
import { printSubject } from '../../report/address.ts'
import * as errors from '../../report/swarm/errors.ts'
import type { SwarmProgress } from '../../report/swarm/shards.ts'
import { overall } from '../../report/verdict.ts'
import type { Desk } from '../desk.ts'
import type { Found } from '../threads/elsewhere.ts'
import type { Queue, QueueEvents } from './bull.ts'
import type { Answer, Job } from './job.ts'
import type { Connected } from './redis.ts'

/** So many milliseconds after it was last heard of, nobody waits for a swarm any more. */
const alive = 60_000
/** Milliseconds between two looks at what is not answered, and so many of those at a time. */
const look = 1000
const atOnce = 100
/** Workers are asked so often to take what one has refused, and after so many milliseconds. */
const mostRefusals = 5
const refusedFor = 500
const backFor = 100
/** What nobody has fetched is forgotten after a day, in seconds. */
const kept = { age: 86_400 }

/** Where workers read whether somebody waits for a swarm, and up to which job. */
export const aliveKey = (queue: string, swarm: string): string => `relock:${queue}:${swarm}`

interface Task {
  readonly job: Job
  readonly of: string
  readonly settle: (found: Found | undefined) => void
  readonly fail: (error: unknown) => void
  /** Of the job as it is on the queue now. */
  id: string
  isAdded: boolean
  isLookedAt: boolean
  begun: number
  deaths: number
  refusals: number
  found?: Found
  isOver: boolean
}

export interface SwarmOptions {
  readonly queue: string
  /** How often a job is begun whose worker dies. */
  readonly attempts: number
  /** What stands behind the first that has found something is not wanted any more. */
  readonly stopAtFirst: boolean
}

export class Swarm {
  readonly #id = randomUUID().slice(0, 13)
  readonly #tasks: Task[] = []
  readonly #byId = new Map<string, Task>()
  readonly #progress = new Map<number, Progress>()
  readonly #options: SwarmOptions
  readonly #desk: Desk
  readonly #at: Connected
  readonly #queue: Queue
  readonly #events: QueueEvents
  readonly #timer: NodeJS.Timeout
  readonly #refused = new Set<string>()
  /** The first that has found something, of those that are answered. */
  #first = Infinity
  /** Those before this one are told. */
  #told = 0
  #sweep = 0
  #again = 0
  #isTaken = false
  #looks = 0
  #ending: Promise<void> | undefined

  constructor(at: Connected, options: SwarmOptions, desk: Desk) {
    this.#at = at
    this.#options = options
    this.#desk = desk
    const connection = at.redis
    this.#queue = new at.bull.Queue(options.queue, { connection })
    this.#events = new at.bull.QueueEvents(options.queue, { connection })
    // Whoever holds the connection says what is wrong with it.
    this.#queue.on('error', () => {})
    this.#events.on('error', () => {})
    this.#events.on('completed', ({ jobId }) => this.#lookAt(jobId))
    this.#events.on('failed', ({ jobId }) => this.#lookAt(jobId))
    this.#events.on('active', ({ jobId }) => {
      if (this.#byId.has(jobId)) this.#isTaken = true
    })
    this.#events.on('progress', ({ jobId, data }) => this.#hear(jobId, data))
    this.#timer = setInterval(() => this.#lookAround(), look)
    desk.stop.addEventListener('abort', () => void this.end())
  }

  get progress(): Omit<SwarmProgress, 'seconds'> {
    const all = [...this.#progress.values()]
    return {
      done: this.#tasks.filter(({ found, isOver }) => found || isOver).length,
      of: this.#tasks.length,
      again: this.#again,
      states: all.reduce((sum, { states }) => sum + states, 0),
      findings: [...new Set(all.flatMap(({ findings }) => findings))],
    }
  }

  /** What comes of a job; nothing, if somebody has stopped it before. Jobs are in the order in which they are handed in. */
  search(job: Omit<Job, 'swarm' | 'index'>): Promise<Found | undefined> {
    return new Promise((settle, fail) => {
      const index = this.#tasks.length
      const task: Task = {
        job: { ...job, swarm: this.#id, index },
        of: printSubject(job.name, job.choices),
        ...{ settle, fail, id: '', isAdded: false, isLookedAt: false, begun: 0, deaths: 0, refusals: 0 },
        isOver: false,
      }
      this.#tasks.push(task)
      if (index === 0) void this.#stayAlive()
      void this.#add(task)
    })
  }

  /** Nobody waits for anything any more: what no worker has begun is taken back, and what one has begun ends. */
  end(): Promise<void> {
    return (this.#ending ??= this.#end())
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer)
    const open = this.#tasks.filter(({ found, isOver }) => !found && !isOver)
    for (const task of this.#tasks) this.#settle(task, undefined)
    if (this.#at.redis.status === 'ready') {
      await this.#at.redis.del(aliveKey(this.#options.queue, this.#id)).catch(() => {})
      await Promise.all(open.map(({ id }) => this.#forget(id)))
    }
    await Promise.all([this.#events.close(), this.#queue.close()]).catch(() => {})
  }

  #add(task: Task, delay?: number): Promise<void> {
    return this.#put(task, delay).catch((error: unknown) =>
      this.#fail(errors.noRedis(this.#at.at, (error as Error).message)),
    )
  }

  async #put(task: Task, delay = 0): Promise<void> {
    this.#byId.delete(task.id)
    task.id = `${this.#id}-${task.job.index}-${++task.begun}`
    task.isAdded = false
    this.#byId.set(task.id, task)
    const { id } = task
    await this.#queue.add('search', task.job, { jobId: id, delay, removeOnComplete: kept, removeOnFail: kept })
    if (task.id === id) task.isAdded = true
  }

  #lookAround(): void {
    void this.#stayAlive()
    if (++this.#looks === 5 && !this.#isTaken)
      this.#desk.err.write(
        'No worker has taken anything yet. On any machine, with the same REDIS_URL: npx relock worker\n',
      )
    const open = this.#tasks.filter(({ isAdded, found, isOver }) => isAdded && !found && !isOver)
    if (this.#sweep >= open.length) this.#sweep = 0
    for (const { id } of open.slice(this.#sweep, this.#sweep + atOnce)) this.#lookAt(id)
    this.#sweep += atOnce
  }

  async #stayAlive(): Promise<void> {
    const upTo = Math.min(this.#first, Number.MAX_SAFE_INTEGER)
    await this.#at.redis.set(aliveKey(this.#options.queue, this.#id), upTo, 'PX', alive).catch(() => {})
  }

  #hear(id: string, data: unknown): void {
    const task = this.#byId.get(id)
    if (!task) return
    this.#progress.set(task.job.index, data as Progress)
  }

  #lookAt(id: string): void {
    const task = this.#byId.get(id)
    if (!task || task.isLookedAt || !task.isAdded || task.isOver || task.found) return
    task.isLookedAt = true
    void this.#answerOf(task)
      .catch(() => {})
      .finally(() => (task.isLookedAt = false))
  }

  async #answerOf(task: Task): Promise<void> {
    const { id } = task
    const job = await this.#queue.getJob(id)
    if (task.id !== id || task.isOver) return
    if (!job) return this.#addAgain(task)
    if (job.finishedOn === undefined) return
    void this.#forget(id)
    // A worker that has died is told of by the next one.
    if (job.failedReason) {
      if (++task.deaths < this.#options.attempts) return this.#addAgain(task)
      return this.#foundOf(task, { missing: `undecided: its worker has died ${task.deaths} times` })
    }
    return this.#hearAnswer(task, job.returnvalue)
  }

  async #hearAnswer(task: Task, answer: Answer): Promise<void> {
    if ('back' in answer) return this.#addAgain(task, backFor)
    if ('failed' in answer) return this.#fail(errors.failed(task.of, answer.failed))
    if ('refused' in answer) {
      const { refused: why } = answer
      if (!this.#refused.has(why)) this.#desk.err.write(`A worker refuses ${task.of}: ${why}.\n`)
      this.#refused.add(why)
      if (++task.refusals >= mostRefusals) return this.#fail(errors.refused(task.of, why))
      return this.#addAgain(task, refusedFor)
    }
    if ('outOfMemory' in answer) return this.#foundOf(task, { outOfMemory: answer.outOfMemory })
    this.#foundOf(task, { report: answer.report, taken: [] })
  }

  #addAgain(task: Task, delay?: number): Promise<void> {
    this.#again++
    return this.#add(task, delay)
  }

  #foundOf(task: Task, found: Found): void {
    task.found = found
    this.#byId.delete(task.id)
    const { index } = task.job
    if ('report' in found) {
      const { report } = found
      const findings = violationsIn(report).map(({ kind, title }) => `${kind} ${title}`)
      const { states, steps, depth, seconds } = report
      this.#progress.set(index, { states, steps, depth, seconds, frontier: [], findings })
      if (this.#options.stopAtFirst && overall(report) === 'violated' && index < this.#first) this.#stopBehind(index)
    }
    this.#tell()
  }

  #stopBehind(index: number): void {
    this.#first = index
    void this.#stayAlive()
    for (const task of this.#tasks.slice(index + 1)) {
      if (!task.found && !task.isOver) void this.#forget(task.id)
      this.#settle(task, { missing: 'not searched to its end: one before it has found something' })
    }
  }

  /** Where the first finding decides what is told, each waits for those before it. */
  #tell(): void {
    if (!this.#options.stopAtFirst) {
      for (const task of this.#tasks) if (task.found) this.#settle(task, task.found)
      return
    }
    for (let task = this.#tasks[this.#told]; task?.found; task = this.#tasks[++this.#told])
      this.#settle(task, task.found)
  }

  #settle(task: Task, found: Found | undefined): void {
    if (task.isOver) return
    task.isOver = true
    this.#byId.delete(task.id)
    task.settle(found)
  }

  #fail(error: unknown): void {
    for (const task of this.#tasks)
      if (!task.isOver) {
        task.isOver = true
        task.fail(error)
      }
  }

  async #forget(id: string): Promise<void> {
    // One that is at work cannot be taken back: its worker hears that nobody waits for it.
    await this.#queue.remove(id).catch(() => {})
  }
}
