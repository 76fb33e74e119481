/** Searches in threads of their own, several at once. */
import { Worker } from 'node:worker_threads'
import type { Progress, Report } from '../explore/report.ts'
import type { Taken } from '../explore/taken.ts'
import type { Choices } from '../scenarios/choices.ts'
import type { Flags } from './flags.ts'
import { isPath } from './subject.ts'

/** One search, as a thread is told of it: nothing in it but text, numbers and lists of them. */
export interface ToSearch {
  /** Of a built-in scenario, or a file. */
  readonly name: string
  readonly choices: Choices
  readonly flags: Flags
  /** Whether the deliveries that it comes by are wanted, too. */
  readonly taken: boolean
}

/** What a search says in the end. `outOfMemory`: it said nothing, its thread had no room left. */
export type Found = { readonly report: Report; readonly taken: readonly Taken[] } | { readonly outOfMemory: true }

/** From a thread that searches. */
export type Told =
  | { readonly say: 'progress'; readonly progress: Progress }
  | { readonly say: 'found'; readonly report: Report; readonly taken: readonly Taken[] }
  | { readonly say: 'failed'; readonly error: Error }

/** To it. */
export type AskedToSearch = { readonly ask: 'search'; readonly search: ToSearch } | { readonly ask: 'stop' }

export interface Elsewhere {
  /** So many at once. */
  readonly many: number
  /**
   * Waits until a thread is free; nothing, if it is stopped before that. Throws what the search throws, or that its file has ended the thread.
   */
  search(search: ToSearch, stop: AbortSignal, heard: (progress: Progress) => void): Promise<Found | undefined>
  /** Lets go of the threads. */
  end(): void
}

/** What such a thread runs: it lies beside the program, where that is bundled; the sources have it from there, too. */
export const searching = (): URL => {
  const here = import.meta.url
  const program = 'relock-search.js'
  return new URL(
    here.endsWith('.ts') ? `../dist/${program}` : here.includes('/chunks/') ? `../${program}` : program,
    here,
  )
}

/** Searches in at most `many` threads, which run `program`. A thread that has run somebody's file is not used again. */
export const elsewhere = (program: URL, many: number): Elsewhere => {
  const all = new Set<Worker>()
  const idle: Worker[] = []
  const queue: (() => void)[] = []
  let busy = 0

  const turn = async (): Promise<void> => {
    if (busy === many) await new Promise<void>((resolve) => queue.push(resolve))
    else busy++
  }
  const pass = (): void => {
    const next = queue.shift()
    if (next) next()
    else busy--
  }

  const begin = (): Worker => {
    // A file may print what it likes: the report is ours.
    const worker = new Worker(program, { stdout: true, stderr: true })
    all.add(worker)
    return worker
  }
  const leave = (worker: Worker): void => {
    all.delete(worker)
    void worker.terminate()
  }
  const ask = (worker: Worker, asked: AskedToSearch): void => worker.postMessage(asked)
  return {
    many,
    async search(search, stop, heard) {
      await turn()
      if (stop.aborted) {
        pass()
        return undefined
      }
      const worker = idle.pop() ?? begin()
      const halt = (): void => ask(worker, { ask: 'stop' })
      let left = (): void => {}
      stop.addEventListener('abort', halt)
      let isKept = false
      try {
        const found = await new Promise<Found>((resolve, reject) => {
          worker.on('message', (told: Told) => {
            if (told.say === 'progress') heard(told.progress)
            else if (told.say === 'found') resolve({ report: told.report, taken: told.taken })
            else reject(told.error)
          })
          worker.on('error', (error: NodeJS.ErrnoException) =>
            error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve({ outOfMemory: true }) : reject(error),
          )
          left = () => reject(new Error('its file ended the thread'))
          worker.once('exit', left)
          ask(worker, { ask: 'search', search })
        })
        isKept = 'report' in found && !isPath(search.name)
        return found
      } finally {
        stop.removeEventListener('abort', halt)
        worker.off('exit', left).removeAllListeners('message').removeAllListeners('error')
        if (isKept) idle.push(worker)
        else leave(worker)
        pass()
      }
    },
    end() {
      for (const worker of all) void worker.terminate()
    },
  }
}
