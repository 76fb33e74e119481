/** What the fields of a description say of each other, whatever is described. */
import type { Broken } from '../../shapes/shape.ts'
import { namesApart, type Named } from '../scripts/described.ts'
import type { LinuxDescription } from './describe.ts'
import { callsOf, describedIn, parts, storyOf } from './parts.ts'
import { wordOf } from '../scripts/script.ts'
import { isTaken } from './system-calls/inventory.ts'
import { threadsIn } from './system-calls/op-names.ts'

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

/** What system calls make and find has names already, and a process whose threads make them has its memory from there. */
export function namesAreNotTaken(description: LinuxDescription): Broken | undefined {
  const threads = threadsIn(description)
  if (threads.size === 0) return undefined
  return firstOf(describedIn(description), (part) => {
    const story = storyOf(part, description)
    return firstOf(part.named(story), ([name, at, what]) => {
      if (isGroup([name, at, what]) || !(threads.has(name) || isTaken(name))) return undefined
      const call = [...story.earlier, ...story.calls].find(({ process }) => process === name)
      return what === 'a process' && call
        ? {
            at: call.at,
            fault: `would be about the memory of ${name}`,
            expected: 'a call of a task of its own, of another process',
            why: 'what system calls map and what they do not know of would be two memories of one process',
            hint: `Write a task beside it, as in tasks: { ${name}: […], vmm0: [${wordOf(call.call)}(…)] }, or make the system call that does it.`,
          }
        : {
            ...{ at, fault: 'cannot be called so', expected: `a name of its own, as "${name}b"` },
            why: `in system calls something else is called "${name}", and an object is either theirs or not`,
          }
    })
  })
}

/** In a task a call is its own process's. */
export const ofItsProcess = (description: LinuxDescription): Broken | undefined =>
  firstOf(callsOf(description), ({ call, at, process }) =>
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
