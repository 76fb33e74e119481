/** Bundles the program once, before any test runs; not at all if what is bundled is newer than every source. Types are checked elsewhere. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for what several files of tests make use of in this run, whoever makes it. */
    shared: string
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))
const notBuilt = ['node_modules', 'dist', 'test', 'bench']

const changed = (path: string): number => statSync(join(root, path)).mtimeMs

const sources = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !notBuilt.includes(name) && !name.startsWith('.'))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((file) => join(entry.name, file))
      : [entry.name],
  )
  .filter((file) => /\.(?:tsx?|css)$/.test(file))

const build = (): void => {
  // The last that is made.
  const program = 'dist/page/app.js'
  if (existsSync(join(root, program)) && changed(program) >= Math.max(...sources.map(changed))) return
  execFileSync('npm', ['run', '-s', 'bundle'], { cwd: root, stdio: 'inherit' })
}

/** Called by vitest, before all tests; what it returns, when they are over. */
export function setup(project: TestProject): () => void {
  build()
  const shared = mkdtempSync(join(tmpdir(), 'relock-shared-'))
  project.provide('shared', shared)
  return () => rmSync(shared, { recursive: true, force: true })
}
