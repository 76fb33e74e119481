/** A state in the words of VFIO: what properties look at. What is not asked for is not read. */
import type { Result } from '../../machines/kernel/tasks/task.ts'
import { mustBeAmong, nthOf, strict } from '../scripts/asked.ts'
import { logIn, type LogView } from '../scripts/log.ts'
import type { LogLine } from '../../explore/system.ts'
import type { ActorSpec } from '../world/world.ts'
import type { CallName } from './describe.ts'
import type { DeviceMemoryView } from './device-memory/view.ts'
import type { Part, Read, Seen } from './subject.ts'
import type { SvmView } from './sva/view.ts'
import type { SystemView } from './system-calls/view.ts'
import type { VfioView } from './unmap/view.ts'

export interface TaskView {
  readonly finished: boolean
  /** What its calls returned so far, in order. */
  readonly results: readonly Result[]
  /** What its nth call of this kind returned (n from 0); undefined before that. */
  result(call: CallName, nth?: number): Result | undefined
}

export interface LinuxView {
  /** Every task is through with its script. */
  readonly finished: boolean
  /** So they are, and nothing is left to do for devices and for threads of the kernel. */
  readonly quiet: boolean
  readonly tasks: readonly string[]
  task(name: string): TaskView
  /** What a task's nth call of this kind returned (n from 0); undefined before that. */
  result(task: string, call: CallName, nth?: number): Result | undefined
  /** What all calls of this kind returned so far. */
  results(call: CallName): readonly Result[]
  /** Containers with what is mapped and pinned, groups, drivers; where `unmap` is described. */
  readonly vfio: VfioView
  /** Devices with their memory, and what reaches it; where `deviceMemory` is described. */
  readonly deviceMemory: DeviceMemoryView
  /** Address spaces, PASIDs, and what devices do with them; where `svm` is described. */
  readonly svm: SvmView
  /** Processes and what there is for them, and results as a case file has them; where `systemCalls` are described. */
  readonly system: SystemView
  /** What was written to the kernel's log; where `log: true` is described. */
  readonly log: LogView
}

export function viewOf(
  tasks: readonly string[],
  seen: readonly (readonly [Part, Seen<unknown>])[],
  actors: readonly ActorSpec[],
  actorOf: (task: string) => string = (task) => task,
): (read: Read, log?: () => readonly LogLine[]) => LinuxView {
  const there = new Set(actors.map(({ id }) => id))
  const tellsLog = logIn(actors)
  const words = [...new Set(seen.flatMap(([{ calls }]) => Object.keys(calls)))]
  const slices = seen.map(([{ seenAs }, subject]) => [seenAs, subject.view(there, tasks)] as const)
  const resting = seen.flatMap(([, { isQuiet }]) => isQuiet ?? [])
  return (read, log) => {
    const seenOf = (task: string) => read(actorOf(task)) as { state: string; results: readonly Result[] }
    const resultsOf = (task: string): readonly Result[] => seenOf(task).results
    const ofCall = (results: readonly Result[], call: CallName) => {
      mustBeAmong('call', call, words)
      return results.filter((each) => each.call === call)
    }
    const finished = () => tasks.every((name) => seenOf(name).state === 'finished')
    const view = {
      __proto__: strict,
      get finished() {
        return finished()
      },
      get quiet() {
        return finished() && resting.every((isQuiet) => isQuiet(there, read))
      },
      tasks,
      task(name: string): TaskView {
        mustBeAmong('task', name, tasks)
        const { state, results } = seenOf(name)
        const task = {
          __proto__: strict,
          ...{ finished: state === 'finished', results },
          result: (call: CallName, nth = 0) => nthOf(ofCall(results, call), nth),
        }
        return task
      },
      result(task: string, call: CallName, nth = 0) {
        mustBeAmong('task', task, tasks)
        return nthOf(ofCall(resultsOf(task), call), nth)
      },
      results: (call: CallName) => ofCall(tasks.flatMap(resultsOf), call),
    }
    tellsLog(view, read, log)
    for (const [name, sees] of slices) {
      let slice: unknown
      Object.defineProperty(view, name, { enumerable: true, configurable: true, get: () => (slice ??= sees(read)) })
    }
    return view as unknown as LinuxView
  }
}
