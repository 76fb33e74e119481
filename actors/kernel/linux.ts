/** Turns a description into a world of actors: only those that its tasks can reach, standing where the story begins. */
import { insist } from '../../shapes/insist.ts'
import { defaultProcess, scriptedTasks, taskCalled, taskDoing, type Scripted } from '../scripts/tasks.ts'
import { stage } from '../stage/stage.ts'
import type { ActorSpec, World } from '../world/world.ts'
import type { Call, LinuxDescription } from './describe.ts'
import { describedIn, speakerOf, storyOf } from './parts.ts'
import { linuxShape } from './shape.ts'
import { objectsOf } from './subject.ts'
import { viewOf, type LinuxView } from './view.ts'

/**
 * A Linux with whatever is described, ready to be explored or run live. Throws a ModelError that names what in the description does not fit, and
 * what to write.
 */
export function linux(description: LinuxDescription): World<LinuxView> {
  insist(linuxShape, description, 'linux()')
  const { name = 'linux', before = [], remember } = description
  const subjects = new Map(
    describedIn(description).map((part) => [part, part.subjectOf(storyOf(part, description))] as const),
  )
  const all = [...subjects.values()]
  const tasks = scriptedTasks<Call>(description.tasks)
  const taskActor = (task: Scripted<Call>): ActorSpec =>
    taskDoing(
      task,
      (id, process, call) => subjects.get(speakerOf(description, call))!.stepFor(id, call.process ?? process, call),
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
