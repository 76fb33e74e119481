/** Where the documents run: a folder with the files that they show, and the packages those import. */
import { execFile, fork } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue } from '../../machines/catalogue.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { documents, fence, read, root } from './pages.ts'

export interface Block {
  readonly document: string
  readonly language: string
  /** What follows the language on the fence: the file the block is. */
  readonly file: string
  readonly text: string
}

export const blocks: readonly Block[] = documents.flatMap((document) =>
  [...read(document).matchAll(fence)].map(({ groups }, index) => {
    const { language = '', file = `${document.replace(/\W+/g, '-')}-${index}.${language}`, text = '' } = groups!
    return { document, language, file, text }
  }),
)
export const examples = blocks.filter(
  ({ document, language }) =>
    language === 'ts' &&
    [
      'README.md',
      'docs/EXPORTS.md',
      'docs/WRITING-A-SCENARIO.md',
      'docs/CONFORMANCE.md',
      'docs/CHECKER.md',
      'docs/OWN-RACES.md',
      'docs/SHARED-VIRTUAL-MEMORY.md',
      'docs/TESTS.md',
      'docs/XSTATE.md',
    ].includes(document),
)
/** Cases that are shown, by the name of their file. */
export const caseFiles = blocks.filter(({ language }) => language === 'jsonl')

/** Beside the examples lie the packages they import; `relock` is this copy, as it was built. */
export const desk = mkdtempSync(join(tmpdir(), 'relock-docs-'))

/** The folders are there for real, so that what imports them takes them for installed: nobody compiles what is installed. */
const install = (): void => {
  const modules = join(desk, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const part of ['package.json', 'dist'])
    cpSync(join(root, part), join(modules, 'relock', part), { recursive: true })
}

export const lay = (): void => {
  // Tests that share a process share the folder, which the one before has cleared.
  install()
  mkdirSync(join(desk, 'test'))
  symlinkSync(join(root, 'test/recordings'), join(desk, 'test/recordings'))
  writeFileSync(join(desk, 'package.json'), '{ "type": "module" }')
  // As `relock export json group` writes it.
  writeFileSync(join(desk, 'group.json'), machineFormats.json(catalogue['group']!.root))
  for (const { file, text } of [...caseFiles, ...examples]) writeFileSync(join(desk, file), text)
  writeFileSync(
    join(desk, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        rewriteRelativeImportExtensions: false,
        tsBuildInfoFile: join(desk, 'tsbuildinfo'),
      },
      include: ['*.ts'],
      exclude: [],
    }),
  )
}
export const clear = (): void => rmSync(desk, { recursive: true, force: true })

interface Ran {
  readonly code: number
  readonly output: string
  readonly errors: string
}

/** As if it were an 80 columns wide terminal without colour. */
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, COLUMNS: '80', VITEST: undefined }

/** Runs Node on `desk`. */
export const node = (...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: desk, env, encoding: 'utf8' }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, output, errors }),
    )
  })

/** How a program ended, and what was said. */
export interface Ended {
  readonly code: number
  readonly said: string
}

/** Runs programs on `desk`, one after the other in one process: none has ended well if the process has not. */
export const nodeOnEach = (
  files: readonly string[],
  ...execArgv: readonly string[]
): Promise<ReadonlyMap<string, Ended>> =>
  new Promise((resolve) => {
    const program = join(root, 'test/docs/run-each.ts')
    const child = fork(program, files, { cwd: desk, env, execArgv: [...execArgv], silent: true })
    const thrown = new Map<string, string | undefined>()
    let said = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('message', (told: { readonly file: string; readonly thrown?: string }) =>
      thrown.set(told.file, told.thrown),
    )
    child.on('close', (code) => {
      const ended = [...thrown].map(([file, why]): readonly [string, Ended] => [
        file,
        why === undefined ? { code: code ?? -1, said } : { code: 1, said: `${why}\n${said}` },
      ])
      resolve(new Map(ended))
    })
  })
