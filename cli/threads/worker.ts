/** The thread that works: a command line at a desk that is connected to the thread that watches. */
import { availableParallelism } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { failedFile, linesOf } from '../../report/errors.ts'
import { placesIn } from '../../report/places.ts'
import type { Desk, Known } from '../desk.ts'
import { beside, elsewhere, searching } from './elsewhere.ts'
import { guard } from './guard.ts'
import { begunAt } from './loading.ts'
import type { Asked, Said, Terminal } from './messages.ts'
import { run } from '../run.ts'
import { tell } from '../tell.ts'

const port = parentPort!
const post = (said: Said): void => port.postMessage(said)

const stop = new AbortController()
let typed: ((line: string | undefined) => void) | undefined
/** Who waits to be told where a thread is. */
const found = new Map<number, (stack: string | undefined) => void>()
const whereIs = (thread: number): Promise<string | undefined> => {
  post({ say: 'asks where', thread })
  return new Promise((resolve) => found.set(thread, resolve))
}

/** Files that have changed, and what is done meanwhile. */
const changed: string[] = []
let busy = new AbortController()
let wake = (): void => {}
stop.signal.addEventListener('abort', () => wake())
port.on('message', (asked: Asked) => {
  if (asked === 'ping') post({ say: 'pong' })
  else if (asked === 'stop') {
    stop.abort()
    typed?.(undefined)
  } else if ('line' in asked) typed?.(asked.line)
  else if ('thread' in asked) found.get(asked.thread)?.(asked.stack)
  else {
    post({ say: 'begins again' })
    changed.push(...asked.changed)
    busy.abort()
    wake()
  }
})
// Listening alone keeps nobody alive: who waits for what never comes is to end.
port.unref()

const cores = availableParallelism()

const { out, err, after } = workerData as Terminal
const often = 100
let told = 0
const files: string[] = []
const desk: Desk = {
  out: { ...out, write: (text) => post({ say: 'out', text }) },
  err: { ...err, write: (text) => post({ say: 'err', text }) },
  env: process.env,
  stop: stop.signal,
  async line() {
    post({ say: 'reads' })
    port.ref()
    const line = await new Promise<string | undefined>((resolve) => (typed = resolve))
    port.unref()
    return line
  },
  ...(cores > 1 && {
    elsewhere: elsewhere(searching(), cores, whereIs),
    // A small Linux is many machines; whoever replays nothing is spared their start.
    replaying: async () => (await import('./replaying.ts')).replaying(beside('relock-replay.js'), cores),
  }),
  known({ states, findings }: Known) {
    const now = performance.now()
    if (now - told < often) return
    told = now
    post({ say: 'known', known: { states, findings } })
  },
  files,
  runs(file, ms) {
    if (files.length === 0) guard(left)
    if (!files.includes(file)) files.push(file)
    post({ say: 'runs', file, ms })
  },
  whereIs,
  rounds: {
    before: after?.kept,
    read(files) {
      post({ say: 'reads files', files })
      return AbortSignal.any([stop.signal, busy.signal])
    },
    async next(kept) {
      post({ say: 'keeps', kept })
      port.ref()
      while (changed.length === 0 && !stop.signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      port.unref()
      busy = new AbortController()
      return stop.signal.aborted ? undefined : changed.splice(0)
    },
  },
}

const end = (code: number): void => post({ say: 'ended', code })
const fail = (error: unknown): void => end(tell(error, desk))

const places = (stack: string | undefined): readonly string[] =>
  placesIn(stack ?? '', files)
    .slice(0, 3)
    .map((place) => `at ${place}`)

const guilty = (why: string, evidence: readonly string[]): void => fail(failedFile(files[0] ?? '', why, evidence))

const left = (call: string, stack: string): void => guilty('ended the program.', [call, ...places(stack)])

/** What nobody waits for was left behind by a scenario file, unless it comes from us. */
const lost = (error: unknown, why: string, stack = ''): void => {
  const isTheirs = files.length > 0 && (!(error instanceof Error) || places(error.stack).length > 0)
  if (isTheirs) guilty(why, [...linesOf(error, files), ...(error instanceof Error ? [] : places(stack))])
  else fail(error)
}

process.on('uncaughtException', (error) => lost(error, 'threw where nobody waits for it.'))
process.on('unhandledRejection', (reason, promise) =>
  lost(reason, 'rejected a promise that nobody waits for.', begunAt(promise)),
)

end(await run(process.argv.slice(2), desk))
