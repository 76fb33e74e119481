/** Of what a kernel consists. */
import { deviceMemoryPart } from './device-memory/build.ts'
import type { Call, LinuxDescription } from './describe.ts'
import { svmPart } from './sva/build.ts'
import { systemCallsPart } from './system-calls/part.ts'
import type { Part, Spoken, Story } from './subject.ts'
import { isOp } from './system-calls/op.ts'
import { threadsIn } from './system-calls/op-names.ts'
import { unmapPart } from './unmap/build.ts'
import { callsIn, type CallAt } from '../scripts/described.ts'
import { wordOf, type Word } from '../scripts/script.ts'
import { defaultProcess, scriptedTasks } from '../scripts/tasks.ts'

export const parts: readonly Part[] = [unmapPart, deviceMemoryPart, svmPart, systemCallsPart]

export const describedIn = (description: Partial<LinuxDescription>): readonly Part[] =>
  parts.filter(({ field }) => description[field] !== undefined)

/** Whose a call is: of those that have the word, the one that has what the call is about. */
export function speakerOf(description: LinuxDescription, call: Spoken): Part {
  const spoken = describedIn(description).filter(has(call))
  return spoken.find(({ isOwn = () => true }) => isOwn(description, call)) ?? spoken[0]!
}

/** It has the word. */
export const has =
  (call: Word) =>
  ({ calls, by = 'do' }: Part): boolean =>
    by in call && Object.hasOwn(calls, wordOf(call))

/** What a description says to a part. */
export function storyOf(part: Part, description: LinuxDescription): Story<Spoken> {
  const own = (calls: readonly CallAt<Spoken>[]) => calls.filter(({ call }) => speakerOf(description, call) === part)
  const threads = threadsIn(description)
  const calls = own(callsOf(description, threads))
  // What is done by a thread of system calls alone is nothing to others.
  const tasks = scriptedTasks(description.tasks).filter(
    ({ id }) => !threads.has(id) || calls.some(({ task }) => task === id),
  )
  return {
    ...{ description, calls, earlier: own(earlierIn(description)) },
    tasks: tasks.map(({ id, process }) => ({ id, process: threads.get(id) ?? process })),
  }
}

/** Every call of every task. Whose thread one of system calls is says the operation that makes it. */
export const callsOf = (description: LinuxDescription, threads = threadsIn(description)): readonly CallAt<Spoken>[] =>
  callsIn<Spoken>(description.tasks).map((each) => ({ ...each, process: threads.get(each.task) ?? each.process }))

/** The process that a call names itself; a system call is of the thread that makes it. */
export const processSaidIn = (call: Call): string | undefined => (isOp(call) ? undefined : call.process)

export const earlierIn = ({ before = [] }: LinuxDescription): readonly CallAt<Spoken>[] =>
  before.map((call, index) => ({
    ...{ call, at: ['before', index], task: 'before' },
    process: processSaidIn(call) ?? defaultProcess,
  }))
