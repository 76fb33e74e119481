/** docs/FIDELITY.md: what is tied to which source, and how sure it is. Its numbers of steps are compared where the scenarios are explored. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  choiceNames,
  decided,
  formOf,
  formsOf,
  knownChoices,
  type Choosing,
  type KnownChoices,
} from '../../scenarios/choices.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { document, fidelity, rows } from './fidelity.ts'
import { between, rewrite, root, updating } from './pages.ts'

/** Whether there is such a scenario, in such a form. */
const scenarioIn = (pair: string): boolean => {
  const [name = '', form] = pair.split(' ')
  const scenario = findScenario(name)
  return scenario !== undefined && formsOf(scenario).some((each) => formOf(each) === form)
}

describe('docs/FIDELITY.md', () => {
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
      ...[
        'B-01',
        'B-02',
        'B-03',
        'B-04',
        'B-05',
        'B-11',
        'B-12',
        'B-13',
        'B-14',
        'B-30',
        'B-33',
        'B-34',
        'B-35',
        'B-37',
      ],
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

  test('what is said to be reproduced was tried on a kernel, and what was seen there is said to be', () => {
    const [, tried = ''] = fidelity.split('## Tried on a kernel')
    const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    const seen = tried
      .split('\n## ')[0]!
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').slice(1, -1))
      .filter(([, , model = '']) => !/nothing wrong/.test(model))
    const pairs = seen.flatMap(([of, forms]) =>
      names(of).flatMap((name) => names(forms).map((form) => `${name} ${form}`)),
    )
    const reproduced = rows.filter(({ status }) => status.includes('reproduced on 6.1.192'))
    const said = reproduced.map(({ scenario, protocol }) => `${scenario} ${protocol}`)
    // One row of the table may be of a scenario in each of its two tellings.
    expect(pairs.filter((pair) => scenarioIn(pair) && !said.includes(pair))).toEqual([])
    expect(reproduced.filter(({ scenario }) => !seen.some(([of]) => names(of).includes(scenario)))).toEqual([])
    expect(seen).toHaveLength(14)
  })

  /** The form, and what else was chosen for this search. */
  const formAndMore = (choosing: Choosing, asked: KnownChoices): string => {
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
