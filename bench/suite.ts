/**
 * npm run bench:suite -- [files of tests]: CPU seconds of each file of tests, those of the processes that it starts included. Of Linux alone.
 * Files that share a process share what it has loaded and compiled: the first of them pays for it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { secondsOfChildren } from './suite/seconds.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'relock-suite-'))
const written = join(folder, 'costs')

const words = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'bench/suite/suite.config.ts', '--root', root]
const { status } = spawnSync(process.execPath, [...words, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, RELOCK_COSTS: written },
  stdio: 'inherit',
})

interface Cost {
  readonly file: string
  readonly own: number
  readonly children: number
}

if (!existsSync(written)) {
  rmSync(folder, { recursive: true })
  console.error('No file of tests was run to its end, so there is nothing to count.')
  process.exit(status || 1)
}
const costs = readFileSync(written, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Cost)
  .toSorted((a, b) => b.own + b.children - a.own - a.children)
rmSync(folder, { recursive: true })

const row = (seconds: number, ofThese: number, name: string): string =>
  `${seconds.toFixed(1).padStart(8)} ${ofThese.toFixed(1).padStart(8)}  ${name}`
const sum = costs.reduce((total, { own, children }) => total + own + children, 0)
const started = costs.reduce((total, { children }) => total + children, 0)
const all = secondsOfChildren()

console.log('CPU seconds, and those of them that are of processes that the tests start')
for (const { file, own, children } of costs) console.log(row(own + children, children, relative(root, file)))
console.log(row(sum, started, `${costs.length} files`))
console.log(row(all - sum, 0, 'vitest itself, what it compiles, and the build'))
console.log(row(all, started, 'together'))
process.exitCode = status ?? 1
