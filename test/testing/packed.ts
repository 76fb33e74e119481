/** relock as it is installed: what `npm pack` makes, unpacked beside the packages that a project has, without a network. */
import { execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs),
  )

/** The declarations are not among what tests make before they run. */
export const declared = (): void => {
  const made = join(root, 'dist/vitest.d.ts')
  const sources = [
    'actors',
    'conform',
    'explore',
    'kernel',
    'machines',
    'process',
    'report',
    'scenarios',
    'shapes',
    'testing',
  ]
  if (existsSync(made) && sources.every((folder) => newest(join(root, folder)) < statSync(made).mtimeMs)) return
  execFileSync(join(root, 'node_modules/.bin/tsx'), ['build/index.ts', 'types'], { cwd: root })
}

/** The path of the tarball, which is made once in a folder. */
export const pack = (into: string): string => {
  declared()
  const tarball = join(into, 'relock.tgz')
  if (existsSync(tarball)) return tarball
  const folder = mkdtempSync(join(into, 'packed-'))
  const words = ['pack', '--silent', '--ignore-scripts', '--offline', '--pack-destination', folder]
  renameSync(join(folder, execFileSync('npm', words, { cwd: root, encoding: 'utf8' }).trim()), tarball)
  return tarball
}

/** A project into which the tarball was unpacked; all else that it imports lies there as a link. */
export const project = (tarball: string, files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'relock-project-'))
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'relock'), { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'relock')])
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export interface Ran {
  readonly code: number
  readonly out: string
  /** What it says on either stream. */
  readonly said: string
}

/**
 * Runs a script of a package in a project, as in a terminal of 100 columns without colour. What it says goes into files: a program that
 * leaves by `process.exit` while its reader is busy loses what a pipe had no room for.
 */
export const runIn = (folder: string, script: string, ...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NO_COLOR: '1',
      COLUMNS: '100',
    }
    const desk = mkdtempSync(join(tmpdir(), 'relock-said-'))
    const [out, err] = [join(desk, 'out'), join(desk, 'err')]
    const papers = [openSync(out, 'w'), openSync(err, 'w')] as const
    const all = [join(folder, 'node_modules', script), ...words]
    spawn(process.execPath, all, { cwd: folder, env, stdio: ['ignore', ...papers] }).on('close', (code) => {
      papers.forEach((paper) => closeSync(paper))
      const [said, complained] = [readFileSync(out, 'utf8'), readFileSync(err, 'utf8')]
      forget(desk)
      resolve({ code: code ?? -1, out: said, said: said + complained })
    })
  })

export const forget = (folder: string): void => rmSync(folder, { recursive: true, force: true })
