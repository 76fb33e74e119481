/** Drivers that pin and memory of devices in one kernel (describe.ts): two subjects that share struct vfio_iommu, its lock and the tasks. */
import { callsOf } from '../../scripts/script.ts'
import { defaultProcess, scriptedTasks, taskCalled, taskDoing, type Scripted } from '../../scripts/tasks.ts'
import { mustBeAmong, nthOf, strict } from '../../scripts/asked.ts'
import { stage } from '../../stage/stage.ts'
import type { ActorSpec, World } from '../../world/world.ts'
import type { Result } from '../../../machines/kernel/tasks/task.ts'
import { deviceMemorySubject } from '../device-memory/build.ts'
import { calls as memoryCalls, ids } from '../device-memory/names.ts'
import { planFor as memoryPlanFor } from '../device-memory/plan.ts'
import type * as memory from '../device-memory/describe.ts'
import type { DeviceMemoryView } from '../device-memory/view.ts'
import { namesFor, type Names } from '../names.ts'
import { objectsOf, speakerOf, type Subject } from '../subject.ts'
import { unmapSubject } from '../unmap/build.ts'
import type * as unmap from '../unmap/describe.ts'
import { planFor as unmapPlanFor } from '../unmap/plan.ts'
import type { VfioView } from '../unmap/view.ts'
import { memoryWords, unmapWords, type Call, type JointDescription } from './describe.ts'

export interface JointView {
  /** Every task is through with its script. */
  readonly finished: boolean
  /** So they are, and nothing is left for the kworker to do. */
  readonly quiet: boolean
  readonly tasks: readonly string[]
  /** What a task's nth call of this kind returned (n from 0); undefined before that. */
  result(task: string, call: Call['do'], nth?: number): Result | undefined
  /** Containers with their mappings, pins, drivers. */
  readonly type1: VfioView
  /** Devices, their memory, and what reaches it. */
  readonly deviceMemory: DeviceMemoryView
}

/** A kernel with both, ready to be explored or run live. Throws a ModelError that names what in the description does not fit. */
export function joint(description: JointDescription): World<JointView> {
  const { name = 'joint', tasks: described, before = [] } = description
  const subjects = subjectsOf(description)
  const tasks = scriptedTasks(described)
  const taskActor = (task: Scripted<Call>): ActorSpec =>
    taskDoing(task, (id, process, call) => speakerOf(subjects, call).stepFor(id, process, call as never))
  const servers = subjects.flatMap((each) => each.servers)
  const callsFor = (task: string) => subjects.flatMap((each) => each.callsFor(task))
  return stage(
    {
      name,
      shared: [...objectsOf(subjects), ...servers.flatMap(callsFor)],
      servers,
      before: taskActor({ id: 'earlier', process: defaultProcess, script: before }),
      tasks: tasks.map(taskActor),
      callsFor,
      joins: (id, script) => taskCalled(id, defaultProcess, script),
    },
    (actors) =>
      viewOf(
        tasks.map(({ id }) => id),
        subjects,
        actors,
      ),
  )
}

type Subjects = readonly [Subject<unmap.Call, VfioView>, Subject<memory.Call, DeviceMemoryView>]

function subjectsOf(description: JointDescription): Subjects {
  const { unmap, protocol, as, without, containers, devices, before = [], tasks } = description
  const those = <Word extends Call>(words: readonly string[]) =>
    Object.fromEntries(
      Object.entries(tasks).map(([id, script]) => [
        id,
        callsOf(script).filter((call): call is Word => words.includes(call.do)),
      ]),
    )
  const open = (container: string): number =>
    Object.values(containers[container]?.groups ?? {}).flatMap((group) => Object.keys(group.devices)).length
  const memoryPlan = memoryPlanFor({
    ...{ protocol, devices, before, tasks: those<memory.Call>(memoryWords) },
    ...(as && { as }),
    ...(without && { without }),
  })
  const unmapPlan = {
    ...unmapPlanFor({ unmap, containers, tasks: those<unmap.Call>(unmapWords) }),
    names: namesIn(containers),
    deviceMemory: (task: string) => ({ hardware: ids.hardware, protocol: memoryCalls(task, protocol).protocol }),
  }
  return [
    { ...unmapSubject(unmapPlan), words: unmapWords },
    { ...deviceMemorySubject({ ...memoryPlan, alsoOpen: open }), words: memoryWords },
  ]
}

/** Where there is memory of devices, what belongs to a container is called after it. */
const namesIn = (containers: JointDescription['containers']): Names => {
  const names = namesFor(new Map([...Object.keys(containers), ''].map((id) => [id, []])))
  return {
    in(container, base) {
      const { lock, type1 } = ids.container(container)
      return base === 'iommu.lock' ? lock : base === 'type1' ? type1 : `${container}.${base}`
    },
    procedure: (container, base, member) => names.procedure(container, base, member),
  }
}

function viewOf(tasks: readonly string[], [type1, deviceMemory]: Subjects, actors: readonly ActorSpec[]) {
  const [seesType1, seesMemory] = [type1.view(actors), deviceMemory.view(actors)]
  const words = [...type1.words, ...deviceMemory.words]
  return (read: (id: string) => unknown): JointView => {
    const memory = seesMemory(read)
    const view = {
      __proto__: strict,
      get finished() {
        return memory.finished
      },
      get quiet() {
        return memory.quiet
      },
      tasks,
      result(task: string, call: Call['do'], nth = 0) {
        mustBeAmong('task', task, tasks)
        mustBeAmong('call', call, words)
        const { results } = read(task) as { readonly results: readonly Result[] }
        return nthOf(
          results.filter((each) => each.call === call),
          nth,
        )
      },
      type1: seesType1(read),
      deviceMemory: memory,
    }
    return view
  }
}
