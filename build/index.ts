/**
 * What is shipped, in `dist/`: the program and the library as ES modules that share their chunks, the library once more for `require`, one tree
 * of declarations, and the page.
 *
 * The modules are as they were written, but for types and comments: a chunk says above each module which file it was, and is what a debugger
 * shows. What is for `require` is made small, and its source map leads to the modules.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { build, transform, type BuildOptions, type Plugin } from 'esbuild'
import { mapToModules, type Made } from './map.ts'
import { withoutNeedless } from './imports.ts'
import { shipped } from './shipped.ts'

/** The doors of the library, as they are imported: `relock/kernel`. */
const doors = {
  index: 'index.ts',
  explore: 'explore/door.ts',
  kernel: 'kernel/index.ts',
  scenarios: 'scenarios/index.ts',
  xstate: 'process/index.ts',
} as const

const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** What is bundled of others nobody reads here. */
const othersMadeSmall: Plugin = {
  name: 'others, made small',
  setup: (bundler) =>
    bundler.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, 'utf8'), { minify: true })).code,
    })),
}

const node: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Of a table nothing is coloured by who draws it, and it does without what could.
  external: [
    ...Object.keys({ ...dependencies, ...peerDependencies }),
    '@jest/globals',
    '@colors/colors',
    'bufferutil',
    'utf-8-validate',
  ],
  logLevel: 'warning',
  // What is bundled of others is under the MIT licence, and says so.
  legalComments: 'inline',
}

/** Builds in memory: the files, with each that holds code the map of its tokens, and the folders of packages that are in it. */
const bundled = async (options: BuildOptions) => {
  const { outputFiles, metafile } = await build({ ...options, write: false, metafile: true, sourcemap: 'external' })
  const maps = new Map(outputFiles.map(({ path, text }) => [path, text]))
  const files = outputFiles.filter(({ path }) => !path.endsWith('.map')).map(({ path, text }) => ({ path, text }))
  const packages = Object.keys(metafile.inputs).flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])
  return {
    files,
    made: files.map(({ path, text }): Made => ({ path, text, map: maps.get(`${path}.map`)! })),
    packages: [...new Set(packages)].toSorted(),
  }
}

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** The same, as they are shipped. */
const asShipped = async (options: BuildOptions): ReturnType<typeof bundled> => {
  const { files, made, packages } = await bundled(options)
  const all = files.map(({ path, text }) => shipped(path, text))
  return {
    files: files.map((file, at) => ({ path: file.path, text: all[at]!.text })),
    made: made.map((each, at) => ({ ...each, ...all[at]! })),
    packages,
  }
}

/** They are written, and a source map leads to them. */
let asBundled: ReturnType<typeof bundled> | undefined
const modules = (): ReturnType<typeof bundled> =>
  (asBundled ??= asShipped({
    ...node,
    format: 'esm',
    // Names and lines stay, since maps and stacks lead to them; what says the same in more words does not.
    minifySyntax: true,
    plugins: [othersMadeSmall],
    splitting: true,
    outdir: 'dist',
    // Each chunk says which files it is; their names are said some hundreds of times.
    chunkNames: 'chunks/[hash]',
    entryPoints: {
      relock: 'cli.ts',
      'relock-worker': 'cli/threads/worker.ts',
      'relock-search': 'cli/threads/search-worker.ts',
      'relock-replay': 'cli/threads/replay-worker.ts',
      'relock-ahead': 'explore/parallel/thread.ts',
      ...doors,
      vitest: 'testing/vitest.ts',
      jest: 'testing/jest.ts',
    },
  }))

/** CommonJS that is bundled asks for Node's own modules by `require`, which a module lacks; in its first line, so that no line moves. */
const ableToRequire = (text: string): string =>
  text.includes('var __require = ')
    ? `import { createRequire as asked } from 'node:module'; const require = asked(import.meta.url); ${text}`
    : text

const asModules = async (): Promise<void> => {
  const { files, packages } = await modules()
  for (const { path, text } of withoutNeedless(files)) write(path, ableToRequire(text))
  write('dist/LICENSES.txt', licencesOf(packages))
}

/** What is bundled of others is under licences that ask to stand beside it. */
const licencesOf = (packages: readonly string[]): string =>
  packages
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Named
      const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
      if (licence === undefined) throw new Error(`${name} is bundled, and has no licence beside it.`)
      return `${name} ${version}\n\n${readFileSync(join(folder, licence), 'utf8').trim()}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)

interface Named {
  readonly name: string
  readonly version: string
}

/** For `require` everything is in one file, however many doors lead there: what is the same for two of them must be there once. */
const whole = './relock.cjs'

/** A door that has a little to say itself, and asks the one file for the rest. */
const askingTheWhole: Plugin = {
  name: 'the whole',
  setup: (bundler) =>
    bundler.onResolve({ filter: /^\.\/(?:matchers|snapshot)\.ts$/ }, () => ({ path: whole, external: true })),
}

const forRequire = async (): Promise<void> => {
  const exported = Object.entries(doors).map(([name, file]) => `export * as ${name} from './${file}'`)
  const forMatchers = [
    "export { matchers } from './testing/matchers.ts'",
    "export { serializer } from './testing/snapshot.ts'",
  ]
  const cjs: BuildOptions = { ...node, format: 'cjs', minify: true, lineLimit: 160 }
  const whatIsAsked = await bundled({
    ...cjs,
    stdin: { contents: [...exported, ...forMatchers].join('\n'), resolveDir: '.', loader: 'ts' },
    outfile: 'dist/cjs/relock.cjs',
    define: { 'import.meta.url': 'here' },
    banner: { js: "const here = require('node:url').pathToFileURL(__filename).href;" },
  })
  const jest = await bundled({
    ...cjs,
    entryPoints: ['testing/jest.ts'],
    outfile: 'dist/cjs/jest.cjs',
    plugins: [askingTheWhole],
  })
  const { made: shipped } = await modules()
  for (const { files, made } of [whatIsAsked, jest])
    for (const [index, { path, text }] of files.entries()) {
      write(path, `${text}//# sourceMappingURL=${basename(path)}.map\n`)
      write(`${path}.map`, mapToModules(made[index]!, shipped, dirname(path)))
    }
  for (const name of Object.keys(doors))
    writeFileSync(`dist/cjs/${name}.cjs`, `module.exports = require('${whole}').${name}\n`)
}

const page = (): Promise<unknown> =>
  build({
    entryPoints: [
      { in: 'page/view/main.tsx', out: 'app' },
      { in: 'page/view/page.css', out: 'app' },
    ],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    outdir: 'dist/page',
  })

const relative = /(?<=(?:from|import|module) ?\(?\s*['"])\.[^'"]+(?=['"])/g

/** Declarations that can be reached from these. */
const reached = (file: string, seen: Set<string>): ReadonlySet<string> => {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [path] of readFileSync(file, 'utf8').matchAll(relative)) {
    reached(join(dirname(file), path).replace(/(?:\.d)?\.[jt]s$/, '.d.ts'), seen)
  }
  return seen
}

/**
 * One tree of declarations for both kinds of modules: it is that of `require`, which an ES module may read, too. What speaks to vitest stands
 * beside it: vitest is another module for `require`.
 */
const types = (): void => {
  const made = 'node_modules/.cache/types'
  // `npm run check` checks them, and the tests besides: what is declared is the same, and takes half as long.
  const words = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', made]
  execFileSync('node_modules/.bin/tsc', words, { stdio: 'inherit' })
  const seen = new Set<string>()
  for (const file of [...Object.values(doors), 'testing/jest.ts', 'testing/vitest.ts'])
    reached(join(made, file.replace(/\.ts$/, '.d.ts')), seen)
  for (const file of seen) {
    write(
      join('dist/types', file.slice(made.length)),
      readFileSync(file, 'utf8').replace(relative, (path) => path.replace(/(?<!\.d)\.ts$/, '.js')),
    )
  }
  writeFileSync('dist/types/package.json', '{ "type": "commonjs" }\n')
  for (const [name, file] of Object.entries({ ...doors, jest: 'testing/jest.ts' }))
    writeFileSync(`dist/${name}.d.ts`, `export * from './types/${file.replace(/\.ts$/, '.js')}'\n`)
  const vitest = readFileSync('dist/types/testing/vitest.d.ts', 'utf8')
  writeFileSync(
    'dist/vitest.d.ts',
    vitest.replace(relative, (path) => path.replace('./', './types/testing/')),
  )
  rmSync('dist/types/testing/vitest.d.ts')
}

/** Takes longest, and only who installs it needs it: the tests ask for all but this. */
const parts = { modules: asModules, require: forRequire, types, page } as const
type Part = keyof typeof parts

const isPart = (word: string): word is Part => Object.hasOwn(parts, word)
const asked = process.argv.slice(2).filter(isPart)
const made: Readonly<Record<Part, string>> = { modules: 'chunks', require: 'cjs', types: 'types', page: 'page' }

for (const part of asked.length === 0 ? (Object.keys(parts) as Part[]) : asked) {
  rmSync(join('dist', made[part]), { recursive: true, force: true })
  await parts[part]()
}
