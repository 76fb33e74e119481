/** Where the documents run: a folder with the files that they show, and the packages those import. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

/** Beside the examples lie the packages they import; `relock` is this copy, from its sources. */
export const desk = mkdtempSync(join(tmpdir(), 'relock-docs-'))
const ours = [
  ["'relock/vitest'", JSON.stringify(join(root, 'testing/vitest.ts'))],
  ["'relock/explore'", JSON.stringify(join(root, 'explore/door.ts'))],
  ["'relock/kernel'", JSON.stringify(join(root, 'kernel/index.ts'))],
  ["'relock/xstate'", JSON.stringify(join(root, 'process/index.ts'))],
  ["'relock/scenarios'", JSON.stringify(join(root, 'scenarios/index.ts'))],
  ["'relock'", JSON.stringify(join(root, 'index.ts'))],
] as const

export const lay = (): void => {
  // Tests that share a process share the folder, which the one before has cleared.
  mkdirSync(join(desk, 'typed'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(desk, 'node_modules'))
  mkdirSync(join(desk, 'test'))
  symlinkSync(join(root, 'test/recordings'), join(desk, 'test/recordings'))
  writeFileSync(join(desk, 'package.json'), '{ "type": "module" }')
  // As `relock export json group` writes it.
  writeFileSync(join(desk, 'group.json'), machineFormats.json(catalogue['group']!.root))
  for (const { file, text } of caseFiles) writeFileSync(join(desk, file), text)
  for (const { file, text } of examples) {
    // `relock explore` knows by itself what 'relock' is, so a scenario stays as it was written.
    writeFileSync(join(desk, file), text)
    writeFileSync(
      join(desk, 'typed', file),
      ours.reduce((so, [name, path]) => so.replaceAll(name, path), text),
    )
  }
  writeFileSync(
    join(desk, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: false, rewriteRelativeImportExtensions: false },
      include: ['typed'],
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

/** Runs Node on `desk`, as if it were an 80 columns wide terminal without colour. */
export const node = (...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, COLUMNS: '80', VITEST: undefined }
    execFile(process.execPath, words, { cwd: desk, env, encoding: 'utf8' }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, output, errors }),
    )
  })
