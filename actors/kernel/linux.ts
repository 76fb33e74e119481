/** Turns a description into a world of actors: only those that its tasks can reach, standing where the story begins. */
import { insist } from '../../shapes/insist.ts'
import { defaultProcess, scriptedTasks, taskCalled, taskDoing, type Scripted } from '../scripts/tasks.ts'
import { stage } from '../stage/stage.ts'
import { worldOf } from '../world/world-of.ts'
import type { ActorSpec, Operations, World } from '../world/world.ts'
import type { Call, LinuxDescription } from './describe.ts'
import { describedIn, speakerOf, storyOf } from './parts.ts'
import { linuxShape } from './shape.ts'
import { objectsOf } from './subject.ts'
import { kernelOf } from './system-calls/describe.ts'
import { iommuWords } from './iommu.ts'
import { systemCallsPart } from './system-calls/part.ts'
import { Threads } from './system-calls/threads.ts'
import { viewOf, type LinuxView } from './view.ts'

/**
 * A Linux with whatever is described, ready to be explored or run live. Throws a ModelError that names what in the description does not fit, and
 * what to write.
 */
export function linux(description: LinuxDescription): World<LinuxView> {
  insist(linuxShape, description, 'linux()')
  return toldWorld(description)
}

/** The same of a description that was looked at already. */
export const toldWorld = (description: LinuxDescription): World<LinuxView> =>
  description.systemCalls === undefined ? ofTasks(description) : ofThreads(description)

/** Tasks that nobody has made. */
function ofTasks(description: LinuxDescription): World<LinuxView> {
  const { name = 'linux', before = [], remember } = description
  const subjects = new Map(
    describedIn(description).map((part) => [part, part.subjectOf(storyOf(part, description))] as const),
  )
  const all = [...subjects.values()]
  const tasks = scriptedTasks<Call>(description.tasks)
  const taskActor = (task: Scripted<Call>): ActorSpec =>
    taskDoing(
      task,
      (id, process, call) => subjects.get(speakerOf(description, call))!.stepFor(id, processOf(call) ?? process, call),
      remember,
    )
  const servers = [...new Set(all.flatMap((subject) => subject.servers))]
  const callsFor = (task: string, joined: boolean) => all.flatMap((subject) => subject.callsFor(task, joined))
  return stage(
    {
      name,
      shared: [...objectsOf(all), ...servers.flatMap((server) => callsFor(server, false))],
      servers,
      before: taskActor({ id: 'earlier', process: defaultProcess, script: before }),
      tasks: tasks.map(taskActor),
      callsFor,
      joins: (id, script) => taskCalled(id, tasks[0]!.process, script, remember),
    },
    (actors, threads) => viewOf(threads, [...subjects], actors),
  )
}

const processOf = (call: Call): string | undefined => ('op' in call ? undefined : call.process)

/** Threads of processes, which were there before. */
function ofThreads(description: LinuxDescription): World<LinuxView> {
  const { name = 'linux' } = description
  const told = (beside?: Operations) => new Threads({ description }, beside)
  const alone = told()
  const words = iommuWords(kernelOf(description.systemCalls!).iommu)
  const world = worldOf(name, (joining, operations = {}) => {
    // Which actors there are depends on all that is called.
    const threads = Object.keys(operations).length === 0 ? alone : told(operations)
    return threads.joined(joining, (actors, acting) =>
      viewOf([...acting.keys()], [[systemCallsPart, threads.subject]], actors, (task) => acting.get(task) ?? task),
    )
  })
  return words === undefined
    ? world
    : { ...world, notRecorded: `There is ${words}: what comes of that is known from the sources only.` }
}
