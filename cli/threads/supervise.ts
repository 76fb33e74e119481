/**
 * The thread that watches. All work is done in another one: whatever happens there (a scenario file that ends its process, goes round for
 * ever, fills the memory), this one hears signals, says what is known, and gives the exit code.
 */
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { placesIn } from '../../report/places.ts'
import { sayUserError, type UserError } from '../../report/user-error.ts'
import type { ReadFile } from '../../scenarios/modules.ts'
import { Changes } from '../changes.ts'
import type { Known } from '../desk.ts'
import { codeOf, endedAtOnce, leftWithoutAWord, outOfMemory, stuck } from './ends.ts'
import type { Asked, Said, Terminal } from './messages.ts'
import { Sheet } from '../sheet.ts'
import { onSignals } from './signals.ts'
import { whereIs } from './stacks.ts'
import { patienceFor, watchdog, type Watchdog } from './watchdog.ts'

/** Beside this file as it runs: as a source, built, and bundled. */
const program = (): URL =>
  import.meta.url.endsWith('/relock.js')
    ? new URL('relock-worker.js', import.meta.url)
    : new URL(`worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

/** Milliseconds until somebody who has pressed Ctrl-C is told that it was heard. */
const soon = 1000

/** Milliseconds for a thread to say that it begins again; one that is in the middle of something is replaced. */
const promptly = 2000

const nothingKnown: Known = { states: 0, findings: [] }

export const supervise = (): void => {
  const err = new Sheet(process.stderr)
  const out = new Sheet(process.stdout, (why) => err.write(`The report cannot be written (${why}).\n`))
  const terminal: Terminal = { out: out.facts, err: err.facts }
  const lines = typedLines()
  const files: string[] = []
  const workers = new Set<Worker>()
  let worker: Worker
  let known = nothingKnown
  let watching: Watchdog | undefined
  /** Set once files are worked on again whenever they change. */
  let changes: Changes | undefined
  let kept: unknown
  /** Nobody works until something changes; then, too, there is an exit code. */
  let resting: { readonly code: number } | undefined
  let late: NodeJS.Timeout | undefined
  let stopping = false
  let ended = false

  const ask = (asked: Asked): void => worker.postMessage(asked)
  const unwatched = (): void => {
    watching?.end()
    watching = undefined
    clearTimeout(late)
  }

  const end = (code: number): void => {
    if (ended || (resting && !stopping)) return
    unwatched()
    if (changes && !stopping) {
      resting = { code }
      void worker.terminate()
      return err.write('Waiting for a change.\n')
    }
    ended = true
    process.exitCode = code
    lines.end()
    changes?.end()
    void leave(workers)
  }
  const endWith = (error: UserError, code: number): void => {
    if (ended || resting) return
    err.write(`${sayUserError(error, Math.min(100, terminal.err.columns ?? 80))}\n`)
    end(code)
  }
  /** Ends if it is a file of the user's that does not come back: what takes its time may be ours, too. */
  const endIfStuck = async (seconds?: number): Promise<void> => {
    const asked = worker
    const stack = await whereIs(asked.threadId)
    const places = placesIn(stack ?? '', files)
    const isStuck = stack === undefined || places.length > 0
    if (asked === worker && isStuck) endWith(stuck(files[0]!, places, seconds), codeOf(known, 2))
  }

  /** `one` is not heard any more once another has taken its place. */
  const hire = (after?: Terminal['after']): Worker => {
    const one = new Worker(program(), {
      argv: process.argv.slice(2),
      workerData: { ...terminal, ...(after && { after }) } satisfies Terminal,
      stdout: true,
      stderr: true,
    })
    workers.add(one)
    const isAtWork = (): boolean => one === worker && !resting
    one.on('message', (said: Said) => {
      if (isAtWork()) hear(said)
    })
    // The output is the report's; what a scenario file prints is not part of it.
    for (const stream of [one.stdout, one.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => err.write(text))
    one.on('error', (error: NodeJS.ErrnoException) => {
      if (!isAtWork()) return
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return endWith(outOfMemory(known, files[0]), codeOf(known))
      err.write(
        `relock itself failed; this is a fault in relock, not in what you typed.\n\n${error.stack ?? error.message}\n`,
      )
      end(4)
    })
    one.on('exit', () => {
      workers.delete(one)
      if (!isAtWork()) return
      const [file] = files
      if (file !== undefined) return endWith(leftWithoutAWord(file), codeOf(known, 2))
      if (!ended) err.write('relock itself failed: it ended without an answer.\n')
      end(4)
    })
    return one
  }

  const replace = (): void => {
    unwatched()
    void worker.terminate()
    resting = undefined
    known = nothingKnown
    worker = hire({ kept })
  }

  const heardOf = (changed: readonly ReadFile[]): void => {
    if (resting || changed.some(({ again }) => !again)) return replace()
    ask({ changed: changed.map(({ path }) => path) })
    late ??= setTimeout(replace, promptly)
  }

  const hear = (said: Said): void => {
    switch (said.say) {
      case 'out':
        return out.write(said.text)
      case 'err':
        return err.write(said.text)
      case 'known':
        known = said.known
        return
      case 'runs':
        if (!files.includes(said.file)) files.push(said.file)
        watching ??= watchdog(
          patienceFor(said.ms),
          () => ask('ping'),
          (seconds) => void endIfStuck(seconds),
        )
        return
      case 'reads':
        return void lines.next().then(({ value }) => ask({ line: value }))
      case 'pong':
        return watching?.pong()
      case 'asks where':
        return void whereIs(said.thread).then((stack) => ask({ thread: said.thread, stack }))
      case 'reads files':
        changes ??= new Changes(heardOf)
        return changes.of(said.files)
      case 'keeps':
        kept = said.kept
        known = nothingKnown
        return
      case 'begins again':
        clearTimeout(late)
        late = undefined
        return
      case 'ended':
        return end(said.code)
    }
  }

  onSignals(async (nth) => {
    if (ended) return
    stopping = true
    if (resting) return end(resting.code)
    if (nth === 2) {
      if (files.length > 0) await endIfStuck()
      return endWith(endedAtOnce(known), codeOf(known))
    }
    ask('stop')
    setTimeout(() => {
      if (!ended) err.write('Stopping. Ctrl-C again ends at once.\n')
    }, soon).unref()
  })

  worker = hire()
}

/** What is typed, read only when somebody asks for it: to listen keeps the program alive. */
const typedLines = () => {
  let lines: AsyncIterator<string, undefined> | undefined
  return {
    next: () => (lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]()).next(),
    /** Nobody asks any more. */
    end: () => void (lines && process.stdin.destroy()),
  }
}

/** Lets the process go; one with a thread that waits in a call of the system, which nothing interrupts, is killed. */
const leave = async (workers: ReadonlySet<Worker>): Promise<void> => {
  const last = setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5000)
  await Promise.all([...workers].map((each) => each.terminate()))
  clearTimeout(last)
}
