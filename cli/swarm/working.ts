/** What `relock worker` does: takes searches from the queue, each in a thread of its own, so that who holds its lock is never out of breath. */
import { existsSync, realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { printSubject } from '../../report/address.ts'
import { versionOf } from '../../explore/version.ts'
import { visible } from '../../report/words.ts'
import type { Choices } from '../../scenarios/choices.ts'
import type { Scenario } from '../../scenarios/told.ts'
import { builtInScenario } from '../built-in.ts'
import type { Desk } from '../desk.ts'
import { elsewhere, searching, type Elsewhere } from '../threads/elsewhere.ts'
import type { Permission } from '../permit.ts'
import { isPath } from '../subject.ts'
import { differing, filesOf } from './files.ts'
import type { CertificateFlags } from './certificates.ts'
import { jobIn, otherVersion, type Answer, type Job } from './job.ts'
import { aliveKey } from './queue.ts'
import { connected, type Connected } from './redis.ts'

export interface WorkerFlags extends CertificateFlags, Permission {
  readonly queue: string
  readonly parallel?: number
  readonly lock: number
}

/** Milliseconds between two looks at whether anybody still waits, and between two words on how far a search is. */
const look = 500
const often = 1000

export const working = async (flags: WorkerFlags, desk: Desk): Promise<number> => {
  const at = await connected('worker', flags, desk)
  const many = flags.parallel ?? availableParallelism()
  const threads = elsewhere(searching(), many, desk.whereIs)
  const say = (words: string): unknown => desk.err.write(`${visible(words)}\n`)
  const bench: Bench = { flags, desk, at, threads, say }
  const worker = new at.bull.Worker(
    flags.queue,
    async (job, _token, signal) => {
      let told = performance.now()
      return answerTo(job.data, bench, signal, (progress) => {
        if (performance.now() - told < often) return
        told = performance.now()
        void job.updateProgress(progress).catch(() => {})
      })
    },
    {
      connection: at.redis,
      concurrency: many,
      lockDuration: flags.lock,
      stalledInterval: Math.ceil(flags.lock / 2),
      // Whoever has handed it in has it done again, and counts.
      maxStalledCount: 0,
    },
  )
  worker.on('error', ({ message }) => {
    if (at.redis.status === 'ready') say(message)
  })
  // Somebody else is at it by now, or will be.
  worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)))
  say(`Waiting for searches at ${at.at} (queue ${flags.queue}), ${many} at once. Ctrl-C ends.`)
  await new Promise<void>((resolve) =>
    desk.stop.aborted ? resolve() : desk.stop.addEventListener('abort', () => resolve()),
  )
  // Without Redis nobody can be told.
  await worker.close(at.redis.status !== 'ready').catch(() => {})
  threads.end()
  at.redis.disconnect()
  return 0
}

interface Bench {
  readonly flags: WorkerFlags
  readonly desk: Desk
  readonly at: Connected
  readonly threads: Elsewhere
  readonly say: (words: string) => unknown
}

const answerTo = async (
  given: unknown,
  bench: Bench,
  lost: AbortSignal,
  heard: (progress: object) => void,
): Promise<Answer> => {
  const other = otherVersion(given, versionOf())
  if (other !== undefined) return refusal(other, bench)
  const job = jobIn(given)
  if (typeof job === 'string') return refusal(job, bench)
  const why = await refusedBecause(job, bench.flags)
  if (why !== undefined) return refusal(why, bench)
  if (!(await isWanted(job, bench))) return { back: true }
  bench.say(`Job ${job.index} of ${job.swarm}: ${printSubject(job.name, job.choices)} · ${job.flags.strategy}`)
  return searched(job, bench, lost, heard)
}

const refusal = (why: string, { say }: Bench): Answer => {
  say(`Refused: ${why}.`)
  return { refused: why }
}

const searched = async (
  job: Job,
  bench: Bench,
  lost: AbortSignal,
  heard: (progress: object) => void,
): Promise<Answer> => {
  const gone = new AbortController()
  const timer = setInterval(
    () =>
      void isWanted(job, bench).then(
        (wanted) => (wanted ? undefined : gone.abort()),
        // Without Redis nobody can say so.
        () => {},
      ),
    look,
  )
  const stop = AbortSignal.any([bench.desk.stop, gone.signal, lost])
  const { name, choices, flags, prefix } = job
  try {
    const found = await bench.threads.search(
      { name, choices, flags, taken: false, ...(prefix && { prefix }) },
      stop,
      heard,
    )
    if (stop.aborted || !found || 'missing' in found) return { back: true }
    if ('outOfMemory' in found) return { outOfMemory: found.outOfMemory }
    if (found.report.fingerprint !== job.fingerprint) return refusal(otherModel(job, found.report.fingerprint), bench)
    return { report: found.report }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  } finally {
    clearInterval(timer)
  }
}

/** By whoever has handed it in: he says again and again up to which job. */
const isWanted = async ({ swarm, index }: Job, { at, flags }: Bench): Promise<boolean> => {
  const upTo = await at.redis.get(aliveKey(flags.queue, swarm))
  return upTo !== null && index <= Number(upTo)
}

const otherModel = ({ name, fingerprint }: Job, here: string): string =>
  `${name} is another model there (${fingerprint}) than here (${here})`

/** Choices that come from elsewhere may be none. */
const fingerprintOf = (scenario: Scenario, choices: Choices): string => {
  try {
    return scenario.system(choices).fingerprint
  } catch {
    return 'none'
  }
}

/** What is not what it was handed in as is not run. A file is run only if whoever has started the worker says so: a job alone says nothing. */
const refusedBecause = async (job: Job, { allow = [] }: WorkerFlags): Promise<string | undefined> => {
  const { name, choices, fingerprint } = job
  if (!isPath(name)) {
    const scenario = await builtInScenario(name)
    if (!scenario) return `there is no scenario ${name} here`
    const here = fingerprintOf(scenario, choices)
    return here === fingerprint ? undefined : otherModel(job, here)
  }
  if (!existsSync(name)) return `there is no ${name} here`
  const real = realpathSync(name)
  const isAllowed = allow.some((each) => existsSync(each) && realpathSync(each) === real)
  if (!isAllowed) return `${name} is not run here unless this worker is told to: --allow ${name}`
  const difference = differing(job.files, filesOf(name))
  return difference && `of ${name}, ${difference}`
}
