/** Threads of control as actors: tasks with the scripts that people describe, and kernel threads that serve a queue. */
import { kworker } from '../../machines/kernel/work/kworker.ts'
import { freeTask, type FreeStep, type FreeTaskInput } from '../../machines/kernel/tasks/free-task.ts'
import { task, type Step } from '../../machines/kernel/tasks/task.ts'
import type { Send } from '../../explore/system.ts'
import { choiceActors } from './choices.ts'
import { stepsOf, type Part, type Word } from './script.ts'
import type { ActorSpec } from '../world/world.ts'

export const defaultProcess = 'vmm'

/** A task whose process is known, and its script in the words of its family. */
export interface Scripted<Call> {
  readonly id: string
  readonly process: string
  readonly script: readonly Part<Call>[]
}

/** A script, or the process that runs it as well. */
export type Described<Call> =
  | readonly Part<Call>[]
  | { readonly process?: string; readonly script: readonly Part<Call>[] }

export const isScript = <Call>(described: Described<Call>): described is readonly Part<Call>[] =>
  Array.isArray(described)

/** Tasks as they are described: by name, each with its script, or with its process as well. */
export const scriptedTasks = <Call>(tasks: Readonly<Record<string, Described<Call>>>): readonly Scripted<Call>[] =>
  Object.entries(tasks).map(([id, described]) => {
    const { process = defaultProcess, script } = isScript(described) ? { script: described } : described
    return { id, process, script }
  })

export const taskCalled = (
  id: string,
  process: string | undefined,
  script: readonly FreeStep[],
  remember = true,
): ActorSpec => ({
  id,
  machine: isStraight(script) ? task : freeTask,
  input: { task: id, ...(process !== undefined && { mm: process }), script, remember },
  thread: id,
})

/** A task that does what its script says, each call as `stepFor` has it made. */
export const taskDoing = <Call extends Word>(
  { id, process, script }: Scripted<Call>,
  stepFor: (task: string, process: string, call: Call) => Step | undefined,
  remember?: boolean,
): ActorSpec =>
  taskCalled(
    id,
    process,
    stepsOf(id, script, (call) => stepFor(id, process, call)),
    remember,
  )

const isStraight = (script: readonly FreeStep[]): script is readonly Step[] => script.every((step) => 'call' in step)

/** Those whom tasks ask where nobody decides, and what is on its way to them at the start. */
export function choicesOf(tasks: readonly ActorSpec[]): ReturnType<typeof choiceActors> {
  const asked = tasks.flatMap(({ input }) =>
    (input as FreeTaskInput).script.flatMap((step) =>
      'choose' in step ? [[step.of, step.choose.length] as const] : [],
    ),
  )
  const made = [...new Map(asked)].map(([id, ways]) => choiceActors(id, ways))
  return { actors: made.flatMap(({ actors }) => actors), start: made.flatMap(({ start }) => start) }
}

/** A kernel thread that does what is put on a queue. */
export const workerCalled = (id: string, queue: string): ActorSpec => ({
  id,
  machine: kworker,
  input: { task: id, queue },
  thread: id,
})

/** The message with which a thread begins. */
export const startOf = (id: string): Send => ({ to: id, message: { type: 'START', from: 'env', task: id } })
