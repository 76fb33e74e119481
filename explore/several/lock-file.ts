/**
 * A file that is there while a process uses what stands beside it. It says which process that is: one that was killed leaves the file, and
 * whoever comes next sees that it is gone.
 */
import * as fs from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { threadId } from 'node:worker_threads'
import { ModelError } from '../errors.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** When it began, as its system counts: another process may have its number by now. */
  readonly began: string
}

/** Where nothing says when a process began, its number has to do. */
const beganOf = (pid: number): string => {
  try {
    // Behind the name of the program, which may have brackets of its own; the 22nd field of all.
    return (
      fs
        .readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    )
  } catch {
    return ''
  }
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export class LockFile {
  readonly #path: string
  #isHeld = false

  constructor(path: string) {
    this.#path = path
  }

  /** Throws a ModelError where another process has it. A disk that takes no file keeps nothing either: then there is nothing to be locked. */
  take(): void {
    const { pid } = process
    const own: Holder = { pid, host: hostname(), began: beganOf(pid) }
    const text = JSON.stringify(own)
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (this.#made(text)) return
      const there = this.#read()
      if (there === undefined) continue
      const holder = holderIn(there)
      if (holder && isUsing(holder, own)) throw this.#inUse(holder)
      if (!this.#takeAway(there)) continue
    }
    throw this.#inUse(undefined)
  }

  /** Nothing, where it was not taken. */
  release(): void {
    if (this.#isHeld) forget(this.#path)
    this.#isHeld = false
  }

  /** True: it is ours, or nobody can have one there. It is there with all that it says: nobody reads half of it. */
  #made(text: string): boolean {
    const whole = `${this.#path}-${process.pid}-${threadId}`
    try {
      fs.mkdirSync(dirname(this.#path), { recursive: true })
      fs.writeFileSync(whole, text)
      fs.linkSync(whole, this.#path)
      this.#isHeld = true
      return true
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code !== 'EEXIST'
    } finally {
      forget(whole)
    }
  }

  #read(): string | undefined {
    try {
      return fs.readFileSync(this.#path, 'utf8')
    } catch {
      return undefined
    }
  }

  /** One that nobody uses, as it was read: of two who see that at once, one takes it away. */
  #takeAway(there: string): boolean {
    const aside = `${this.#path}-${process.pid}-${threadId}-old`
    try {
      fs.renameSync(this.#path, aside)
      const isSame = fs.readFileSync(aside, 'utf8') === there
      if (isSame) fs.rmSync(aside)
      else fs.renameSync(aside, this.#path)
      return isSame
    } catch {
      return false
    }
  }

  #inUse(holder: Holder | undefined): ModelError {
    return new ModelError(
      'checkpoint-in-use',
      'Another process keeps this very search there.',
      [
        ['lock', this.#path],
        ['of', holder ? `process ${holder.pid} on ${holder.host}` : 'one that comes and goes'],
      ],
      'Wait until it is over, or keep this search in another folder. If no such process is there any more, remove the lock.',
    )
  }
}

const attempts = 20

const forget = (path: string): void => {
  try {
    fs.rmSync(path, { force: true })
  } catch {
    // What cannot be taken away is seen to be nobody's by whoever comes next.
  }
}

const holderIn = (text: string): Holder | undefined => {
  try {
    const { pid, host, began } = JSON.parse(text) as Partial<Holder>
    return typeof pid === 'number' && typeof host === 'string' && typeof began === 'string'
      ? { pid, host, began }
      : undefined
  } catch {
    return undefined
  }
}

/** Of another host nobody can tell. The search of this very process may have been given up; whether it was is its own affair. */
const isUsing = ({ pid, host, began }: Holder, own: Holder): boolean => {
  if (host !== own.host) return true
  if (pid === own.pid || !isThere(pid)) return false
  const now = beganOf(pid)
  return now === '' || began === '' || now === began
}
