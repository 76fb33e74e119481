/** Threads that look ahead. */
import { Worker } from 'node:worker_threads'
import type { Board } from './board.ts'
import type { Hired, Told } from './messages.ts'

/** Those who look ahead, as the one who keeps the order sees them. */
export interface Team {
  readonly size: number
  begin(hired: Hired, board: Board): void
  tell(told: Told): void
  /** It is the turn of another chunk. */
  turn(): void
  /** Waits a little for the results of a chunk that one of them has taken. False: one of them is gone. */
  wait(chunk: number): boolean
  end(): void
}

/** What a thread runs: it lies beside what is bundled; the sources have it from there, too. */
const lookingAhead = (): URL => {
  const here = import.meta.url
  const name = 'relock-ahead.js'
  if (here.endsWith('.ts')) return new URL(`../../dist/${name}`, here)
  return new URL(/\/(?:chunks|cjs)\/[^/]+$/.test(here) ? `../${name}` : name, here)
}

/** Milliseconds. */
const aLittle = 20
const patience = 5000

export class Threads implements Team {
  readonly size: number
  readonly #program: URL
  readonly #workers: Worker[] = []
  #board: Board | undefined
  #isOneGone = false
  /** Since when nobody has been heard of. */
  #since = 0
  #beats = -1

  constructor(size: number, program = lookingAhead()) {
    this.size = size
    this.#program = program
  }

  begin(hired: Hired, board: Board): void {
    this.#board = board
    this.#isOneGone = false
    this.#beats = -1
    for (let number = 0; number < this.size; number++) {
      const worker = new Worker(this.#program, { workerData: hired, stdout: true, stderr: true })
      const gone = (): void => {
        this.#isOneGone = true
      }
      worker.on('error', gone).on('exit', gone)
      worker.unref()
      this.#workers.push(worker)
    }
  }

  tell(told: Told): void {
    for (const worker of this.#workers) worker.postMessage(told)
  }

  turn(): void {}

  wait(chunk: number): boolean {
    const board = this.#board!
    board.waitFor(chunk, aLittle)
    if (this.#beats !== board.beats || board.isReady(chunk)) {
      this.#beats = board.beats
      this.#since = performance.now()
    }
    return !this.#isOneGone && performance.now() - this.#since < patience
  }

  end(): void {
    this.#board?.end()
    for (const worker of this.#workers.splice(0)) {
      // Who fails when it is over is of no account: without anybody who listens it would be the end of the process.
      worker.removeAllListeners().on('error', () => {})
      void worker.terminate()
    }
  }
}
