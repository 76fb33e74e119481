/** Runs the program in a folder of its own: in this process, or the built one as its users do, in another. */
import { execFile, spawn, type ExecFileException } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { whenAsleep } from './asleep.ts'
import { atDeskIn, type Outcome } from './at-desk.ts'

export type { Outcome }

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const program = join(root, 'dist/relock.js')

export interface How {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Let it say how far it is. How often it does depends on the machine. */
  readonly progress?: true
}

const searching = ['explore', 'show', 'compare', 'lockdep', 'conform']
const plain = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LANG: 'C.UTF-8', COLUMNS: '80' }

const wordsOf = (args: readonly string[], { progress }: How): readonly string[] =>
  searching.includes(args[0]!) && !progress ? [...args, '--quiet'] : args

/** In this process: all that the words, the files and the environment decide. */
export const relockIn =
  (cwd: string) =>
  (args: readonly string[], how: How = {}): Promise<Outcome> =>
    atDeskIn(cwd, wordsOf(args, how), how.env)

/** As a process: what signals, streams, memory and files that are run do to it, or it to them. */
export const processIn =
  (cwd: string) =>
  (args: readonly string[], how: How = {}): Promise<Outcome> =>
    new Promise((resolve) => {
      const options = { cwd, env: { ...plain, ...how.env }, maxBuffer: 1 << 26 }
      const words = [program, ...wordsOf(args, how)]
      execFile(process.execPath, words, options, (error: ExecFileException | null, out, err) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err }),
      )
    })

export interface Started {
  readonly ended: Promise<Outcome>
  /** So far. */
  readonly told: { readonly out: string; readonly err: string }
  /** When it says its first word on the error stream. */
  readonly speaks: Promise<unknown>
  /** Ctrl-C, or another signal, once it is certain that it is at work and does not end before that by itself. */
  interrupt(signal?: NodeJS.Signals): void
  /** Types it; nothing: there will be no more. */
  type(text?: string): void
  /** When it has said this on the error stream, or printed it. */
  says(words: string): Promise<unknown>
  prints(words: string): Promise<unknown>
  /**
   * When that is so of all that it has said. Fails once it has ended, or does nothing more, without it: with what was awaited, in words, and
   * with what came.
   */
  until(isSo: (told: Started['told']) => boolean, awaited: string): Promise<unknown>
}

/** `heard` is given what it says on the error stream, as it comes. */
export const start = (
  cwd: string,
  args: readonly string[],
  heard?: (text: string) => void,
  env: Readonly<Record<string, string>> = {},
): Started => {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...plain, ...env } })
  const told = { out: '', err: '' }
  child.stdout.on('data', (text: Buffer) => (told.out += text.toString()))
  child.stderr.on('data', (text: Buffer) => {
    told.err += text.toString()
    heard?.(text.toString())
  })
  const until: Started['until'] = (isSo, awaited) =>
    new Promise<void>((resolve, reject) => {
      const settle = (done: () => void): void => {
        stopLooking()
        done()
      }
      const look = (): void => {
        if (isSo(told)) settle(resolve)
      }
      // What has not come by then never will: a test that waits for it would wait for ever.
      const misses = (how: string): void =>
        settle(() => reject(new Error(`It ${how}, and has not said ${awaited}\nbut this:\n${told.out}${told.err}`)))
      const stopLooking = whenAsleep(child.pid!, () => misses('waits for somebody else'))
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.on('close', () => misses('has ended'))
      look()
    })
  return {
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, ...told }))),
    speaks: new Promise((resolve) => child.stderr.once('data', resolve)),
    interrupt: (signal = 'SIGINT') => child.kill(signal),
    type: (text) => void (text === undefined ? child.stdin.end() : child.stdin.write(text)),
    told,
    says: (words) => until(({ err }) => err.includes(words), JSON.stringify(words)),
    prints: (words) => until(({ out }) => out.includes(words), JSON.stringify(words)),
    until,
  }
}

export const scratch = (): string => mkdtempSync(join(tmpdir(), 'relock-cli-'))
export const forget = (folder: string): void => rmSync(folder, { recursive: true, force: true })

export const widest = (text: string): number => Math.max(...text.split('\n').map((line) => [...line].length))
/** Anything below a space but the newline, and what begins an escape sequence. */
// oxlint-disable-next-line no-control-regex
export const hasControl = (text: string): boolean => /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text)

/** A printed command with its backslashes at the ends of lines, as a shell would read it: the words after `npx relock`. */
export const commands = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/npx relock ((?:[^\n\\]|\\\n)*)/g)].map(([, line = '']) =>
    [...line.replaceAll('\\\n', '').matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", '')),
  )
