/** Runs the program as its users do: the built one, as a process, in a folder of its own. */
import { execFile, type ExecFileException } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const program = join(root, 'dist/cli.js')

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )

/** `npm test` builds first; whoever runs vitest alone must not test yesterday's program. */
export const build = async (): Promise<void> => {
  const sources = ['actors', 'conform', 'explore', 'machines', 'report', 'scenarios', 'streams'].map(newest)
  const tops = ['cli.ts', 'cli-conform.ts', 'index.ts'].map((file) => statSync(join(root, file)).mtimeMs)
  if (existsSync(program) && statSync(program).mtimeMs >= Math.max(...sources, ...tops)) return
  await promisify(execFile)('npm', ['run', '-s', 'build'], { cwd: root })
}

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface How {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const plain = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LANG: 'C.UTF-8', COLUMNS: '80' }

export const relockIn =
  (cwd: string) =>
  (args: readonly string[], { env = {} }: How = {}): Promise<Outcome> =>
    new Promise((resolve) => {
      const options = { cwd, env: { ...plain, ...env }, maxBuffer: 1 << 26 }
      execFile(process.execPath, [program, ...args], options, (error: ExecFileException | null, out, err) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err }),
      )
    })

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
