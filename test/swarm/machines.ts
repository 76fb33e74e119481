/** Processes that stand for machines: those that hand in, and those that work. */
import { spawn } from 'node:child_process'
import { program, type Outcome } from '../cli/run.ts'

export interface Machine {
  readonly told: { readonly out: string; readonly err: string }
  readonly ended: Promise<Outcome>
  readonly pid: number
  kill(signal?: NodeJS.Signals): void
  /** When it has said this on the error stream, so many times. */
  says(words: string, times?: number): Promise<void>
}

const plain = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LANG: 'C.UTF-8', COLUMNS: '80' }

export const machine = (
  cwd: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  heard: (text: string) => void = () => {},
  of = program,
): Machine => {
  const child = spawn(process.execPath, [of, ...words], { cwd, env: { ...plain, ...env } })
  const told = { out: '', err: '' }
  const waiting = new Set<() => void>()
  child.stdout.on('data', (text: Buffer) => (told.out += text.toString()))
  child.stderr.on('data', (text: Buffer) => {
    told.err += text.toString()
    heard(text.toString())
    for (const look of waiting) look()
  })
  return {
    told,
    pid: child.pid!,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, ...told }))),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    says: (text, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (told.err.split(text).length - 1 < times) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
