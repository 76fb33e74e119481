/** Every scenario says what a complete search finds, to the exact number of states; here it is held to it, and so are the documents that tell it. */
import { describe, expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import type { FindingReport } from '../../explore/outcome/report.ts'
import type { Property, System } from '../../explore/system.ts'
import { brokenClaim } from '../../report/claims.ts'
import { protocolNames } from '../../actors/kernel/unmap/protocol-names.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { decided, formOf, formsOf, type Choices } from '../../scenarios/choices.ts'
import { printAddress } from '../../report/address.ts'
import { issuesOf } from '../../report/issues.ts'
import { document, rows } from '../docs/fidelity.ts'
import { between, rewrite, updating } from '../docs/pages.ts'
import { expectations } from './each.ts'
import { explored } from './explored.ts'

describe('a complete search finds exactly what the scenario expects', () => {
  test.each(expectations)('$title: $expected.states states', async ({ scenario, choices, expected }) => {
    const properties = scenario.properties(choices)
    const system = scenario.system(choices)
    const report = await explored(scenario, choices)
    expect(report.exhaustive).toBe(true)
    expect(report.reduction).toBe('on')
    expect(report.ignored).toEqual([])
    expect([...new Set(report.findings.map(({ title }) => title))].sort()).toEqual(expected.findings)
    expect(Object.fromEntries(report.properties.map(({ name, verdict }) => [name, verdict]))).toEqual({
      ...Object.fromEntries(properties.map(({ name, kind }) => [name, kind === 'sometimes' ? 'seen' : 'holds'])),
      ...expected.verdicts,
    })
    expect(report.states).toBe(expected.states)
    for (const finding of report.findings) expectToReplay(system, properties, finding)
  })
})

/** A claim is worth its trace: the schedule of a finding shows it again. */
function expectToReplay(
  system: System,
  properties: readonly Property[],
  { kind, title, schedule }: FindingReport,
): void {
  const trace = replay(system, schedule)
  const claim = properties.find(({ name }) => name === title)
  if (kind === 'deadlock') expect(trace.end).toBe('deadlock')
  else if (claim) expect(brokenClaim(system, [claim], trace)?.at).toBe(schedule.length)
  else {
    const titles = trace.steps.map(({ findings }) => findings.map((each) => each.title))
    const left = trace.leaks?.map((leak) => leak.title) ?? []
    expect(kind === 'lock-order' ? titles.flat() : [...(titles.at(-1) ?? []), ...left]).toContain(title)
  }
}

describe('docs/FIDELITY.md tells the steps of each finding', () => {
  test.for(rows.map((row) => [`${row.windows.join(', ')}: ${row.scenario} with ${row.protocol}`, row] as const))(
    '%s',
    async ([, { line, scenario: name, protocol, more, title, steps }]) => {
      const scenario = findScenario(name)!
      const form = formsOf(scenario).find((each) => formOf(each) === protocol)!
      expect(form, 'a protocol or a kernel of this scenario').toBeDefined()
      // The claim may be of another number of tasks than the default.
      const expected = scenario.expected.filter((each) => formOf(decided(scenario.choices, each)) === protocol)
      const of = expected.find(({ findings }) => title === undefined || findings.includes(title)) ?? expected[0]!
      const choices = decided(scenario.choices, { ...form, ...(of.tasks && { tasks: of.tasks }), ...more })
      const report = await explored(scenario, choices)
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
test.for(familyPages)('$document: every hole with a run', async ({ document, family, mended }) => {
  const lines: string[] = []
  for (const scenario of scenarios) {
    const { name, choices, expected } = scenario
    if (scenario.family !== family || scenario.mutantOf !== undefined) continue
    const chosen = choices.default
    const report = await explored(scenario, chosen)
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
})

const windows = [
  ...['V13-1', 'V13-2', 'V13-3', 'V13-4', 'V13-5'],
  ...['ALT-1', 'ALT-2', 'ALT-3', 'ALT-4', 'ALT-5'],
  ...['M-1', 'M-2', 'M-3', 'M-4', 'M-5', 'M-6', 'M-7', 'M-8', 'M-9'],
  ...['D-1', 'D-2', 'D-3', 'D-4'],
  ...['B-01', 'B-02', 'B-03', 'B-04', 'B-05', 'B-15', 'B-16', 'B-17', 'B-18', 'B-19'],
  ...['B-11', 'B-12', 'B-13', 'B-14', 'B-30', 'B-33', 'B-34', 'B-37'],
  ...['SVM-1', 'SVM-2', 'SVM-3', 'SVM-4', 'SVM-5', 'SVM-6'],
  ...['B-50', 'B-51', 'B-52', 'B-53', 'B-54', 'B-55', 'B-56', 'B-58', 'B-59'],
  ...['B-24', 'B-25', 'B-28', 'B-38', 'B-39', 'B-40', 'B-42'],
]

test.each(windows)('window %s has a scenario', (window) => {
  expect(scenarios.some((scenario) => scenario.windows.includes(window))).toBe(true)
})

test('every protocol runs in some scenario, and breaks or holds there as expected', () => {
  const used = new Set(expectations.flatMap(({ choices }) => choices.unmap ?? []))
  expect([...used].sort()).toEqual([...protocolNames].sort())
})

const stories = scenarios.filter(({ mutantOf }) => mutantOf === undefined)
const isClean = ({ findings, verdicts = {} }: (typeof expectations)[number]['expected']) =>
  findings.length === 0 && !Object.values(verdicts).includes('violated')

test.each(stories.map((scenario) => [scenario.name, scenario] as const))(
  '%s: where it is clean, another protocol or a mutant is caught by the same properties',
  (name) => {
    const family = expectations.filter(({ scenario }) => scenario.name === name || scenario.mutantOf === name)
    if (!family.some(({ expected }) => isClean(expected))) return
    // The errnos of one thread have no second protocol to differ from: test/scenarios/mutants.test.ts breaks the chart itself.
    if (name === 'register-errnos') return
    expect(family.some(({ expected }) => !isClean(expected))).toBe(true)
  },
)

test.each(stories.map((scenario) => [scenario.name, scenario] as const))(
  '%s: every always has a sometimes beside it',
  (_, scenario) => {
    const kinds = scenario.properties(scenario.choices.default).map(({ kind }) => kind)
    expect(kinds).toContain('sometimes')
  },
)

test.each(stories.map((scenario) => [scenario.name, scenario] as const))(
  '%s says where it comes from and why it matters',
  (name, scenario) => {
    expect(scenario.source.length).toBeGreaterThan(20)
    expect(scenario.why.length).toBeGreaterThan(80)
    // A story of the family’s table is told in all forms; others in those that they are about.
    const { inTable, choices } = scenario
    const about = ({ protocol }: Partial<Choices>) =>
      protocol === undefined || inTable || protocol === choices.default.protocol
    const told = formsOf(scenario).filter(about).map(formOf)
    const expected = expectations.filter((each) => each.scenario.name === name).map(({ choices }) => formOf(choices))
    expect(expected).toEqual(expect.arrayContaining(told))
  },
)
