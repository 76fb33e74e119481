/** What the documents ask to be typed in TypeScript is type-checked and run: programs of one kind in one process, which loads relock once. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { decided } from '../../scenarios/choices.ts'
import { loadScenario } from '../../scenarios/load.ts'
import { declared } from '../testing/packed.ts'
import { caseFiles, clear, desk, examples, lay, node, nodeOnEach, type Block, type Ended } from './desk.ts'
import { root } from './pages.ts'

beforeAll(() => {
  declared()
  lay()
})
afterAll(clear)

const tsx = import.meta.resolve('tsx')

const kindOf = ({ text }: Block): 'scenario' | 'vitest' | 'node:test' | 'program' =>
  text.includes('export default')
    ? 'scenario'
    : text.includes("from 'vitest'")
      ? 'vitest'
      : text.includes("from 'node:test'")
        ? 'node:test'
        : 'program'

const filesOf = (kind: ReturnType<typeof kindOf>): readonly string[] =>
  examples.filter((each) => kindOf(each) === kind).map(({ file }) => file)

/** As Vitest writes it. */
interface Told {
  readonly testResults: readonly {
    readonly name: string
    readonly status: 'passed' | 'failed'
    readonly message: string
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[]
  }[]
}

/** How each file of tests ended, as if it had been run alone. */
const underVitest = async (): Promise<ReadonlyMap<string, Ended>> => {
  const words = ['run', '--root', desk, '--no-isolate', '--maxWorkers=1', '--reporter=json', '--outputFile=tests.json']
  const { output, errors } = await node(
    ...[join(root, 'node_modules/vitest/vitest.mjs'), ...words, ...filesOf('vitest')],
  )
  const { testResults } = JSON.parse(readFileSync(join(desk, 'tests.json'), 'utf8')) as Told
  return new Map(
    testResults.map(({ name, status, message, assertionResults }) => {
      const said = [message, ...assertionResults.flatMap(({ failureMessages }) => failureMessages), output, errors]
      return [basename(name), { code: status === 'passed' ? 0 : 1, said: said.join('\n') }]
    }),
  )
}

const once = <Result>(work: () => Promise<Result>): (() => Promise<Result>) => {
  let begun: Promise<Result> | undefined
  return () => (begun ??= work())
}
const ran = {
  vitest: once(underVitest),
  program: once(() => nodeOnEach(filesOf('program'), '--import', tsx)),
  'node:test': once(async () => {
    const files = filesOf('node:test')
    const { code, output, errors } = await node('--import', tsx, '--test', ...files)
    return new Map(files.map((file) => [file, { code, said: `${output}\n${errors}` }]))
  }),
} as const

describe('examples', () => {
  test('have names of their own', () => {
    const files = [...examples, ...caseFiles].map(({ file }) => file)
    expect(new Set(files).size).toBe(files.length)
  })

  test('type-check', async () => {
    const { output, errors } = await node(join(root, 'node_modules/typescript/bin/tsc'), '-p', desk)
    expect(output + errors).toBe('')
  })

  test.for(examples.map((each) => [`${each.document}: ${each.file}`, each] as const))('%s', async ([, example]) => {
    const { file } = example
    const kind = kindOf(example)
    if (kind === 'scenario') return asExpected(join(desk, file))
    const { code, said } = (await ran[kind]()).get(file) ?? { code: undefined, said: 'It was not run.' }
    expect(code, said).toBe(0)
  })
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
