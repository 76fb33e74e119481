/** Runs Spin on `promela/unmap.pml`: from the source to the verdict, as a person would. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled, run } from './processes.ts'
import type { Size } from './worlds.ts'

export interface Pan {
  readonly states: number
  readonly transitions: number
  readonly errors: number
  /** Steps to the error. */
  readonly trail?: number
  readonly bytesPerState?: number
  /** What pan says it used, hash table included. */
  readonly peakMegabytes: number
  /** `spin -a` and gcc. */
  readonly prepare: number
  readonly run: number
  readonly cpu: number
}

export interface SpinJob {
  readonly variant: 1 | 2 | 3 | 4
  readonly size: Size
  readonly det: 0 | 1 | 2
  readonly retryBound?: number
  readonly reduction: boolean
  /** Stop at the first error (Spin's own default), or go on to the end. */
  readonly first?: boolean
  /** Breadth first: for the shortest run. */
  readonly breadth?: boolean
}

export const hasSpin = isInstalled('spin') && isInstalled('gcc')

const model = join(dirname(fileURLToPath(import.meta.url)), 'promela', 'unmap.pml')

export function verified({
  variant,
  size,
  det,
  retryBound = 100,
  reduction,
  first = false,
  breadth = false,
}: SpinJob): Pan {
  const directory = mkdtempSync(join(tmpdir(), 'relock-spin-'))
  try {
    const { unmappers, pinners, mappings, rounds } = size
    const constants = { VARIANT: variant, U: unmappers, P: pinners, M: mappings, R: rounds, RB: retryBound, DET: det }
    const defines = Object.entries(constants).map(([name, value]) => `-D${name}=${value}`)
    const translated = run('spin', [...defines, '-a', model], directory)
    const flags = ['-DSAFETY', ...(reduction ? [] : ['-DNOREDUCE']), ...(breadth ? ['-DBFS'] : [])]
    const built = run('gcc', ['-O2', '-w', ...flags, '-o', 'pan', 'pan.c'], directory)
    if (built.code !== 0) throw new Error(`gcc: ${translated.output}${built.errors}`)
    const { output, wall, cpu } = run(
      './pan',
      [...(breadth ? [] : ['-m10000']), '-w24', ...(first ? [] : ['-c0'])],
      directory,
    )
    const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN)
    const states = number(/([\d.e+]+) states, stored/)
    const memory = number(/([\d.]+)\s+actual memory usage for states/)
    const errors = number(/errors: (\d+)/)
    if (Number.isNaN(states)) throw new Error(`pan: ${output}`)
    return {
      states,
      transitions: number(/([\d.e+]+) transitions/),
      errors,
      ...(errors > 0 && first && { trail: trailIn(directory) }),
      ...(!Number.isNaN(memory) && { bytesPerState: (memory * 2 ** 20) / states }),
      peakMegabytes: number(/([\d.]+)\s+total actual memory/),
      prepare: translated.wall + built.wall,
      run: wall,
      cpu: translated.cpu + built.cpu + cpu,
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Lines of a trail that begin with a minus are about how it was searched. */
const trailIn = (directory: string): number =>
  readFileSync(join(directory, 'unmap.pml.trail'), 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line)).length
