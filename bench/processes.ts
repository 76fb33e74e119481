/** Starts a program and says what it used. */
import { spawnSync } from 'node:child_process'

export interface Ran {
  readonly code: number
  readonly output: string
  readonly errors: string
  /** Seconds on the clock. */
  readonly wall: number
  /** Seconds of processor, the program's own and the system's for it. */
  readonly cpu: number
}

/** Node does not tell what a child used; the shell's `times` does, on every POSIX system. */
const script = '"$@"; code=$?; times >&3; exit $code'

export function run(program: string, words: readonly string[], directory?: string): Ran {
  const started = performance.now()
  const { status, error, output } = spawnSync('sh', ['-c', script, 'sh', program, ...words], {
    ...(directory !== undefined && { cwd: directory }),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const wall = (performance.now() - started) / 1000
  if (error) throw error
  // The second line is about children: `0m0.250s 0m0.031s`.
  const used = (output[3] ?? '').trim().split('\n').at(-1) ?? ''
  return { code: status ?? -1, output: output[1] ?? '', errors: output[2] ?? '', wall, cpu: seconds(used) }
}

const seconds = (times: string): number =>
  [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  )

export const isInstalled = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
