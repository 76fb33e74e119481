/** Runs the checker in fresh processes. The code is compiled once, at the start: a session measures one version, and no compiler. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { run, type Ran } from './processes.ts'

export interface Exploration {
  readonly states: number
  readonly steps: number
  readonly depth: number
  readonly bytesPerState: number
  readonly exhaustive: boolean
  readonly findings: number
  readonly first?: { readonly title: string; readonly depth: number; readonly shortest: boolean }
  /** Seconds of `explore()` alone: on the clock, on the processor, and spent asking the machines. */
  readonly wall: number
  readonly cpu: number
  readonly asking: number
  /** Of the whole process. */
  readonly peakMegabytes: number
}

export interface Job {
  readonly protocol: string
  readonly size: string
  readonly det?: 0 | 1 | 2
  readonly retryBound?: number
  readonly reduction: boolean
  readonly symmetry?: boolean
  readonly first?: boolean
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Inside node_modules, because xstate must be found from there. */
const compiled = join(root, 'node_modules', '.cache', 'relock-bench')

/** Where a file (by its URL) is once it is compiled. */
export const compiledTo = (file: string): string =>
  join(compiled, relative(root, fileURLToPath(file))).replace(/ts$/, 'js')

const children = [
  import.meta.resolve('./child.ts'),
  import.meta.resolve('./xstate-child.ts'),
  import.meta.resolve('./memory-child.ts'),
] as const
const child = compiledTo(children[0])

/** Put together as the program is (build/index.ts): half a second of a process went into looking for 300 files. */
export async function compile(): Promise<void> {
  rmSync(compiled, { recursive: true, force: true })
  mkdirSync(compiled, { recursive: true })
  writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }\n')
  await build({
    bundle: true,
    splitting: true,
    minifySyntax: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    entryPoints: children.map((each) => fileURLToPath(each)),
    external: ['xstate', 'rxjs'],
    outbase: root,
    outdir: compiled,
    logLevel: 'warning',
  })
}

/** The exploration, and its whole process from a cold start. */
export function explored({
  protocol,
  size,
  det = 1,
  retryBound = 100,
  reduction,
  symmetry = true,
  first = false,
}: Job): Exploration & { readonly total: Ran } {
  const mode = reduction ? 'reduced' : 'full'
  const orbits = symmetry ? 'orbits' : 'all'
  const words = [protocol, size, det, retryBound, mode, first ? 'first' : 'all', orbits].map(String)
  const total = run('node', ['--max-old-space-size=16000', child, ...words])
  if (total.code !== 0) throw new Error(`${words.join(' ')}: ${total.errors}`)
  return { ...(JSON.parse(total.output) as Exploration), total }
}

/** The program itself, as a person would start it, where it has something to find. */
export function cli(...words: readonly string[]): Ran {
  const ran = run('node', [join(root, 'dist', 'relock.js'), ...words])
  // 0: nothing is wrong with the model; 1: something is.
  if (ran.code > 1) throw new Error(`relock ${words.join(' ')}: ${ran.errors}`)
  return ran
}
