/** Turns a description into a world of actors: only those that its tasks can reach, standing where the story begins. */
import { insist, pathOf } from '../../shapes/insist.ts'
import { choicesOf, defaultProcess, scriptedTasks, startOf, taskCalled, taskDoing } from '../scripts/tasks.ts'
import { stage, type Acting } from '../stage/stage.ts'
import type { Given } from '../world/reachable.ts'
import type { Joining, Operations, World } from '../world/world.ts'
import { namesIn } from './check.ts'
import type { Call, LinuxDescription } from './describe.ts'
import { describedIn, processSaidIn, speakerOf, storyOf } from './parts.ts'
import { linuxShape } from './shape.ts'
import { objectsOf, type Part, type Seen, type SubjectOf } from './subject.ts'
import { kernelOf } from './system-calls/describe.ts'
import { isOp } from './system-calls/op.ts'
import { iommuWords } from './iommu.ts'
import { systemCallsPart } from './system-calls/part.ts'
import type { Threads } from './system-calls/threads.ts'
import { viewOf, type LinuxView } from './view.ts'

/** Of what it can be made. Whatever is named here is loaded: who tells stories of one subject alone names that one. */
export interface Made {
  /** By the field that describes it. */
  readonly subjects: { readonly [field in Part['field']]?: SubjectOf }
  /** Who makes system calls; they bring whatever there is with them. */
  readonly threads?: typeof Threads
}

/** The description itself. Throws a ModelError that names what in it does not fit, and what to write. */
export function insistedOn(description: LinuxDescription): LinuxDescription {
  insist(linuxShape, description, 'linux()')
  return description
}

interface ActingInLinux extends Acting {
  /** Which subjects a view tells of, and which actor is who. */
  readonly seen: readonly (readonly [Part, Seen<unknown>])[]
  readonly actorOf?: (task: string) => string
  /** By the names that they were given. */
  readonly tasks: readonly string[]
}

/** A world of a description that was looked at already, which asks for nothing but what it can be made of. */
export function worldOf(made: Made, description: LinuxDescription): World<LinuxView> {
  const { name = 'linux', before = [], remember, log: keepsLog, systemCalls } = description
  const subjects = describedIn(description).flatMap((part) => {
    const subjectOf = made.subjects[part.field]
    if (subjectOf) return [[part, subjectOf(storyOf(part, description))] as const]
    // What is described is what is explored, or nothing is.
    if (part.field !== 'systemCalls' || !made.threads)
      throw new RangeError(`a Linux that is made without ${part.field}`)
    return []
  })
  const all = subjects.map(([, subject]) => subject)
  const subjectOf = new Map(subjects)
  const stepFor = (task: string, process: string, call: Call) =>
    subjectOf.get(speakerOf(description, call))!.stepFor(task, processSaidIn(call) ?? process, call)
  const servers = [...new Set(all.flatMap((subject) => subject.servers))]
  const callsFor = (task: string, joined: boolean) => all.flatMap((subject) => subject.callsFor(task, joined))
  const earlier = { id: 'earlier', process: defaultProcess, script: before.filter((call) => !isOp(call)) }
  const world = stage(
    {
      ...{
        name,
        servers,
        callsFor,
        keepsLog,
        given: givenIn(description),
        before: taskDoing(earlier, stepFor, remember),
      },
      shared: [...objectsOf(all), ...servers.flatMap((server) => callsFor(server, false))],
      acting:
        systemCalls === undefined
          ? tasksOf(description, subjects, stepFor)
          : threadsOf(made.threads!, description, subjects, stepFor),
    },
    (actors, { seen, tasks, actorOf }) => viewOf(tasks, seen, actors, actorOf),
  )
  const words = systemCalls === undefined ? undefined : iommuWords(kernelOf(systemCalls).iommu)
  return words === undefined
    ? world
    : { ...world, notRecorded: `There is ${words}: what comes of that is known from the sources only.` }
}

/** Every name that a description gives, and those who join it. */
const givenIn =
  (description: LinuxDescription) =>
  (joining: Joining): readonly Given[] => [
    ...namesIn(description).map(([name, at, what]) => ({ name, what, place: pathOf(at) })),
    ...Object.keys(joining).map((name) => ({ name, what: 'a thread', place: `threads.${name} of kernel()` })),
  ]

type StepFor = Parameters<typeof taskDoing<Call>>[1]

/** Tasks that nobody has made. */
function tasksOf({ tasks: described, remember }: LinuxDescription, seen: ActingInLinux['seen'], stepFor: StepFor) {
  const tasks = scriptedTasks<Call>(described)
  const doing = tasks.map((task) => taskDoing(task, stepFor, remember))
  const choices = choicesOf(doing)
  return (joining: Joining): ActingInLinux => {
    const joined = Object.entries(joining).map(([id, script]) => taskCalled(id, tasks[0]!.process, script, remember))
    const actors = [...doing, ...joined]
    const threads = actors.map(({ id }) => id)
    return {
      threads,
      tasks: threads,
      actors,
      choices: choices.actors,
      start: [...threads.map(startOf), ...choices.start],
      seen,
    }
  }
}

/** Threads of processes, which were there before; beside tasks, where there is something else as well. */
function threadsOf(
  Told: typeof Threads,
  description: LinuxDescription,
  others: ActingInLinux['seen'],
  stepFor: StepFor,
) {
  const told = (beside?: Operations) => new Told(description, others.length === 0 ? undefined : stepFor, beside)
  const alone = told()
  return (joining: Joining, operations: Operations): ActingInLinux => {
    // Which actors there are depends on all that is called.
    const threads = Object.keys(operations).length === 0 ? alone : told(operations)
    const acting = threads.acting(joining)
    return {
      ...threads.joined(joining),
      ...{ seen: [...others, [systemCallsPart, threads.seen]], tasks: [...acting.keys()] },
      actorOf: (task) => acting.get(task) ?? task,
    }
  }
}
