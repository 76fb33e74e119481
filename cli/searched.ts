/** A search, watched on the error stream. */
import { setImmediate as turn } from 'node:timers/promises'
import { searching, type ExploreOptions } from '../explore/index.ts'
import type { Progress, Report, Schedule } from '../explore/outcome/report.ts'
import type { Property } from '../explore/system.ts'
import { parseAddress, printSubject } from '../report/address.ts'
import { about } from '../report/blame.ts'
import { otherModel } from '../report/errors.ts'
import { progressLine, sayAlone, showLine } from '../report/progress.ts'
import { unknownGoal } from '../report/unknown.ts'
import type { Page } from '../report/style.ts'
import type { Choices } from '../scenarios/choices.ts'
import type { Scenario } from '../scenarios/unmap/scenario.ts'
import { checkpointOf, sayTrouble } from './checkpoints.ts'
import type { Desk } from './desk.ts'
import { memoryFor } from './memory.ts'
import { optionsOf, pageOf, type Flags } from './flags.ts'
import { inGivenOrder } from './order.ts'
import { sampledElsewhere } from './pieces.ts'
import type { Subject } from './subject.ts'

export const searched = async (
  scenario: Scenario,
  choices: Choices,
  flags: Flags,
  desk: Pick<Desk, 'stop' | 'known'>,
  update: (progress: Progress) => void,
  onTaken?: ExploreOptions['onTaken'],
): Promise<Report> => {
  const { inversions } = scenario
  const properties = scenario.properties(choices)
  insistOnGoal(flags.goal, properties)
  const system = inGivenOrder(scenario, flags.order).system(choices)
  const after = flags.after === undefined ? {} : { after: choicesOf(flags.after, system.fingerprint) }
  const checkpoint = checkpointOf(flags, scenario.name, choices)
  const memory = memoryFor(flags)
  const options = {
    ...{ ...after, ...(inversions && { inversions }), ...optionsOf(flags, desk.stop) },
    ...{ ...(onTaken && { onTaken }), ...(checkpoint && { checkpoint }), ...(memory && { memory }) },
  }
  const search = searching(system, properties, options)
  let last: Progress | undefined
  for (;;) {
    const { done, value } = search.next()
    if (done) {
      // The last may have been kept behind all that was told.
      if (last && checkpoint?.trouble !== undefined) update({ ...last, trouble: checkpoint.trouble })
      return value
    }
    last = value
    desk.known(value)
    update(value)
    await turn()
  }
}

/** Of a run of this very model. */
const choicesOf = (address: string, now: string): Schedule => {
  const { fingerprint, schedule } = parseAddress(address)
  if (fingerprint !== now) throw otherModel(fingerprint, now)
  return schedule
}

/** Each of them has what is looked for: a slip is told before hours are spent on another. */
export const insistOnGoals = (subjects: readonly Subject[], { goal }: Flags): void => {
  if (goal !== undefined) for (const { scenario, choices } of subjects) insistOnGoal(goal, scenario.properties(choices))
}

/** A goal is a claim about states. */
const insistOnGoal = (goal: string | undefined, properties: readonly Property[]): void => {
  const known = properties.flatMap(({ kind, name, step }) => (kind === 'eventually' || step ? [] : name))
  if (goal !== undefined && !known.includes(goal)) throw unknownGoal(goal, known)
}

const isShown = ({ quiet, json }: Flags): boolean => !quiet && !json

/** Progress goes to the error stream, so that the report can be piped. */
export const watching = async <Told, Result>(
  flags: Flags,
  { err, env }: Desk,
  title: string,
  lineOf: (told: Told, page: Page) => string,
  work: (update: (told: Told) => void) => Promise<Result>,
): Promise<Result> => {
  const page = pageOf(err, env, flags)
  const view = isShown(flags) ? showLine(err, page, title, lineOf) : undefined
  try {
    return await work((told) => view?.update(told))
  } finally {
    view?.done()
  }
}

export const explored = (
  subject: Subject,
  flags: Flags,
  desk: Desk,
  onTaken?: ExploreOptions['onTaken'],
): Promise<Report> => {
  const { scenario, name, choices } = subject
  const search = (hear: (progress: Progress) => Progress): Promise<Report> =>
    watching(flags, desk, `${printSubject(name, choices)} · ${flags.strategy}`, progressLine, async (update) => {
      const sample = await sampledElsewhere(subject, flags, desk, update)
      const watched = { ...flags, estimate: isShown(flags) }
      if (!sample) return searched(scenario, choices, watched, desk, (progress) => update(hear(progress)), onTaken)
      if (onTaken) sample.taken.forEach(onTaken)
      return sample.report
    })
  return about(name, () => withTroubles(desk, search))
}

/** What could not be kept, or be done as it was asked for, is said below what is drawn, each thing once. */
export const withTroubles = async <Result>(
  { err }: Desk,
  work: (hear: (progress: Progress) => Progress) => Promise<Result>,
): Promise<Result> => {
  const troubles = new Set<string>()
  try {
    return await work((progress) => {
      if (progress.trouble !== undefined) troubles.add(sayTrouble(progress.trouble))
      if (progress.alone) troubles.add(sayAlone(progress.alone))
      return progress
    })
  } finally {
    for (const each of troubles) err.write(each)
  }
}
