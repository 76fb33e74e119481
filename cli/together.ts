/** Many searches, told as one: in other threads where there are some and every scenario is a built-in one, else here, one after the other. */
import type { Progress, Report } from '../explore/outcome/report.ts'
import type { Taken } from '../explore/outcome/taken.ts'
import { inAll } from '../explore/several/progress.ts'
import { printSubject } from '../report/address.ts'
import { about } from '../report/blame.ts'
import { togetherLine } from '../report/summary.ts'
import { outOfMemory, stoppedBefore, type Unreported } from '../report/unreported.ts'
import { builtInScenario } from './built-in.ts'
import type { Desk } from './desk.ts'
import type { Found } from './threads/elsewhere.ts'
import type { Flags } from './flags.ts'
import type { Serving } from './verbs/serve.ts'
import { insistOnGoals, searched, watching, withTroubles } from './searched.ts'
import type { Subject } from './subject.ts'

/** In the order of the subjects; nothing for what was not begun before somebody stopped it. */
export const searchedTogether = (
  subjects: readonly Subject[],
  { flags, desk, title, served, taken }: Asked,
): Promise<readonly (Found | undefined)[]> => {
  insistOnGoals(subjects, flags)
  return withTroubles(desk, (heed) =>
    watching(flags, desk, title, togetherLine, async (update) => {
      const known = new Map<number, Progress>()
      let done = 0
      const hear = (index: number, told: Progress): void => {
        const progress = heed(told)
        known.set(index, progress)
        const so = inAll([...known.values()])
        const { name, choices } = subjects[index]!
        served?.deskFor(printSubject(name, choices)).known({ ...progress, findings: so.findings })
        desk.known(so)
        update({ done, of: subjects.length, progress: so })
      }
      const search = await searcher(subjects, flags, desk, taken)
      try {
        return await Promise.all(
          subjects.map(async (subject, index) => {
            const found = await search(subject, (progress) => hear(index, progress))
            done++
            return found
          }),
        )
      } finally {
        desk.elsewhere?.end()
      }
    }),
  )
}

/** What came of a search, or why nothing did. */
export const outcomeOf = (found: Found | undefined): { readonly report: Report } | Unreported => {
  if (!found) return stoppedBefore
  if ('missing' in found) return found
  return 'report' in found ? { report: found.report } : outOfMemory(found.outOfMemory)
}

interface Asked {
  readonly flags: Flags
  readonly desk: Desk
  readonly title: string
  /** Where each is told how far it is, too. */
  readonly served: Serving | undefined
  /** Whether the deliveries that a search comes by are wanted. */
  readonly taken: boolean
}

type Search = (subject: Subject, heard: (progress: Progress) => void) => Promise<Found | undefined>

const searcher = async (
  subjects: readonly Subject[],
  flags: Flags,
  desk: Desk,
  isTakenWanted: boolean,
): Promise<Search> => {
  const { elsewhere, stop } = desk
  const isBuiltIn = await Promise.all(
    subjects.map(async ({ name, scenario }) => (await builtInScenario(name)) === scenario),
  )
  if (elsewhere && (elsewhere.takesFiles || !isBuiltIn.includes(false)))
    return ({ name, choices }, heard) => elsewhere.search({ name, choices, flags, taken: isTakenWanted }, stop, heard)
  let before: Promise<unknown> = Promise.resolve()
  return ({ name, scenario, choices }, heard) => {
    const turn = before.then(async (): Promise<Found | undefined> => {
      if (stop.aborted) return undefined
      const taken: Taken[] = []
      const onTaken = isTakenWanted ? (each: Taken) => taken.push(each) : undefined
      return { report: await about(name, () => searched(scenario, choices, flags, desk, heard, onTaken)), taken }
    })
    before = turn.catch(() => {})
    return turn
  }
}
