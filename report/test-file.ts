/** A run as the text of a test that follows it: its steps by name, for the runner that a project uses. */
import type { Chosen } from './address.ts'

export const runners = ['vitest', 'jest', 'node'] as const
export type Runner = (typeof runners)[number]

/** When the test passes: once the run does not show it any more, or as long as it does. */
export const passing = ['mended', 'found'] as const
export type Passing = (typeof passing)[number]

export interface TestFile {
  readonly runner: Runner
  /** How other modules are taken in. */
  readonly modules: 'import' | 'require'
  /** It is TypeScript. */
  readonly isTyped: boolean
  readonly passes: Passing
  /** A built-in scenario, or a file as the test names it: its default export is a scenario, or actors of XState. */
  readonly subject:
    | { readonly builtIn: string }
    | { readonly file: string; readonly is: 'scenario' | 'actors'; readonly isCommonJs: boolean }
  readonly choices: Chosen
  /** What the run shows, and whether that is a property. */
  readonly shows: string
  readonly isProperty: boolean
  readonly steps: readonly string[]
  /** Where the run comes from. */
  readonly of: string
}

/** As most formatters have it: in the quotes that need the fewest backslashes. */
const quoted = (text: string): string => {
  const inDouble = JSON.stringify(text)
  return text.includes("'") && !text.includes('"')
    ? inDouble
    : `'${inDouble.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

const literal = (value: string | number): string => (typeof value === 'number' ? String(value) : quoted(value))

const isIdentifier = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name)

const recordOf = (choices: Chosen): string => {
  const fields = Object.entries(choices).flatMap(([name, value]) =>
    value === undefined ? [] : [`${isIdentifier(name) ? name : quoted(name)}: ${literal(value)}`],
  )
  return `{ ${fields.join(', ')} }`
}

/** `import { a, b } from 'x'` in the words of the modules that are used; without names only for what it does. */
const taking =
  (modules: TestFile['modules']) =>
  (from: string, names: readonly string[] = []): string => {
    const what = `{ ${names.join(', ')} }`
    if (modules === 'import')
      return names.length === 0 ? `import ${quoted(from)}` : `import ${what} from ${quoted(from)}`
    return names.length === 0 ? `require(${quoted(from)})` : `const ${what} = require(${quoted(from)})`
  }

const heads = ({ runner, modules, subject, passes }: TestFile): readonly string[] => {
  const take = taking(modules)
  const isActors = 'file' in subject && subject.is === 'actors'
  const follow = isActors ? 'relock/xstate' : 'relock'
  const assertion = passes === 'found' ? 'assertViolates' : 'assertDoesNotViolate'
  const ofRunner: Readonly<Record<Runner, readonly string[]>> = {
    vitest: [take('vitest', ['expect', 'test']), take('relock/vitest')],
    jest: [take('relock/jest')],
    node: [take('node:test', ['test'])],
  }
  const ofRelock =
    runner !== 'node'
      ? [take(follow, ['follow'])]
      : isActors
        ? [take('relock', [assertion]), take(follow, ['follow'])]
        : [take('relock', [assertion, 'follow'])]
  return [...ofRunner[runner], ...ofRelock, subjectOf(modules, subject)]
}

const subjectOf = (modules: TestFile['modules'], subject: TestFile['subject']): string => {
  if ('builtIn' in subject) return taking(modules)('relock/scenarios', ['findScenario'])
  const name = subject.is === 'actors' ? 'actors' : 'scenario'
  if (modules === 'import') return `import ${name} from ${quoted(subject.file)}`
  const given = `require(${quoted(subject.file)})`
  return subject.isCommonJs ? `const ${name} = ${given}` : `const { default: ${name} } = ${given}`
}

/** What is followed, and the lines before that. */
const followed = (file: TestFile): { readonly before: readonly string[]; readonly call: string } => {
  const { subject, choices, isTyped, isProperty } = file
  if ('file' in subject && subject.is === 'actors')
    return { before: [], call: 'follow(actors, run, { shows: finding })' }
  const found =
    'builtIn' in subject ? [`const scenario = findScenario(${quoted(subject.builtIn)})${isTyped ? '!' : ''}`] : []
  const chosen = `const choices = ${recordOf(choices)}${isTyped ? ' as const' : ''}`
  const options = isProperty ? '{ shows: finding, properties: scenario.properties(choices) }' : '{ shows: finding }'
  return { before: [...found, chosen], call: `follow(scenario.world(choices), run, ${options})` }
}

const comment = ({ passes, of }: TestFile): readonly string[] => [
  '/**',
  ` * A run that relock found in ${of.replaceAll('*/', '* /')}, kept as a test.`,
  passes === 'found'
    ? ' * It passes as long as some run with these steps in this order shows what was found, and fails once none does.'
    : ' * It fails as long as some run with these steps in this order shows what was found, and passes once none does.',
  ' * What the model does besides is no matter. Where the run is lost, it fails and says what no longer fits.',
  ' */',
]

const claim = ({ runner, passes }: TestFile): string => {
  const isFound = passes === 'found'
  if (runner === 'node') return `${isFound ? 'assertViolates' : 'assertDoesNotViolate'}(now, finding)`
  return `expect(now).${isFound ? '' : 'not.'}toViolate(finding)`
}

/** Milliseconds, where a runner has a limit: where there is no such run any more, all of them are looked at. */
const patience = '60_000'

const around = (runner: Runner, lines: readonly string[]): readonly string[] => {
  const inside = (indent: string) => lines.map((line) => indent + line)
  if (runner === 'jest') return ['test(', '  finding,', '  () => {', ...inside('    '), '  },', `  ${patience},`, ')']
  const options = runner === 'vitest' ? `{ timeout: ${patience} }, ` : ''
  return [`test(finding, ${options}() => {`, ...inside('  '), '})']
}

const longestLine = 120

const listed = (name: string, values: readonly string[]): readonly string[] => {
  const line = `const ${name} = [${values.join(', ')}]`
  return line.length > longestLine ? [`const ${name} = [`, ...values.map((value) => `  ${value},`), ']'] : [line]
}

const assigned = (name: string, value: string): readonly string[] => {
  const line = `const ${name} = ${value}`
  return line.length > longestLine ? [`const ${name} =`, `  ${value}`] : [line]
}

/** The text of the test. */
export const testFile = (file: TestFile): string => {
  const { shows, steps } = file
  const { before, call } = followed(file)
  const lines = [
    ...comment(file),
    ...heads(file),
    '',
    ...before,
    ...assigned('finding', quoted(shows)),
    '',
    '/** Who says what to whom, in the order of causes. */',
    ...listed('run', steps.map(quoted)),
    '',
    ...around(file.runner, [`const now = ${call}`, claim(file)]),
  ]
  return `${lines.join('\n')}\n`
}
