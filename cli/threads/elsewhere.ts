/** Searches in threads of their own, several at once. */
import { Worker } from 'node:worker_threads'
import type { Progress, Report, Schedule } from '../../explore/outcome/report.ts'
import type { Taken } from '../../explore/outcome/taken.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { placesIn } from '../../report/places.ts'
import type { Unreported } from '../../report/unreported.ts'
import { UserError, type About } from '../../report/user-error.ts'
import type { Choices } from '../../scenarios/choices.ts'
import type { Scenario } from '../../scenarios/told.ts'
import type { Known } from '../desk.ts'
import { compiler } from './compiling.ts'
import { stuck } from './ends.ts'
import type { Flags } from '../flags.ts'
import { isPath } from '../subject.ts'
import { patienceFor, watchdog, type Watchdog } from './watchdog.ts'

/** One search, as a thread is told of it: nothing in it but text, numbers and lists of them. */
export interface ToSearch {
  /** Of a built-in scenario, or a file. */
  readonly name: string
  readonly choices: Choices
  readonly flags: Flags
  /** Whether the deliveries that it comes by are wanted, too. */
  readonly taken: boolean
  /** The runs that the report tells of are. */
  readonly runs?: true
  /** Only what comes behind this. */
  readonly prefix?: Schedule
}

/** A run that the report tells of. */
export type Shown = readonly [schedule: Schedule, trace: Trace]

interface Searched {
  readonly report: Report
  readonly taken: readonly Taken[]
  readonly runs?: readonly Shown[]
}

/** What a search says in the end. `outOfMemory`: its thread had no room left, and this is the last that it said. */
export type Found = Searched | { readonly outOfMemory: Known } | Unreported

/** What is to be known of a scenario before it is searched. */
export type Outline = Pick<Scenario, 'choices' | 'expected'>

/** From a thread that searches. */
export type Told =
  | { readonly say: 'progress'; readonly progress: Progress }
  | ({ readonly say: 'found' } & Searched)
  | { readonly say: 'outline'; readonly outline: Outline }
  | { readonly say: 'failed'; readonly error: Error }
  /** What the user can put right: an error loses what it is about on the way. */
  | { readonly say: 'slip'; readonly fact: string; readonly about: About }
  /** The answer to `ping`: it still turns. */
  | { readonly say: 'pong' }

/** To it. */
export type AskedToSearch =
  | { readonly ask: 'search'; readonly search: ToSearch }
  | { readonly ask: 'outline'; readonly name: string; readonly ms: number | undefined }
  | { readonly ask: 'stop' }
  | { readonly ask: 'ping' }

/** Where a thread of this number is; undefined: in a call of the system. */
export type WhereIs = (thread: number) => Promise<string | undefined>

export interface Elsewhere {
  /** So many at once. */
  readonly many: number
  /** It takes files of the user's, too, where otherwise they are searched in the thread that has read them. */
  readonly takesFiles?: true
  /**
   * Waits until a thread is free; nothing, if it is stopped before that. Throws what the search throws, that its file has ended the thread, or
   * that it does not come back.
   */
  search(search: ToSearch, stop: AbortSignal, heard: (progress: Progress) => void): Promise<Found | undefined>
  /** The same for what a file says of itself when it is read, in as many milliseconds as the search may take. */
  outline(name: string, ms: number | undefined, stop: AbortSignal): Promise<Outline | undefined>
  /** Lets go of the threads. */
  end(): void
}

/** What such a thread runs. */
export const searching = (): URL => beside('relock-search.js')

/** What lies beside the program, where that is bundled; the sources have it from there, too. */
export const beside = (program: string): URL => {
  const here = import.meta.url
  return new URL(
    here.endsWith('.ts') ? `../../dist/${program}` : here.includes('/chunks/') ? `../${program}` : program,
    here,
  )
}

/**
 * Searches in at most `many` threads, which run `program`. A thread that has run somebody's file is not used again, but for one that has read
 * a file and is asked to search it.
 */
export const elsewhere = (program: URL, many: number, whereIs?: WhereIs): Elsewhere => {
  const all = new Set<Worker>()
  const idle: Worker[] = []
  /** By file, a thread that has read it. */
  const read = new Map<string, Worker>()
  const queue: { readonly name: string; readonly begin: () => void }[] = []
  let busy = 0

  const turn = async (name: string): Promise<void> => {
    if (busy === many) await new Promise<void>((begin) => queue.push({ name, begin }))
    else busy++
  }
  /** Whoever can go on where something was read is first, so that no more threads wait than work. */
  const pass = (): void => {
    const goesOn = queue.findIndex(({ name }) => read.has(name))
    const [next] = queue.splice(Math.max(0, goesOn), 1)
    if (next) next.begin()
    else busy--
  }

  const compiling = compiler()
  const begin = (): Worker => {
    const asking = compiling()
    // A file may print what it likes: the report is ours.
    const worker = new Worker(program, {
      ...{ stdout: true, stderr: true },
      ...{ workerData: asking, transferList: [asking.port] },
    })
    all.add(worker)
    return worker
  }
  const leave = (worker: Worker): void => {
    all.delete(worker)
    void worker.terminate()
  }
  /** What becomes of it while it waits is told by nobody: the file is read once more, and says it again. */
  const keep = (name: string, worker: Worker): void => {
    const forget = (): void => void (read.get(name) === worker && read.delete(name))
    worker.on('error', forget).once('exit', forget)
    read.set(name, worker)
  }
  const take = (name: string): Worker | undefined => {
    const worker = read.get(name)
    read.delete(name)
    return worker?.removeAllListeners('error').removeAllListeners('exit')
  }

  /** What a thread answers; nothing, if it is stopped before it begins. */
  const answered = async <Answer>(
    { name, ms, asked }: { readonly name: string; readonly ms: number | undefined; readonly asked: AskedToSearch },
    stop: AbortSignal,
    hear: (told: Told) => Answer | undefined,
    whenFull?: () => Answer,
  ): Promise<Answer | undefined> => {
    await turn(name)
    if (stop.aborted) {
      pass()
      return undefined
    }
    const worker = isPath(name) ? (take(name) ?? begin()) : (idle.pop() ?? begin())
    const ask = (more: AskedToSearch): void => worker.postMessage(more)
    const halt = (): void => ask({ ask: 'stop' })
    let left = (): void => {}
    let dog: Watchdog | undefined
    stop.addEventListener('abort', halt)
    let isAnswered = false
    let isOver = false
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        worker.on('message', (told: Told) => {
          if (told.say === 'failed') return reject(told.error)
          if (told.say === 'slip') return reject(new UserError(told.fact, told.about))
          if (told.say === 'pong') return dog?.pong()
          const heard = hear(told)
          if (heard !== undefined) resolve(heard)
        })
        worker.on('error', (error: NodeJS.ErrnoException) => {
          isOver = true
          if (error.code === 'ERR_WORKER_OUT_OF_MEMORY' && whenFull) resolve(whenFull())
          else reject(error)
        })
        left = () => reject(new Error('its file ended the thread'))
        worker.once('exit', left)
        // The others use the same CPU.
        const patience = patienceFor(ms) * many
        if (isPath(name))
          dog = watchdog(
            patience,
            () => ask({ ask: 'ping' }),
            (seconds) =>
              void whereTheyAre(worker, name).then(
                (places) => places && reject(new Error(stuckIn(name, places, seconds))),
              ),
          )
        ask(asked)
      })
      isAnswered = !isOver
      return answer
    } finally {
      dog?.end()
      stop.removeEventListener('abort', halt)
      worker.off('exit', left).removeAllListeners('message').removeAllListeners('error')
      if (isAnswered && !isPath(name)) idle.push(worker)
      else if (isAnswered && asked.ask === 'outline') keep(name, worker)
      else leave(worker)
      pass()
    }
  }

  /** In the file, as far as that can be told; undefined: it is us who take so long. */
  const whereTheyAre = async ({ threadId }: Worker, name: string): Promise<readonly string[] | undefined> => {
    if (!whereIs) return []
    const stack = await whereIs(threadId)
    const places = placesIn(stack ?? '', [name])
    return stack === undefined || places.length > 0 ? places : undefined
  }

  return {
    many,
    search(search, stop, heard) {
      let known: Known = { states: 0, findings: [] }
      return answered<Found>(
        { name: search.name, ms: search.flags.ms, asked: { ask: 'search', search } },
        stop,
        (told) => {
          if (told.say === 'found') return told
          if (told.say !== 'progress') return undefined
          known = told.progress
          heard(told.progress)
          return undefined
        },
        () => ({ outOfMemory: known }),
      )
    },
    outline: (name, ms, stop) =>
      answered({ name, ms, asked: { ask: 'outline', name, ms } }, stop, (told) =>
        told.say === 'outline' ? told.outline : undefined,
      ),
    end() {
      for (const worker of all) void worker.terminate()
    },
  }
}

const stuckIn = (name: string, places: readonly string[], seconds: number): string => {
  const { message, about } = stuck(name, places, seconds)
  return [message, ...(about.evidence ?? [])].join(' ')
}
