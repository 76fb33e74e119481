/** The house keeps its own rules: who may import whom, what lies at the top, what no file may say. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Made by tools or by running, never committed. */
const made = ['.git', 'node_modules', 'dist', 'coverage', '.relock']

const topLevel = {
  folders: [
    '.ci',
    'actors',
    'bench',
    'build',
    'cli',
    'conform',
    'docs',
    'explore',
    'findings',
    'inspect',
    'kernel',
    'machines',
    'page',
    'process',
    'report',
    'scenarios',
    'shapes',
    'streams',
    'test',
    'testing',
  ],
  files: [
    '.gitignore',
    '.oxfmtrc.jsonc',
    '.oxlintrc.json',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'cli.ts',
    'index.ts',
    'knip.json',
    'package-lock.json',
    'package.json',
    'tsconfig.build.json',
    'tsconfig.json',
    'vitest.config.ts',
  ],
}

const anything = ['*']

/**
 * Who may import what. A name is a folder of this project, a file of one, or a package; `node:` is any of Node's own. `types` may only be
 * imported as types: they are gone when the program runs.
 */
const mayImport: Readonly<Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>> =
  {
    // Whatever is handed in is checked with these; they know one error, and nothing of what is described.
    shapes: { values: ['shapes', 'explore/errors.ts', 'valibot', 'fastest-levenshtein', 'node:'] },
    explore: { values: ['explore', 'shapes', 'node:'] },
    // The subjects of a kernel, each of what stands above it. Files of no subject: what a machine may say, what differs between kernels, two lists.
    machines: { values: ['machines', 'xstate'] },
    'machines/kernel': { values: ['machines/kernel', 'machines/say.ts', 'xstate'] },
    'machines/sva': { values: ['machines/kernel', 'machines/sva', 'machines/say.ts', 'xstate'] },
    // What the memory of a process is told when it goes depends on who has bound it.
    'machines/mm': {
      values: ['machines/kernel', 'machines/mm', 'machines/sva/bond/forms.ts', 'machines/say.ts', 'xstate'],
    },
    'machines/user': { values: ['machines/kernel', 'machines/mm', 'machines/user', 'machines/say.ts', 'xstate'] },
    'machines/type1': {
      values: [
        'machines/kernel',
        'machines/mm',
        'machines/type1',
        'machines/say.ts',
        'machines/profile.ts',
        'machines/traits.ts',
        'xstate',
      ],
    },
    'machines/mdev': { values: ['machines/kernel', 'machines/mdev', 'machines/type1', 'machines/say.ts', 'xstate'] },
    // Who is told when memory is switched off depends on the protocol.
    'machines/pci': {
      values: [
        'machines/kernel',
        'machines/mm',
        'machines/pci',
        'machines/type1/device-memory/forms.ts',
        'machines/traits.ts',
        'machines/say.ts',
        'xstate',
      ],
    },
    'machines/vfio': { values: ['machines/kernel', 'machines/type1', 'machines/vfio', 'machines/say.ts', 'xstate'] },
    'machines/iommufd': {
      values: [
        'machines/kernel',
        'machines/mm',
        'machines/type1',
        'machines/vfio/names.ts',
        'machines/iommufd',
        'machines/say.ts',
        'machines/profile.ts',
        'xstate',
      ],
    },
    streams: { values: ['streams', 'shapes', 'rxjs'], types: ['explore'] },
    // What runs live can be watched in a statechart tool, to which its machines are told as they are exported.
    inspect: { values: ['inspect', 'report/statecharts', 'shapes', 'ws'], types: ['xstate'] },
    // What a world is, and what may run one: nothing here knows of which kernel it is.
    'actors/world': { values: ['actors/world', 'explore', 'machines/kernel', 'shapes', 'xstate'] },
    'actors/scripts': { values: ['actors/scripts', 'actors/world', 'explore', 'machines', 'shapes', 'xstate'] },
    'actors/running': {
      values: [
        'actors/running',
        'actors/world',
        'explore',
        'inspect',
        'machines/say.ts',
        'machines/kernel',
        'report/statecharts',
        'shapes',
        'streams',
        'rxjs',
        'xstate',
        'node:',
      ],
    },
    'actors/stage': {
      values: ['actors/running', 'actors/scripts', 'actors/stage', 'actors/world', 'explore', 'streams'],
      types: ['machines', 'xstate'],
    },
    // Which actors a kernel consists of.
    'actors/kernel': { values: ['actors', 'explore', 'machines', 'shapes', 'streams', 'xstate'] },
    // The door for races of one's own: what a file of the user's needs comes through it.
    kernel: {
      values: [
        'kernel',
        'actors',
        'explore',
        'machines',
        'scenarios/to-scenario.ts',
        'scenarios/told.ts',
        'shapes',
        'xstate',
      ],
    },
    // XState as anybody writes it: actors that are held on to, as one component.
    process: {
      values: ['process', 'explore', 'scenarios/choices.ts', 'shapes', 'xstate', 'node:'],
      types: ['scenarios/told.ts'],
    },
    // `load.ts` reads scenarios that users wrote.
    scenarios: {
      values: [
        'scenarios',
        'actors',
        'explore/states/canonical.ts',
        'explore/errors.ts',
        'explore/claims/properties.ts',
        'explore/runs/order.ts',
        'explore/shapes.ts',
        // Stories that are told in the words of the layer for races of one's own.
        'kernel',
        'machines/profile.ts',
        'process/chance.ts',
        'process/scenario.ts',
        'shapes',
        'jiti',
        'node:',
      ],
      types: ['explore', 'machines'],
    },
    report: {
      // Besides types only the analyses of a trace that a splat is made of, which claims it breaks, what it shows and how its steps are called, the
      // one rule by which a finding counts, and the words for an outcome, of which claims have their names.
      values: [
        'report',
        'conform/telling.ts',
        'conform/words.ts',
        'explore/claims/answer.ts',
        'explore/runs/causes.ts',
        'explore/claims/claims.ts',
        'explore/locks/lockdep.ts',
        'explore/memory/sanitizer.ts',
        'explore/claims/shows.ts',
        'explore/states/tables.ts',
        'explore/version.ts',
        'explore/claims/violations.ts',
        'machines',
        'node:',
        'shapes',
        'cli-table3',
      ],
      types: ['conform', 'explore', 'scenarios/unmap/scenario.ts', 'scenarios/told.ts'],
    },
    // Of the machines it knows only which kernels there are.
    conform: {
      values: [
        ...['conform', 'actors', 'explore', 'shapes', 'streams', 'rxjs', 'node:'],
        ...['machines/profile.ts', 'machines/versions.ts'],
      ],
      types: ['machines', 'scenarios/unmap/scenario.ts'],
    },
    // Made by the program, drawn in a browser: what is drawn knows nothing of what made it but the data.
    'page/data.ts': { values: [] },
    'page/make': {
      values: ['page/data.ts', 'page/make', 'page/walk/chart.ts', 'explore', 'report', '@dagrejs/dagre', 'node:'],
    },
    'page/serve': { values: ['node:'] },
    'page/walk': { values: ['page/walk', 'diff'], types: ['page/data.ts'] },
    'page/view': { values: ['page/walk', 'page/view', 'preact', '@preact/signals'], types: ['page/data.ts'] },
    // Of scenarios it knows whose world one is, of the page what it is made of.
    testing: {
      values: [
        'testing',
        'actors/running/system.ts',
        'conform/shapes.ts',
        'explore',
        'page/make',
        'report',
        'scenarios/known.ts',
        'scenarios/told.ts',
        'shapes',
        'node:',
        '@jest/globals',
        'vitest',
      ],
      types: ['actors', 'conform'],
    },
    'index.ts': {
      values: ['actors', 'conform', 'explore', 'machines', 'report', 'scenarios', 'shapes', 'streams', 'testing'],
      types: ['inspect'],
    },
    build: {
      values: ['build', 'esbuild', '@jridgewell/gen-mapping', '@jridgewell/trace-mapping', 'oxc-parser', 'node:'],
    },
    'cli.ts': { values: anything },
    cli: { values: anything },
    bench: { values: anything },
    test: { values: anything },
    'vitest.config.ts': { values: ['vitest'] },
  }

interface Import {
  readonly file: string
  /** A package, `node:`, or a path from the root. */
  readonly of: string
  readonly typesOnly: boolean
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const files = filesUnder('')

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !made.includes(name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]))
}

const sources = files.filter((file) => /\.tsx?$/.test(file))

const within = (folder: string, file: string): boolean => file === folder || file.startsWith(`${folder}/`)

const importStatement = /^(?:import|export)\s(?:(?<clause>[^;'"]*?)\sfrom\s)?['"](?<of>[^'"]+)['"]/gm
const importCall = /\bimport\(\s*['"](?<of>[^'"]+)['"]\s*\)/g

function importsOf(file: string): Import[] {
  const text = read(file)
  return [...text.matchAll(importStatement), ...text.matchAll(importCall)].map(({ groups }) => ({
    file,
    of: nameOf(file, groups!['of']!),
    typesOnly: onlyTypes(groups!['clause'] ?? ''),
  }))
}

function nameOf(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:'
  if (specifier.startsWith('.')) return relative(root, join(root, dirname(file), specifier))
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** `type { … }`, or braces in which everything is marked `type`. */
function onlyTypes(clause: string): boolean {
  if (/^type\s/.test(clause)) return true
  const [, names] = /^\{(.*)\}$/s.exec(clause.trim()) ?? []
  return names !== undefined && names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
}

/** A folder of the project, or of a part that has its own rules inside. */
function partOf(file: string): string {
  const [top, next = ''] = file.split('/')
  return Object.hasOwn(mayImport, `${top}/${next}`) ? `${top}/${next}` : top!
}

function isAllowed({ file, of, typesOnly }: Import): boolean {
  const allowed = mayImport[partOf(file)]
  if (!allowed) return false
  const names = [...allowed.values, ...(typesOnly ? (allowed.types ?? []) : [])]
  return names.includes('*') || names.some((name) => within(name, of))
}

test.each(Object.keys(mayImport))('%s imports only what it may', (part) => {
  const offending = sources
    .filter((file) => partOf(file) === part)
    .flatMap(importsOf)
    .filter((each) => !isAllowed(each))
    .map(({ file, of, typesOnly }) => `${file} imports ${typesOnly ? 'types of ' : ''}${of}`)
  expect(offending).toEqual([])
})

test('every source file belongs to a part of the picture', () => {
  expect(sources.filter((file) => !Object.hasOwn(mayImport, partOf(file)))).toEqual([])
})

/** Ways of imports that come back to where they began. Types are gone when the program runs, and count where they are asked for. */
function detours(among: readonly string[], types: boolean): readonly string[] {
  const imports = new Map(
    among.map((file) => [
      file,
      importsOf(file)
        .filter(({ typesOnly }) => types || !typesOnly)
        .map(({ of }) => of),
    ]),
  )
  const done = new Set<string>()
  const follow = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [[...way.slice(way.indexOf(file)), file].join(' → ')]
    if (done.has(file)) return []
    const found = (imports.get(file) ?? []).flatMap((next) => follow(next, [...way, file]))
    done.add(file)
    return found
  }
  return among.flatMap((file) => follow(file, []))
}

test('no file imports itself by a detour', () => {
  expect(detours(sources, false)).toEqual([])
})

const ofTheKernel = sources.filter((file) => within('machines', file) || within('actors', file))

test('no part of a kernel names the files of another', () => {
  const parts = 'actors/kernel/'
  const partIn = (file: string) => (file.startsWith(parts) ? file.slice(parts.length).split('/') : [])
  const offending = sources.flatMap((file) => {
    const [part, ...own] = partIn(file)
    if (own.length === 0) return []
    return importsOf(file).filter(({ of }) => {
      const [other, ...theirs] = partIn(of)
      return theirs.length > 0 && other !== part
    })
  })
  expect(offending).toEqual([])
})

test('machines and what a kernel is made of do not even know types by a detour', () => {
  expect(detours(ofTheKernel, true)).toEqual([])
})

test('no folder of machines, actors, the checker and the commands has more than 25 files in one level', () => {
  const narrow = sources.filter((file) =>
    ['machines', 'actors', 'explore', 'cli'].some((folder) => within(folder, file)),
  )
  const many = (folder: string): number => narrow.filter((file) => dirname(file) === folder).length
  expect([...new Set(narrow.map(dirname))].filter((folder) => many(folder) > 25)).toEqual([])
})

/** It, and all that is loaded with it before any of it runs. */
function loadedBy(door: string): ReadonlySet<string> {
  const reached = new Set([door])
  for (const file of reached) {
    const statements = sources.includes(file) ? [...read(file).matchAll(importStatement)] : []
    for (const { groups } of statements)
      if (!onlyTypes(groups!['clause'] ?? '')) reached.add(nameOf(file, groups!['of']!))
  }
  return reached
}

test.each(['cli/threads/worker.ts', 'cli/threads/search-worker.ts', 'kernel/index.ts', 'scenarios/load.ts'])(
  'what %s starts with loads neither streams nor what finds files or compiles: whoever needs that asks for it',
  (door) => {
    const reached = loadedBy(door)
    const late = ['rxjs', 'jiti', 'tinyglobby', 'lilconfig', 'ws', 'vitest', 'bullmq', 'ioredis']
    expect(late.filter((each) => reached.has(each))).toEqual([])
  },
)

test('stories of drivers that pin load no statecharts of other subjects', () => {
  const loaded = [...loadedBy('scenarios/unmap/in-vfio.ts')]
  const others = ['machines/pci', 'machines/sva', 'machines/user', 'machines/iommufd/fault']
  const charts = loaded.filter((file) => within('machines', file) && read(file).includes('createMachine('))
  expect(charts).toContain('machines/type1/unmap/restart.ts')
  expect(charts.filter((file) => others.some((folder) => within(folder, file)))).toEqual([])
})

test('the top level holds what it should and nothing else', () => {
  const there = readdirSync(root, { withFileTypes: true }).filter(({ name }) => !made.includes(name))
  expect({
    folders: there
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
    files: there
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
  }).toEqual(topLevel)
})

describe('no file says', () => {
  const binary = /\.(png|jpg|svg|gif|woff2?)$/
  const lines = files
    .filter((file) => !binary.test(file))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .map((text, index) => ({ at: `${file}:${index + 1}`, text })),
    )

  // Written so that this file does not say them either.
  test.each([
    ['a path out of the project', /\.\.\/shared\b/],
    ['where packages are fetched from', /\bregistry\.[a-z0-9-]+\.[a-z]+|\bnpm\.pkg\.|"resolved":\s*"https?:/],
    ['where it lies on some machine', /(?<![\w.~-])\/(?:home|Users|root|work|tmp|mnt)\/[\w.-]+/],
  ])('%s', (_, pattern) => {
    expect(lines.filter(({ text }) => pattern.test(text)).map(({ at, text }) => `${at}  ${text.trim()}`)).toEqual([])
  })
})

test('every finding is a script that can be run, and in their list', () => {
  const scripts = files.filter((file) => /^findings\/.*\.sh$/.test(file) && file !== 'findings/common.sh')
  const list = [...read('findings/README.md').matchAll(/\]\((.*?\.sh)\)/g)].map(([, name]) => `findings/${name}`)
  expect(list.toSorted()).toEqual(scripts.toSorted())
  expect(scripts.filter((file) => (statSync(join(root, file)).mode & 0o100) === 0)).toEqual([])
})

describe('machines', () => {
  const machines = sources.filter((file) => within('machines', file))
  const lines = machines.flatMap((file) =>
    withoutComments(read(file))
      .split('\n')
      .map((text, index) => ({ at: `${file}:${index + 1}`, text })),
  )

  /** Comments may speak of anything; line numbers stay. */
  function withoutComments(text: string): string {
    return text.replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, '')).replace(/(?<=^|\s)\/\/.*$/gm, '')
  }

  test.each([
    [
      'speak by emit alone',
      /\b(?:sendTo|sendParent|forwardTo|raise|spawnChild|spawn|stopChild|invoke|fromPromise|fromCallback)\b/,
    ],
    [
      'know no clock and throw no dice',
      /\bDate\b|\bMath\.random\b|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bafter:\s*\{/,
    ],
    ['do not look around', /\bgetSnapshot\b|\bsystem\.get\b|\bself\b(?!')/],
    ['are one region each', /\btype:\s*'parallel'/],
  ])('%s', (_, pattern) => {
    expect(lines.filter(({ text }) => pattern.test(text)).map(({ at, text }) => `${at}  ${text.trim()}`)).toEqual([])
  })

  test('find nothing wrong with memory by themselves: they say what happens to it', () => {
    const byHand =
      /\b(?:crash|complain)\(\s*'(?:use-after-free|double-free|refcount)'|\bnote\([^\n]*'(?:allocated|freed)'/
    expect(machines.filter((file) => byHand.test(withoutComments(read(file))))).toEqual([])
  })

  test('live one to a file', () => {
    const several = machines.filter((file) => (read(file).match(/\bcreateMachine\(/g)?.length ?? 0) > 1)
    expect(several).toEqual([])
  })
})

test('only the two files that step charts, and the folder that holds on to actors, reach into XState', () => {
  const steppers = ['actors/running/xstate-kernel.ts', 'actors/running/flat-chart.ts']
  const inside = /\._nodes\b|\b_relay\b|\bactionExecutor\b|\bgetInitialSnapshot\(|\bmachine\.transition\(/
  const offending = sources.filter(
    (file) => !within('test', file) && !within('process', file) && !steppers.includes(file) && inside.test(read(file)),
  )
  expect(offending).toEqual([])
})

test('no test depends on how fast or how loaded the machine is: none waits, measures or sets itself a limit', () => {
  const clocks = /\bDate\.now\(|\bperformance\.now\(|\bset(?:Timeout|Interval)\(|\btimeout: (?!0\b)|\}, [\d_]{4,}\)$/m
  // Looks again now and then whether another process sleeps, and waits for whoever does not, however long.
  const looks = 'test/cli/asleep.ts'
  expect(sources.filter((file) => within('test', file) && file !== looks && clocks.test(read(file)))).toEqual([])
})
