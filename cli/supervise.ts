/**
 * The thread that watches. All work is done in another one: whatever happens there (a scenario file that ends its process, goes round for
 * ever, fills the memory), this one hears signals, says what is known, and gives the exit code.
 */
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { placesIn } from '../report/places.ts'
import { sayUserError, type UserError } from '../report/user-error.ts'
import type { Known } from './desk.ts'
import { codeOf, endedAtOnce, leftWithoutAWord, outOfMemory, stuck } from './ends.ts'
import type { Asked, Said, Terminal } from './messages.ts'
import { Sheet } from './sheet.ts'
import { onSignals } from './signals.ts'
import { whereIs } from './stacks.ts'
import { watch, type Watch } from './watch.ts'

/** Beside this file as it runs: as a source, built, and bundled. */
const program = (): URL =>
  import.meta.url.endsWith('/relock.js')
    ? new URL('relock-worker.js', import.meta.url)
    : new URL(`worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

/** A scenario file may take so many seconds at a time; `--ms` gives it as much as it gives the search. */
const patienceFor = (ms: number | undefined): number => (ms === undefined ? 30 : Math.max(2, ms / 1000))

/** Milliseconds until somebody who has pressed Ctrl-C is told that it was heard. */
const soon = 1000

export const supervise = (): void => {
  const err = new Sheet(process.stderr)
  const out = new Sheet(process.stdout, (why) => err.write(`The report cannot be written (${why}).\n`))
  const terminal: Terminal = { out: out.facts, err: err.facts }
  const worker = new Worker(program(), {
    argv: process.argv.slice(2),
    workerData: terminal,
    stdout: true,
    stderr: true,
  })
  const ask = (asked: Asked): void => worker.postMessage(asked)
  const lines = typedLines()
  const files: string[] = []
  let known: Known = { states: 0, findings: [] }
  let watching: Watch | undefined
  let ended = false

  const end = (code: number): void => {
    if (ended) return
    ended = true
    process.exitCode = code
    watching?.end()
    void leave(worker)
  }
  const endWith = (error: UserError, code: number): void => {
    if (ended) return
    err.write(`${sayUserError(error, Math.min(100, terminal.err.columns ?? 80))}\n`)
    end(code)
  }
  /** Ends if it is a file of the user's that does not come back: what takes its time may be ours, too. */
  const endIfStuck = async (seconds?: number): Promise<void> => {
    const stack = await whereIs()
    const places = placesIn(stack ?? '', files)
    if (stack === undefined || places.length > 0) endWith(stuck(files[0]!, places, seconds), codeOf(known, 2))
  }

  onSignals(async (nth) => {
    if (ended) return
    if (nth === 2) {
      if (files.length > 0) await endIfStuck()
      return endWith(endedAtOnce(known), codeOf(known))
    }
    ask('stop')
    setTimeout(() => {
      if (!ended) err.write('Stopping. Ctrl-C again ends at once.\n')
    }, soon).unref()
  })

  worker.on('message', (said: Said) => {
    switch (said.say) {
      case 'out':
        return out.write(said.text)
      case 'err':
        return err.write(said.text)
      case 'known':
        known = said.known
        return
      case 'runs':
        files.push(said.file)
        watching ??= watch(
          patienceFor(said.ms),
          () => ask('ping'),
          (seconds) => void endIfStuck(seconds),
        )
        return
      case 'reads':
        return void lines.next().then(() => ask('line'))
      case 'pong':
        return watching?.pong()
      case 'ended':
        return end(said.code)
    }
  })
  // The output is the report's; what a scenario file prints is not part of it.
  for (const stream of [worker.stdout, worker.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => err.write(text))
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return endWith(outOfMemory(known, files[0]), codeOf(known))
    err.write(
      `relock itself failed; this is a fault in relock, not in what you typed.\n\n${error.stack ?? error.message}\n`,
    )
    end(4)
  })
  worker.on('exit', () => {
    const [file] = files
    if (file !== undefined) return endWith(leftWithoutAWord(file), codeOf(known, 2))
    if (!ended) err.write('relock itself failed: it ended without an answer.\n')
    end(4)
  })
}

/** What is typed, read only when somebody asks for it: to listen would keep the program alive. */
async function* typedLines(): AsyncGenerator<string, undefined> {
  yield* createInterface({ input: process.stdin })
  return undefined
}

/** Lets the process go; one whose other thread waits in a call of the system, which nothing interrupts, is killed. */
const leave = async (worker: Worker): Promise<void> => {
  const last = setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5000)
  await worker.terminate()
  clearTimeout(last)
}
