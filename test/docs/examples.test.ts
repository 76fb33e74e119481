/** What the documents ask to be typed in TypeScript is type-checked and run. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { decided } from '../../scenarios/choices.ts'
import { loadScenario } from '../../scenarios/load.ts'
import { declared } from '../testing/packed.ts'
import { caseFiles, clear, desk, examples, lay, node } from './desk.ts'
import { root } from './pages.ts'

beforeAll(() => {
  declared()
  lay()
})
afterAll(clear)

const tsx = import.meta.resolve('tsx')

describe('examples', () => {
  test('have names of their own', () => {
    const files = [...examples, ...caseFiles].map(({ file }) => file)
    expect(new Set(files).size).toBe(files.length)
  })

  test('type-check', async () => {
    const { output, errors } = await node(join(root, 'node_modules/typescript/bin/tsc'), '-p', desk)
    expect(output + errors).toBe('')
  })

  test.for(examples.map((each) => [`${each.document}: ${each.file}`, each] as const))(
    '%s',
    async ([, { file, text }]) => {
      if (text.includes('export default')) {
        await asExpected(join(desk, file))
        return
      }
      const { code, output, errors } = text.includes("from 'vitest'")
        ? await node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', desk, file)
        : text.includes("from 'node:test'")
          ? await node('--import', tsx, '--test', file)
          : await node('--import', tsx, file)
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
