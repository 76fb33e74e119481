/** The stateless search knows of scenarios what the reduced search knows: of every sixteenth, and of those only that have few classes of runs. */
import { expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { smallCases, type Case } from './each.ts'
import { exploredWith, type Explored } from './explored.ts'

const known = ({ report, finals }: Explored) => ({
  verdicts: report.properties.map(({ name, verdict, vacuous }) => [name, verdict, vacuous]),
  findings: report.findings.map(({ kind, title }) => `${kind}: ${title}`).toSorted(),
  ignored: report.ignored.map(({ component, state, type }) => `${component} ${state} ${type}`).toSorted(),
  finals,
})

const stateless = async ({ scenario, choices }: Case): Promise<Explored> => {
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => void finals.add(final.join('\n'))
  const system = scenario.system(choices)
  const search = { dpor: { runs: 60 } }
  const report = await explore(system, scenario.properties(choices), { search, onFinal, shortest: false })
  for (const { schedule } of [...report.findings, ...report.properties]) if (schedule) replay(system, schedule)
  return { report, finals: [...finals].toSorted() }
}

test('verdicts, findings, ignored messages and final states', async () => {
  const compared: string[] = []
  for (const each of smallCases.filter((_, index) => index % 16 === 0)) {
    const found = await stateless(each)
    expect(found.report.classes!.blocked).toBe(0)
    if (!found.report.exhaustive) continue
    expect(known(found), each.title).toEqual(known(await exploredWith(each.scenario, each.choices)))
    compared.push(each.title)
  }
  expect(compared.length).toBeGreaterThan(6)
})
