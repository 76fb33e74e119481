/**
 * The documents run. What they show is printed again and compared (numbers of seconds aside), what they ask to be typed in TypeScript is
 * type-checked and run, and what they name exists. `npm run update` writes what is shown anew (for this file alone: `UPDATE_DOCS=1 npx vitest run test/docs.test.ts`).
 */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explore } from '../explore/index.ts'
import { findScenario, scenarios } from '../scenarios/index.ts'
import {
  choiceNames,
  knownChoices,
  decided,
  formOf,
  formsOf,
  type Choices,
  type Choosing,
} from '../scenarios/choices.ts'
import { loadScenario } from '../scenarios/load.ts'
import { printAddress } from '../report/address.ts'
import { issuesOf } from '../report/text.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const updating = process.env['UPDATE_DOCS'] === '1' || process.env['npm_lifecycle_event'] === 'update'
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const documents = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((file) => file.endsWith('.md'))

interface Block {
  readonly document: string
  readonly language: string
  /** What follows the language on the fence: the file the block is. */
  readonly file: string
  readonly text: string
}

const fence = /^```(?<language>\w+)(?: (?<file>\S+))?\n(?<text>.*?)^```$/gms

const blocks: readonly Block[] = documents.flatMap((document) =>
  [...read(document).matchAll(fence)].map(({ groups }, index) => {
    const { language = '', file = `${document.replace(/\W+/g, '-')}-${index}.${language}`, text = '' } = groups!
    return { document, language, file, text }
  }),
)
const examples = blocks.filter(
  ({ document, language }) =>
    language === 'ts' &&
    ['README.md', 'docs/WRITING-A-SCENARIO.md', 'docs/CONFORMANCE.md', 'docs/SHARED-VIRTUAL-MEMORY.md'].includes(
      document,
    ),
)
/** Cases that are shown, by the name of their file. */
const caseFiles = blocks.filter(({ language }) => language === 'jsonl')
/** A command after `$` and what it prints. */
const shown = blocks
  .filter(({ language }) => language === 'console')
  .flatMap((block) => {
    const [, command = '', output = ''] = /^\$ npx relock (.*?)\n(.*)$/s.exec(block.text) ?? []
    return [{ ...block, command, output }]
  })

/** Beside the examples lie the packages they import; `relock` is this copy, from its sources. */
const desk = mkdtempSync(join(tmpdir(), 'relock-docs-'))
const ours = [
  ["'relock/scenarios'", JSON.stringify(join(root, 'scenarios/index.ts'))],
  ["'relock'", JSON.stringify(join(root, 'index.ts'))],
] as const

beforeAll(() => {
  mkdirSync(join(desk, 'typed'))
  symlinkSync(join(root, 'node_modules'), join(desk, 'node_modules'))
  mkdirSync(join(desk, 'test'))
  symlinkSync(join(root, 'test/recordings'), join(desk, 'test/recordings'))
  writeFileSync(join(desk, 'package.json'), '{ "type": "module" }')
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
})
afterAll(() => rmSync(desk, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly output: string
  readonly errors: string
}

/** Runs Node on `desk`, as if it were an 80 columns wide terminal without colour. */
const node = (...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, COLUMNS: '80', VITEST: undefined }
    execFile(process.execPath, words, { cwd: desk, env, encoding: 'utf8' }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, output, errors }),
    )
  })
const tsx = import.meta.resolve('tsx')
const relock = (...words: readonly string[]): Promise<Ran> => node('--import', tsx, join(root, 'cli.ts'), ...words)

/** The words of a command line; quotes hold some together. */
const wordsOf = (command: string): string[] =>
  [...command.replaceAll('\\\n', '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)

/** Without seconds, which may also decide where the first line breaks. */
const masked = (text: string): string =>
  text
    .replace(/\b\d+(?:\.\d+)? m?s\b/g, '0.0 s')
    .replace(/(?: ·|\n {3}) 0\.0 s/g, ' · 0.0 s')
    .trimEnd()

const rewrite = (document: string, before: string, after: string): void =>
  writeFileSync(
    join(root, document),
    read(document).replace(before, () => after),
  )

describe('what is shown is what is printed', () => {
  test.for(shown.map((each) => [`${each.document}: relock ${each.command}`, each] as const))(
    '%s',
    { timeout: 300_000 },
    async ([, { document, command, output, text }]) => {
      expect(command, 'a console block begins with `$ npx relock …`').not.toBe('')
      const words = wordsOf(command)
      // Who searches for long says on the error stream how far he is.
      const quiet = ['explore', 'show', 'compare'].includes(words[0]!) ? ['--quiet'] : []
      const { output: printed, errors, code } = await relock(...words, ...quiet)
      expect([errors, code === 2 || code === 4]).toEqual(['', false])
      if (updating && masked(printed) !== masked(output))
        rewrite(document, text, text.slice(0, text.length - output.length) + `${printed.trimEnd()}\n`)
      else expect(masked(output)).toBe(masked(printed))
    },
  )
})

/** A picture of a run: the command that finds the run, which of its claims and findings it is, the lanes that are drawn. */
const pictures = documents.flatMap((document) =>
  [...read(document).matchAll(/<!-- picture: relock (.*?) \| (.*?) \| (.*?) -->\n```mermaid\n(.*?)^```$/gms)].map(
    ([whole, command = '', title = '', lanes = '', text = '']) => ({
      ...{ document, whole, command, title, text },
      lanes: lanes.split(', '),
    }),
  ),
)

/** Of a sequence diagram the lanes that are named, in this order, and what happens in and between them. */
const drawn = (diagram: string, lanes: readonly string[]): string => {
  const [kind, ...lines] = diagram.trimEnd().split('\n')
  const participants = lanes.map((lane) => lines.find((line) => line.endsWith(` as ${lane}`)))
  const kept = new Set(participants.map((line) => /P\d+/.exec(line ?? lines.join('\n'))![0]))
  expect(kept.size, `lanes of\n${diagram}`).toBe(lanes.length)
  const concerns = (line: string): readonly string[] =>
    /^ {2}(?:Note over )?(P\d+)(?:-(?:>>|x)(P\d+))?/.exec(line)?.slice(1).filter(Boolean) ?? ['']
  return [kind, ...participants, ...lines.filter((line) => concerns(line).every((each) => kept.has(each)))].join('\n')
}

/** A picture of a machine: the command that draws it, and what is left out: transitions that leave a state as it is (`loops`), `actions`. */
const charts = documents.flatMap((document) =>
  [...read(document).matchAll(/<!-- chart: relock (.*?)(?: \| without (.*?))? -->\n```mermaid\n(.*?)^```$/gms)].map(
    ([whole, command = '', without = '', text = '']) => ({
      ...{ document, whole, command, text },
      without: without.split(' and '),
    }),
  ),
)

/** Of a state diagram what is not left out; a title is for who has nothing but the file. */
const charted = (diagram: string, without: readonly string[]): string =>
  diagram
    .replace(/^---\n.*?^---\n/ms, '')
    .split('\n')
    .filter((line) => !without.includes('loops') || !/^ {2}(\S+) --> \1 :/.test(line))
    .map((line) => (without.includes('actions') ? line.replace(/^( {2}\S+ --> \S+ : .*?) \/ .*$/, '$1') : line))
    .join('\n')

describe('what is drawn is what is exported', () => {
  test.for(charts.map((each) => [`${each.document}: relock ${each.command}`, each] as const))(
    '%s',
    async ([, { document, whole, command, without, text }]) => {
      const { output, errors } = await relock(...wordsOf(command))
      expect(errors).toBe('')
      const wanted = charted(output, without)
      if (updating && wanted !== text)
        rewrite(
          document,
          whole,
          whole.replace(text, () => wanted),
        )
      else expect(text).toBe(wanted)
    },
  )

  test.for(pictures.map((each) => [`${each.document}: ${each.title}`, each] as const))(
    '%s',
    { timeout: 120_000 },
    async ([, { document, whole, command, title, lanes, text }]) => {
      const found = JSON.parse((await relock(...wordsOf(command), '--json')).output) as {
        address?: string
        findings?: readonly { title: string; address: string }[]
        properties?: readonly { name: string; address: string }[]
      }
      const { findings = [], properties = [] } = found
      const shows = [...findings.map((each) => ({ ...each, name: each.title })), ...properties]
      const address = found.address ?? shows.find(({ name }) => name === title)?.address
      expect(address, `among ${shows.map(({ name }) => name).join('; ')}`).toBeDefined()
      const { output } = await relock('export', 'mermaid', address!)
      const wanted = `${drawn(output, lanes)}\n`
      if (updating && wanted !== text)
        rewrite(
          document,
          whole,
          whole.replace(text, () => wanted),
        )
      else expect(text).toBe(wanted)
    },
  )
})

describe('examples', () => {
  test('have names of their own', () => {
    const files = [...examples, ...caseFiles].map(({ file }) => file)
    expect(new Set(files).size).toBe(files.length)
  })

  test('type-check', { timeout: 120_000 }, async () => {
    const { output, errors } = await node(join(root, 'node_modules/typescript/bin/tsc'), '-p', desk)
    expect(output + errors).toBe('')
  })

  test.for(examples.map((each) => [`${each.document}: ${each.file}`, each] as const))(
    '%s',
    { timeout: 120_000 },
    async ([, { file, text }]) => {
      if (text.includes('export default')) {
        await asExpected(join(desk, file))
        return
      }
      const typed = join('typed', file)
      const { code, output, errors } = text.includes("from 'vitest'")
        ? await node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', desk, typed)
        : text.includes("from 'node:test'")
          ? await node('--import', tsx, '--test', typed)
          : await node('--import', tsx, typed)
      expect(code, `${output}\n${errors}`).toBe(0)
    },
  )
})

/** A scenario in the documents can be loaded, and what it expects is what comes of it. */
async function asExpected(path: string): Promise<void> {
  const { name, choices, expected, system, properties } = await loadScenario(path)
  expect(name).not.toBe('')
  for (const { findings, states, ...asked } of expected) {
    const chosen = decided(choices, asked)
    const report = await explore(system(chosen), properties(chosen))
    expect({ findings: report.findings.map(({ title }) => title).sort(), states: report.states }).toEqual({
      findings,
      states,
    })
  }
}

/** What stands between two marks in a document. */
const between = (document: string, name: string): string | undefined =>
  new RegExp(`(?<=<!-- ${name} -->\n).*?(?=<!-- /${name} -->)`, 's').exec(read(document))?.[0]

describe('docs/FIDELITY.md', () => {
  const document = 'docs/FIDELITY.md'
  const fidelity = read(document)
  /** window | scenario | protocol, and what else is chosen | what is found | steps | status. A window without a number has a dash. */
  const rows = fidelity
    .split('\n')
    .map((line) => [
      line,
      ...line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1),
    ])
    .filter(([, window = '', scenario = '']) => /^(?:[A-Z]\w*-\d|–$)/.test(window) && scenario.startsWith('`'))
    .map(([line = '', window = '', scenario = '', protocol = '', what = '', steps = '', status = '']) => ({
      line,
      windows: window === '–' ? [] : window.split(/,\s*/),
      scenario: scenario.replaceAll('`', ''),
      protocol: /^`([^`]*)`/.exec(protocol)?.[1] ?? protocol,
      more: Object.fromEntries([...protocol.matchAll(/`(\w+)=(\w+)`/g)].map(([, name, value]) => [name, value])),
      title: /^`(.*)`/.exec(what)?.[1],
      steps,
      status,
    }))

  test('every machine is tied to its source', () => {
    const machines = readdirSync(join(root, 'machines'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    expect(machines.filter((file) => !fidelity.includes(`\`${file}\``))).toEqual([])
  })

  test('every window has a scenario that is made for it', () => {
    const numbered = (prefix: string, most: number): string[] =>
      Array.from({ length: most }, (_, index) => `${prefix}-${index + 1}`)
    const windows = [
      ...numbered('V13', 5),
      ...numbered('ALT', 5),
      ...numbered('M', 9),
      ...numbered('D', 4),
      ...numbered('SVM', 6),
      ...['B-50', 'B-51', 'B-52', 'B-53', 'B-54', 'B-55', 'B-56', 'B-58', 'B-59'],
      ...['B-01', 'B-02', 'B-03', 'B-04', 'B-05', 'B-11', 'B-12', 'B-13', 'B-14', 'B-30', 'B-33', 'B-34', 'B-37'],
    ]
    expect(windows.filter((window) => !rows.some((row) => row.windows.includes(window)))).toEqual([])
    const claims = rows.flatMap(({ windows, scenario }) => windows.map((window) => ({ scenario, window })))
    expect(
      claims.filter(({ scenario, window }) => !findScenario(scenario)?.windows.includes(window)),
      'windows that the scenario does not claim for itself',
    ).toEqual([])
    const told = scenarios.flatMap(({ windows }) => windows)
    expect(told.filter((window) => !rows.some((row) => row.windows.includes(window)))).toEqual([])
  })

  test('every row says how sure it is', () => {
    expect(rows.map(({ status }) => status).filter((status) => !/^(?:reported|derived)/.test(status))).toEqual([])
  })

  // `test/scenarios` explores all of them; here it is about what the table adds, the number of steps.
  test.for(rows.map((row) => [`${row.windows.join(', ')}: ${row.scenario} with ${row.protocol}`, row] as const))(
    '%s',
    { timeout: 120_000 },
    async ([, { line, scenario: name, protocol, more, title, steps }]) => {
      const scenario = findScenario(name)!
      const form = formsOf(scenario).find((each) => formOf(each) === protocol)!
      expect(form, 'a protocol or a kernel of this scenario').toBeDefined()
      // The claim may be of another number of tasks than the default.
      const expected = scenario.expected.filter((each) => formOf(decided(scenario.choices, each)) === protocol)
      const of = expected.find(({ findings }) => title === undefined || findings.includes(title)) ?? expected[0]!
      const choices = decided(scenario.choices, { ...form, ...(of.tasks && { tasks: of.tasks }), ...more })
      const report = await explore(scenario.system(choices), scenario.properties(choices))
      const wrong = [
        ...report.findings.map((finding) => ({
          title: finding.title,
          depth: finding.depth,
          shortest: finding.shortest,
        })),
        ...report.properties
          .filter(({ verdict }) => verdict === 'violated')
          .map(({ name, depth }) => ({ title: name, depth, shortest: true })),
      ]
      expect(report.exhaustive).toBe(true)
      if (title === undefined) {
        expect(wrong).toEqual([])
        return
      }
      const found = wrong.find((each) => each.title === title)
      expect(found, `among ${wrong.map((each) => each.title).join('; ')}`).toBeDefined()
      const counted = `${found!.depth}${found!.shortest ? '' : ' (a run)'}`
      if (updating && steps !== counted) rewrite(document, line, line.replace(`| ${steps} |`, `| ${counted} |`))
      else expect(steps).toBe(counted)
    },
  )

  /** The form, and what else was chosen for this search. */
  const formAndMore = (choosing: Choosing, asked: Partial<Choices>): string => {
    const more = choiceNames.filter((name) => asked[name] !== undefined && knownChoices[name].form === undefined)
    return [formOf(decided(choosing, asked)), ...more.map((name) => `${name}=${asked[name]}`)]
      .map((words) => `\`${words}\``)
      .join(' ')
  }

  test('every proof with its bounds', () => {
    const lines = [
      '| scenario | protocol or kernel | tasks | states |',
      '| --- | --- | ---: | ---: |',
      ...scenarios.flatMap(({ name, choices, expected }) =>
        expected
          .filter(({ findings, verdicts = {} }) => findings.length === 0 && Object.keys(verdicts).length === 0)
          .map(
            (each) =>
              `| \`${name}\` | ${formAndMore(choices, each)} | ${decided(choices, each).tasks} | ${each.states.toLocaleString('en-US')} |`,
          ),
      ),
    ]
    const wanted = `${lines.join('\n')}\n`
    const there = between(document, 'proofs')
    if (updating && there !== wanted) rewrite(document, `<!-- proofs -->\n${there}`, `<!-- proofs -->\n${wanted}`)
    expect(between(document, 'proofs')).toBe(wanted)
  })
})

/** Pages that tell each story of a family, and the form in which the holes of a protocol are mended. */
const familyPages = [
  { document: 'docs/DEVICE-MEMORY.md', family: 'device-memory', mended: (protocol: string) => `${protocol} repaired` },
  {
    document: 'docs/SHARED-VIRTUAL-MEMORY.md',
    family: 'shared-virtual-memory',
    mended: (protocol: string) => (protocol === 'rfc29' ? 'rfc29-fixed' : `${protocol} repaired`),
  },
] as const

/** The gravest that comes of each story in the protocol that it is about, and what repairs make of it. */
test.for(familyPages)(
  '$document: every hole with a run',
  { timeout: 120_000 },
  async ({ document, family, mended }) => {
    const lines: string[] = []
    for (const { name, choices, expected, ...scenario } of scenarios) {
      if (scenario.family !== family || scenario.mutantOf !== undefined) continue
      const chosen = choices.default
      const report = await explore(scenario.system(chosen), scenario.properties(chosen))
      const worst = issuesOf(report)[0]
      if (worst === undefined) continue
      const address = {
        scenario: name,
        choices: { ...chosen },
        fingerprint: report.fingerprint,
        schedule: worst.schedule,
      }
      const repaired = expected.find((each) => formOf(decided(choices, each)) === mended(chosen.protocol!))
      const becomes =
        repaired === undefined
          ? ''
          : repaired.findings.length > 0
            ? ` Repaired: ${repaired.findings.join('; ')}.`
            : ` Repaired: nothing wrong in ${repaired.states.toLocaleString('en-US')} states.`
      const breaks = worst.property === undefined ? `**${worst.title}**` : `broken: **${worst.title}**`
      lines.push(
        `- \`${name}\` with \`${chosen.protocol}\`: ${breaks}, ${worst.depth} steps.${becomes}`,
        `  <br>\`npx relock replay ${printAddress(address)}\``,
      )
    }
    const wanted = `${lines.join('\n')}\n`
    const there = between(document, 'holes')
    if (updating && there !== wanted) rewrite(document, `<!-- holes -->\n${there}`, `<!-- holes -->\n${wanted}`)
    expect(between(document, 'holes')).toBe(wanted)
  },
)

const small =
  'none one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const tens = 'none ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
/** Up to ninety-nine. */
const inWords = (number: number): string => {
  if (number < 20) return small[number]!
  const ten = tens[Math.floor(number / 10)]!
  return number % 10 === 0 ? ten : `${ten}-${small[number % 10]}`
}

test('numbers in the prose are those of the scenarios', () => {
  const mutants = scenarios.filter(({ mutantOf }) => mutantOf !== undefined)
  const told = `${inWords(scenarios.length - mutants.length)} scenarios and ${inWords(mutants.length)} mutants of them`
  const said = /[\w-]+ scenarios and [\w-]+ mutants of them/.exec(read('CHANGELOG.md'))![0]
  if (updating && said.toLowerCase() !== told) rewrite('CHANGELOG.md', said, told[0]!.toUpperCase() + told.slice(1))
  else expect(said.toLowerCase()).toBe(told)
  const [two, three, four] = [2, 3, 4].map((many) =>
    findScenario('stale-dma')!
      .expected.find(({ unmap, tasks = 2 }) => unmap === 'restart' && tasks === many)!
      .states.toLocaleString('en-US'),
  )
  expect(read('docs/WRITING-A-SCENARIO.md')).toContain(
    `Two unmaps are ${two} states under \`restart\`, three ${three}, four ${four}`,
  )
})

describe('what is named exists', () => {
  const told = [
    'README.md',
    'CHANGELOG.md',
    'GLOSSARY',
    'DECISIONS',
    'DEVICE-MEMORY',
    'SHARED-VIRTUAL-MEMORY',
    'FIDELITY',
    'CONFORMANCE',
    'READING-A-REPORT',
    'WRITING-A-SCENARIO',
  ]
    .map((name) => (name.endsWith('.md') ? name : `docs/${name}.md`))
    .filter((file) => documents.includes(file))
  const sourceFiles = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !['node_modules', 'dist', '.git', 'test', 'docs', 'bench'].includes(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((file) =>
            join(entry.name, file),
          )
        : [entry.name],
    )
    .filter((file) => /\.(?:ts|json)$/.test(file) && file !== 'package-lock.json')
  const words = new Set(sourceFiles.flatMap((file) => read(file).match(/[\w$]+/g) ?? []))
  const spans = (document: string): string[] =>
    [
      ...read(document)
        .replaceAll(fence, '')
        .matchAll(/`([^`\n]+)`/g),
    ].map(([, text]) => text!)

  test.for(told)('files named in %s', (document) => {
    const paths = spans(document).filter(
      (text) => /^\w[\w./-]*\.(?:ts|md|json|pml)$/.test(text) && !text.startsWith('my-'),
    )
    const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to]) => to!)
    const homes = ['', 'machines', 'docs', dirname(document)]
    const missing = [...paths, ...links].filter((path) => !homes.some((home) => existsSync(join(root, home, path))))
    expect(missing).toEqual([])
  })

  test.for(told)('functions named in %s', (document) => {
    const called = spans(document).flatMap((text) => /^(?:\w+\.)*(\w+)\(/.exec(text)?.[1] ?? [])
    const kernels = /^(?:vfio|iommufd|iopt|mutex|blocking|BUG|WARN|RB|kfree|down|up|drivers)/
    expect(called.filter((name) => !kernels.test(name) && !words.has(name))).toEqual([])
  })

  test.for(told)('options and verbs named in %s', (document) => {
    const cli = read('cli.ts')
    const text = read(document)
    const options = [...text.matchAll(/`--(?:no-)?([a-z-]+)/g)].map(([, name]) => name!)
    const known = (name: string): boolean =>
      choiceNames.some((choice) => choice === name) || new RegExp(`--(?:no-)?${name}\\b|number\\('${name}'`).test(cli)
    expect(options.filter((name) => !known(name))).toEqual([])
    const verbs = [...text.matchAll(/(?:`|npx )relock ([a-z]+)/g)].map(([, name]) => name!)
    expect(verbs.filter((name) => !cli.includes(`command('${name}`))).toEqual([])
  })
})
