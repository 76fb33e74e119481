/** What the explorer reports and what brute force finds, in one form. */
import { expect } from 'vitest'
import { isCaughtAtTheEnd } from '../../explore/locks/caught.ts'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import type { FindingReport, PropertyReport, Report } from '../../explore/outcome/report.ts'
import type { Property, System } from '../../explore/system.ts'
import type { Trace, WaitEdge } from '../../explore/runs/trace.ts'
import type { BruteForce } from '../toys/brute-force.ts'
import { isCaught } from '../toys/caught.ts'
import { inversionsOf, type Edge } from '../toys/lock-order.ts'
import { run } from '../toys/run.ts'

/** A state or a step tells it, so that there is a shortest run to it: not so lock order, nor a run without end. */
export const isPlain = ({ kind }: { readonly kind: string }): boolean => kind !== 'lock-order' && kind !== 'livelock'

/** Verdicts, findings, what was ignored and the order of locks: what reduction must not change. */
export const outcomeOf = ({ properties, findings, ignored, lockOrder }: Report) => ({
  verdicts: properties.map(({ name, verdict, vacuous = false }) => `${name}: ${verdict}${vacuous ? ', vacuous' : ''}`),
  findings: findings.map(titleOf).toSorted(),
  inversions: findings.flatMap(({ title, judged }) => (judged ? [`${title}: ${judged.verdict}`] : [])).toSorted(),
  ignored: ignored.map(({ component, state, type }) => `${component} ${state} ${type}`).toSorted(),
  edges: lockOrder.map((edge) => `${edge.from} → ${edge.to}`).toSorted(),
})

export const expected = ({
  properties,
  findings,
  confirmed,
  ignored,
  edges,
}: BruteForce): ReturnType<typeof outcomeOf> => ({
  verdicts: [...properties].map(([name, { verdict, vacuous }]) => `${name}: ${verdict}${vacuous ? ', vacuous' : ''}`),
  findings: [...findings.keys()].toSorted(),
  inversions: [...findings.keys()]
    .flatMap((found) => (found.startsWith('lock-order: ') ? [found.slice('lock-order: '.length)] : []))
    .map((title) => `${title}: ${confirmed.has(title) ? 'confirmed' : 'refuted'}`)
    .toSorted(),
  ignored: [...ignored].toSorted(),
  edges: [...edges].toSorted(),
})

export const titleOf = ({ kind, title }: { readonly kind: string; readonly title: string }): string =>
  `${kind}: ${title}`

/** Every schedule in a report does what the report says it does: told by brute force and by replay. */
export const expectHonest = (
  system: System<any>,
  properties: readonly Property[],
  report: Report,
  brute: BruteForce,
): void => {
  for (const finding of report.findings) {
    const inOneRun = report.strategy !== 'breadth' || brute.inOneRun.has(finding.title)
    if (finding.kind === 'lock-order') expectInversion(system, finding, inOneRun)
    else if (finding.kind === 'livelock') expectLivelock(properties, report, finding)
    else expectShows(system, properties, finding)
  }
  for (const property of report.properties) {
    if (property.schedule === undefined) continue
    const claim = properties.find(({ name }) => name === property.name)!
    expectExample(system, claim, property)
  }
}

/** The run, replayed and told by brute force; both make the same of it. */
const shownBy = (system: System<any>, { schedule, depth }: FindingReport) => {
  const shown = run(system, schedule)
  const trace = replay(system, schedule)
  expect(schedule.length).toBe(depth)
  expect(trace.steps.map(({ choice }) => choice)).toEqual([...schedule])
  expect(trace.end).toBe(shown.end)
  expect(trace.waiting.map(({ thread, at, on }) => ({ thread, at, on }))).toEqual(shown.waits)
  for (const edge of trace.waiting) expectSent(trace, edge)
  const told = trace.steps.flatMap(({ findings }) => findings.map(titleOf))
  return { shown, trace, told }
}

/** The request that a thread waits with was sent by the step that the edge names. */
const expectSent = ({ steps, threads }: Trace, { thread, at, type, sentAt }: WaitEdge): void => {
  if (sentAt === 0) return
  const sends = steps[sentAt - 1]!.sends.map(({ to, message }) => [
    threads[message.from] ?? message.from,
    to,
    message.type,
  ])
  expect(sends, `sent by step ${sentAt}`).toContainEqual([thread, at, type])
}

const expectShows = (system: System<any>, properties: readonly Property[], finding: FindingReport): void => {
  const { shown, trace } = shownBy(system, finding)
  const claim = properties.find(({ name, finding: kind }) => name === finding.title && kind === finding.kind)
  if (claim !== undefined) {
    expect(breaks(claim, shown.views.at(-1)), `${finding.title} at the end of its run`).toBe(true)
  } else if (finding.kind === 'deadlock') {
    expect(trace.end).toBe('deadlock')
    expect(shown.titles).toContain(titleOf(finding))
  } else {
    // Found by the very last step.
    expect(trace.steps.at(-1)!.findings.map(titleOf)).toContain(titleOf(finding))
    expect(shown.titles).toContain(titleOf(finding))
  }
}

/** The classes of a cycle, by its title. */
const classesNamed = (title: string): readonly string[] =>
  title.startsWith('recursive locking of ')
    ? [title.slice('recursive locking of '.length)]
    : title.slice('lock order '.length).split(' → ').slice(0, -1)

const edgesNamed = (title: string): readonly Edge[] => {
  const classes = classesNamed(title)
  return classes.map((held, at) => [held, classes[(at + 1) % classes.length]!])
}

/** The last step adds an edge: the one that closes the circle, when one run has them all. */
const expectInversion = (system: System<any>, finding: FindingReport, inOneRun: boolean): void => {
  const { shown, trace, told } = shownBy(system, finding)
  const { title, judged } = finding
  if (judged?.verdict === 'confirmed') {
    const caught = run(system, judged.schedule)
    expect(isCaught(system, caught.last, edgesNamed(title)), `${title} at the end of its run`).toBe(true)
    if (caught.end === 'deadlock')
      expect(isCaughtAtTheEnd(replay(system, judged.schedule), classesNamed(title))).toBe(true)
  }
  const seen = inversionsOf(shown.edges.flat()).map((each) => each.title)
  expect(told.filter((each) => each.startsWith('lock-order: ')).toSorted(), title).toEqual(
    expect.arrayContaining(seen.map((each) => `lock-order: ${each}`)),
  )
  if (inOneRun) {
    expect(seen, title).toContain(title)
    expect(trace.steps.at(-1)!.findings.map(titleOf), title).toContain(titleOf(finding))
  } else {
    expect(seen, title).not.toContain(title)
    expect(told, title).not.toContain(titleOf(finding))
    const edges = edgesNamed(title)
    expect(edges.filter((edge) => shown.edges.at(-1)!.some((each) => each.join() === edge.join()))).not.toEqual([])
  }
}

/** The run of the `eventually` that is missed, which is looked at with the properties. */
const expectLivelock = (
  properties: readonly Property[],
  report: Report,
  { title, schedule, depth, detail }: FindingReport,
) => {
  const missed = report.properties.find(({ name }) => title === `never: ${name}`)!
  expect(properties.find(({ name }) => name === missed.name)!.kind).toBe('eventually')
  expect(missed.verdict).toBe('violated')
  expect([schedule, depth]).toEqual([missed.schedule, missed.depth])
  expect(detail).toBe(`steps ${missed.loopsFrom} to ${depth} repeat for ever`)
}

const breaks = ({ holds, when = () => true }: Property, view: unknown): boolean => when(view) && !holds(view)

const expectExample = (system: System<any>, claim: Property, { schedule, loopsFrom, depth }: PropertyReport): void => {
  const { views, keys, end } = run(system, schedule!)
  expect(schedule!.length).toBe(depth)
  expect(() => replay(system, schedule!)).not.toThrow()
  if (claim.kind === 'always') expect(breaks(claim, views.at(-1)), claim.name).toBe(true)
  if (claim.kind === 'sometimes') expect(claim.holds(views.at(-1)), claim.name).toBe(true)
  if (claim.kind !== 'eventually') return
  expect(
    views.some((view) => claim.holds(view)),
    `${claim.name} never on its counterexample`,
  ).toBe(false)
  if (loopsFrom === undefined) expect(end).not.toBe('open')
  else expect(keys[loopsFrom - 1], 'the run comes back to where it was before step loopsFrom').toBe(keys.at(-1))
}

/** Explores, and collects the final states in the form brute force has them in. */
export const exploreToFinals = async (
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
) => {
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => {
    const count = system.components.length
    finals.add([...final.slice(0, count), ...final.slice(count).toSorted()].join('\n'))
  }
  const report = await explore(system, properties, { ...options, onFinal })
  return { report, finals: [...finals].toSorted() }
}

/** The reduced and the full search look at everything and say the same; the final states are those of both. */
export const agreed = async (system: System<any>, properties: readonly Property[]) => {
  const { report: full, finals } = await exploreToFinals(system, properties, { reduction: false })
  const { report: reduced, finals: inPart } = await exploreToFinals(system, properties, { reduction: true })
  expect(inPart).toEqual(finals)
  expect(outcomeOf(reduced)).toEqual(outcomeOf(full))
  expect([reduced.exhaustive, full.exhaustive]).toEqual([true, true])
  return { full, reduced, finals }
}
