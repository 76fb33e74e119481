/** What the fields of a description say of each other, whatever is described. */
import type { Broken } from '../../shapes/shape.ts'
import { namesApart, type CallAt, type Named } from '../scripts/described.ts'
import type { LinuxDescription } from './describe.ts'
import { callsOf, describedIn, parts, storyOf } from './parts.ts'
import { defaultProcess, isScript } from '../scripts/tasks.ts'
import type { Spoken } from './subject.ts'
import { isTaken } from './system-calls/inventory.ts'
import { threadsIn } from './system-calls/op-names.ts'
import { writtenAs } from './written.ts'

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
  const [named, tasks] = [namedIn(description), tasksNamed(description)]
  const [groups, others] = [named.filter(isGroup), named.filter((each) => !isGroup(each))]
  return namesApart([...once(others), ...tasks]) ?? namesApart([...groups, ...tasks])
}

/** Whoever has a name, and where he was given it: what two parts know of is one. */
export const namesIn = (description: LinuxDescription): readonly Named[] => [
  ...once(namedIn(description)),
  ...tasksNamed(description),
]

const namedIn = (description: LinuxDescription): readonly Named[] =>
  describedIn(description).flatMap((part) => part.named(storyOf(part, description)))

const tasksNamed = ({ tasks }: LinuxDescription): readonly Named[] =>
  Object.keys(tasks).map((id): Named => [id, ['tasks', id], 'a task'])

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
    return firstOf(part.named(story), (named) => {
      const [name, at, what] = named
      // Groups that are only a device's to be in are nobody.
      if ((isGroup(named) && at[0] !== 'containers') || !(threads.has(name) || isTaken(name))) return undefined
      if (what === 'a process') return twoMemories(named, description, [...story.earlier, ...story.calls])
      return {
        ...{ at, fault: 'cannot be called so', expected: `a name of its own, as "${name}b"` },
        why: `in system calls something else is called "${name}", and an object is either theirs or not`,
      }
    })
  })
}

const why = 'what system calls map and what they do not know of would be two memories of one process'

/** A call is made for such a process, or it is named where nobody calls anything. */
function twoMemories([name, at]: Named, description: LinuxDescription, calls: readonly CallAt<Spoken>[]): Broken {
  const told = calls.find(({ process }) => process === name)
  if (told)
    return {
      ...{ at: told.at, fault: `would be about the memory of ${name}`, why },
      expected: 'a call of a task of its own, of another process',
      hint: `${elsewhere(name, description, told)}, or make the system call that does it.`,
    }
  const unsaid = at.length === 1
  return {
    ...{ at, why },
    fault: unsaid ? `are of process ${name} unless they say otherwise` : `cannot be "${name}"`,
    expected: unsaid
      ? `a thread or process of another name than "${name}" in \`before\``
      : `a process that makes no system calls, as "${defaultProcess}"`,
  }
}

function elsewhere(name: string, { tasks }: LinuxDescription, { at, call, task }: CallAt<Spoken>): string {
  const written = writtenAs(call)
  if (at[0] === 'before') return `Write ${written}(…) without \`by\`: what is done before is another process's then`
  const described = tasks[task]!
  if (!isScript(described) && described.process === name)
    return `Leave out \`process: '${name}'\` in tasks.${task}, which is of a process of its own then`
  return `Write it in a task of its own, as in tasks: { ${task}: […], other0: [${written}(…)] }`
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
