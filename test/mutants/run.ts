/**
 * Breaks relock on purpose, one place after the other, and sees whether its tests notice: `npm run mutants`, or `npm run mutants -- streams/
 * "the youngest"` for those with one of these in their file or in what is wrong. It works on a copy of the tree. Exit 1: one is alive.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const notCopied = ['node_modules', '.git', '.relock']

/** Of the processor: a mutant that goes round for ever ends so, and then the tests have failed. */
const mostSeconds = 300

/** Whether the tests of a file pass in the copy. */
function passes(copy: string, file: string): boolean {
  const args = ['run', file, '--config', 'test/mutants/vitest.config.ts', '--bail', '1', '--maxWorkers', '1']
  const { status, error } = spawnSync(
    'sh',
    ['-c', `ulimit -t ${mostSeconds} && exec "$@"`, 'sh', process.execPath, 'node_modules/vitest/vitest.mjs', ...args],
    // Random tests make the same systems each time.
    { cwd: copy, stdio: 'ignore', env: { ...process.env, RELOCK_SEED: '1' } },
  )
  if (error) throw error
  return status === 0
}

function isNoticed(copy: string, { file, from, to }: Mutant, by: string): boolean {
  const path = join(copy, file)
  const original = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    original.replace(from, () => to),
  )
  try {
    return !passes(copy, by)
  } finally {
    writeFileSync(path, original)
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`)

const parts = process.argv.slice(2)
const asked = mutants.filter(
  ({ file, what }) => parts.length === 0 || parts.some((part) => `${file} ${what}`.includes(part)),
)

const copy = mkdtempSync(join(tmpdir(), 'relock-mutants-'))
let alive = 0
try {
  cpSync(root, copy, { recursive: true, filter: (path) => !notCopied.includes(relative(root, path).split(sep)[0]!) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const by of new Set(asked.flatMap((mutant) => mutant.by ?? [])))
    if (!passes(copy, by)) throw new Error(`${by} fails without any mutant.`)
  for (const mutant of asked) {
    const { file, what, by, why } = mutant
    const isKilled = by !== undefined && isNoticed(copy, mutant, by)
    if (by !== undefined && !isKilled) alive++
    say(`${by === undefined ? 'the same' : isKilled ? 'killed' : 'ALIVE'}  ${file}: ${what} (${by ?? why})`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
say(`${asked.length} mutants, ${alive} alive.`)
if (alive > 0) process.exitCode = 1
