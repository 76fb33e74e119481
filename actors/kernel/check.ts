/** What the fields of a description say of each other, whatever is described. */
import type { Broken } from '../../shapes/shape.ts'
import { callsIn, namesApart, type CallAt, type Named } from '../scripts/described.ts'
import type { LinuxDescription } from './describe.ts'
import { describedIn, parts, storyOf } from './parts.ts'
import type { Spoken } from './subject.ts'

export const isDescribed = (description: LinuxDescription): Broken | undefined =>
  describedIn(description).length > 0
    ? undefined
    : {
        at: [],
        fault: 'cannot be of nothing',
        expected: `one of ${parts.map(({ field }) => field).join(', ')} at least`,
        hint: "Write by which protocol, as in unmap: 'restart'.",
      }

export const nothingStray = (description: LinuxDescription): Broken | undefined =>
  firstOf(parts, (part) => (description[part.field] === undefined ? part.stray(description) : undefined))

export const rulesOfParts = (description: LinuxDescription): Broken | undefined =>
  firstOf(describedIn(description), (part) => {
    const story = storyOf(part, description)
    return firstOf(part.rules, (rule) => rule(story))
  })

/** Processes have threads of their own, and what tasks of the other subjects do is done by nobody's. */
export const systemCallsAlone = (description: LinuxDescription): Broken | undefined => {
  const [other] = describedIn(description).filter(({ field }) => field !== 'systemCalls')
  return description.systemCalls === undefined || other === undefined
    ? undefined
    : { at: [other.field], expected: 'nothing beside system calls', why: 'they have a world of their own yet' }
}

/** Actors are called as they are described: nobody is called as somebody else is, but what two parts know of is one. */
export function namesAreApart(description: LinuxDescription): Broken | undefined {
  const named = describedIn(description).flatMap((part) => part.named(storyOf(part, description)))
  const tasks = Object.keys(description.tasks).map((id): Named => [id, ['tasks', id], 'a task'])
  const [groups, others] = [named.filter(isGroup), named.filter((each) => !isGroup(each))]
  return namesApart([...once(others), ...tasks]) ?? namesApart([...groups, ...tasks])
}

const isGroup = ([, , what]: Named): boolean => what === 'a group'

const once = (named: readonly Named[]): readonly Named[] => {
  const shared = new Map(named.filter(isShared).map((each) => [`${each[2]} ${each[0]}`, each]))
  return [...named.filter((each) => !isShared(each)), ...shared.values()]
}

/** A device is one part's; a container or a process is whose it is. */
const isShared = ([, , what]: Named): boolean => what === 'a container' || what === 'a process'

/** In a task a call is its own process's. */
export const ofItsProcess = ({ tasks }: LinuxDescription): Broken | undefined =>
  firstOf(callsIn<Spoken>(tasks), ({ call, at, process }: CallAt<Spoken>) =>
    call.process === undefined || call.process === process
      ? undefined
      : {
          at: [...at, 'process'],
          expected: process,
          why: `its task is one of process ${process}`,
          hint: 'Use `by` for what is done before the story begins; give each process a task of its own.',
        },
  )

const firstOf = <T>(all: readonly T[], of: (each: T) => Broken | undefined): Broken | undefined => {
  for (const each of all) {
    const broken = of(each)
    if (broken) return broken
  }
  return undefined
}
