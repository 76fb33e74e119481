/** The stateless search knows of scenarios what the reduced search knows: of every sixteenth, and of those only that have few classes of runs. */
import { expect, test } from 'vitest'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import { smallCases, type Case } from './each.ts'

const known = async ({ scenario, choices }: Case, options: ExploreOptions) => {
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => void finals.add(final.join('\n'))
  const system = scenario.system(choices)
  const report = await explore(system, scenario.properties(choices), { onFinal, shortest: false, ...options })
  for (const { schedule } of [...report.findings, ...report.properties]) if (schedule) replay(system, schedule)
  return {
    report,
    verdicts: report.properties.map(({ name, verdict, vacuous }) => [name, verdict, vacuous]),
    findings: report.findings.map(({ kind, title }) => `${kind}: ${title}`).toSorted(),
    ignored: report.ignored.map(({ component, state, type }) => `${component} ${state} ${type}`).toSorted(),
    finals: [...finals].toSorted(),
  }
}

test('verdicts, findings, ignored messages and final states', async () => {
  const compared: string[] = []
  for (const each of smallCases.filter((_, index) => index % 16 === 0)) {
    const { report, ...stateless } = await known(each, { search: { dpor: { runs: 60 } } })
    expect(report.classes!.blocked).toBe(0)
    if (!report.exhaustive) continue
    const { report: _, ...reduced } = await known(each, {})
    expect(stateless, each.title).toEqual(reduced)
    compared.push(each.title)
  }
  expect(compared.length).toBeGreaterThan(6)
})
