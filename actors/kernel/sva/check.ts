/** What the fields of a description say of each other: names that are nobody's, calls of another protocol, processes with other threads. */
import type { Broken } from '../../../shapes/shape.ts'
import { callsIn, namesApart, notAmong, type CallAt, type Named } from '../../scripts/described.ts'
import { defaultProcess, scriptedTasks } from '../../scripts/tasks.ts'
import type { SharedMemoryDescription, SvmCall } from './describe.ts'
import { devicesOf, processesOf } from './devices.ts'

const earlierCalls = ({ before = [] }: SharedMemoryDescription): readonly CallAt<SvmCall>[] =>
  before.map((call, index) => ({
    ...{ call, at: ['before', index], task: 'before' },
    process: call.process ?? defaultProcess,
  }))

const allCalls = (description: SharedMemoryDescription): readonly CallAt<SvmCall>[] => [
  ...earlierCalls(description),
  ...callsIn(description.tasks),
]

const groupsOf = (description: SharedMemoryDescription): readonly string[] => [
  ...new Set(devicesOf(description).map(({ group }) => group)),
]

export function namesAreApart(description: SharedMemoryDescription): Broken | undefined {
  const devices = devicesOf(description).map(({ id }): Named => [id, ['devices', id], 'a device'])
  const processes = processesOf(description).map((id): Named => [id, ['tasks'], 'a process'])
  const groups = groupsOf(description).map((id): Named => [id, ['devices'], 'a group'])
  const tasks = Object.keys(description.tasks).map((id): Named => [id, ['tasks', id], 'a task'])
  return namesApart([...devices, ...processes, ...tasks]) ?? namesApart([...groups, ...tasks])
}

export function processesAreThere(description: SharedMemoryDescription): Broken | undefined {
  const known = processesOf(description)
  for (const { id, openBy } of devicesOf(description)) {
    const nobody = openBy.findIndex((process) => !known.includes(process))
    if (nobody >= 0) return notAmong('process', known, ['devices', id, 'openBy', nobody])
  }
  return undefined
}

export function callsFit(description: SharedMemoryDescription): Broken | undefined {
  const devices = devicesOf(description).map(({ id }) => id)
  const groups = groupsOf(description)
  for (const { call, at } of earlierCalls(description)) {
    const broken = ofNobody(description, devices, groups, call, at)
    if (broken) return broken
  }
  for (const { call, at, process } of callsIn(description.tasks)) {
    const broken = ofNobody(description, devices, groups, call, at) ?? ofAnother(call, process, at)
    if (broken) return broken
  }
  return undefined
}

function ofNobody(
  { protocol }: SharedMemoryDescription,
  devices: readonly string[],
  groups: readonly string[],
  call: SvmCall,
  at: CallAt<SvmCall>['at'],
): Broken | undefined {
  if ('device' in call && !devices.includes(call.device)) return notAmong('device', devices, [...at, 'device'])
  if (!('group' in call)) return undefined
  if (protocol !== 'container')
    return {
      at: [...at, 'do'],
      expected: `a call of the protocol ${protocol}`,
      why: 'only the protocol `container` knows of groups',
      hint: 'Leave attach and detach out, or tell the story with `container`.',
    }
  return groups.includes(call.group) ? undefined : notAmong('group', groups, [...at, 'group'])
}

const ofAnother = (call: SvmCall, process: string, at: CallAt<SvmCall>['at']): Broken | undefined =>
  call.process === undefined || call.process === process
    ? undefined
    : {
        at: [...at, 'process'],
        expected: process,
        why: `its task is one of process ${process}`,
        hint: 'Use `by` for what is done before the story begins; give each process a task of its own.',
      }

/** exit and exec are of a whole process: there is nobody here to kill its other threads. */
export function tasksEndAlone({ tasks }: SharedMemoryDescription): Broken | undefined {
  for (const { call, at, task, process } of callsIn(tasks)) {
    if (call.do !== 'exit' && call.do !== 'exec') continue
    const others = scriptedTasks(tasks).flatMap(({ id, process: of }) => (of === process && id !== task ? [id] : []))
    if (others.length > 0)
      return {
        at: [...at, 'do'],
        expected: 'a process of its own for this task',
        why: `process ${process} has other threads (${others.join(', ')})`,
      }
  }
  return undefined
}

export function vfreesOnce(description: SharedMemoryDescription): Broken | undefined {
  const [, second] = allCalls(description).filter(({ call }) => call.do === 'vfree')
  return second
    ? {
        at: [...second.at, 'do'],
        expected: 'one vfree in all',
        why: 'the kernel has one page of page tables here, and it goes once',
      }
    : undefined
}
