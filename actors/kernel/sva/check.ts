/** What the fields of a description say of each other: names that are nobody's, calls of another protocol, processes with other threads. */
import type { Broken } from '../../../shapes/shape.ts'
import { notAmong, processNamed, type CallAt, type Named } from '../../scripts/described.ts'
import { formOf } from '../chosen.ts'
import type { LinuxDescription } from '../describe.ts'
import type { Story } from '../subject.ts'
import type { SvmCall } from './describe.ts'
import { devicesOf, processesOf, svmDevicesIn } from './devices.ts'

const groupsOf = (story: Story<SvmCall>): readonly string[] => [...new Set(devicesOf(story).map(({ group }) => group))]

export const named = (story: Story<SvmCall>): readonly Named[] => [
  ...devicesOf(story).map(({ id }): Named => [id, ['devices', id], 'a device']),
  ...story.earlier.map(({ process, at }) => processNamed([process, at])),
  ...story.tasks.map(({ id, process }) => processNamed([process, ['tasks', id, 'process']])),
  ...groupsOf(story).map((id): Named => [id, ['devices'], 'a group']),
]

/** A device that names no container. */
export function strayDevices(description: LinuxDescription): Broken | undefined {
  const { devices = {}, deviceMemory } = description
  if (Object.keys(devices).length === 0) return undefined
  const [stray] = Object.keys(svmDevicesIn(description))
  if (stray === undefined) return undefined
  return deviceMemory === undefined
    ? {
        at: ['devices', stray],
        fault: 'is of no use',
        expected: 'a description of shared virtual memory beside it: a device that names no container has PASIDs',
        hint: "Write how it is bound to an address space: svm: 'sva-domain'.",
      }
    : { at: ['devices', stray, 'container'], expected: 'the name of a container' }
}

export function processesAreThere(story: Story<SvmCall>): Broken | undefined {
  const known = processesOf(story)
  for (const { id, openBy } of devicesOf(story)) {
    const nobody = openBy.findIndex((process) => !known.includes(process))
    if (nobody >= 0) return notAmong('process', known, ['devices', id, 'openBy', nobody])
  }
  return undefined
}

export function callsFit(story: Story<SvmCall>): Broken | undefined {
  const devices = devicesOf(story).map(({ id }) => id)
  const groups = groupsOf(story)
  const { protocol } = formOf(story.description.svm!)
  for (const each of [...story.earlier, ...story.calls]) {
    const broken = ofNobody(protocol, devices, groups, each)
    if (broken) return broken
  }
  return undefined
}

function ofNobody(
  protocol: string,
  devices: readonly string[],
  groups: readonly string[],
  { call, at }: CallAt<SvmCall>,
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
  if ('how' in call)
    return { at: [...at, 'how'], expected: 'nothing', why: 'a group leaves the container in one way here' }
  return groups.includes(call.group) ? undefined : notAmong('group', groups, [...at, 'group'])
}

/** exit and exec are of a whole process: there is nobody here to kill its other threads. */
export function tasksEndAlone({ tasks, calls }: Story<SvmCall>): Broken | undefined {
  for (const { call, at, task, process } of calls) {
    if (call.do !== 'exit' && call.do !== 'exec') continue
    const others = tasks.flatMap(({ id, process: of }) => (of === process && id !== task ? [id] : []))
    if (others.length > 0)
      return {
        at: [...at, 'do'],
        expected: 'a process of its own for this task',
        why: `process ${process} has other threads (${others.join(', ')})`,
      }
  }
  return undefined
}

export function vfreesOnce({ calls, earlier }: Story<SvmCall>): Broken | undefined {
  const [, second] = [...earlier, ...calls].filter(({ call }) => call.do === 'vfree')
  return second
    ? {
        at: [...second.at, 'do'],
        expected: 'one vfree in all',
        why: 'the kernel has one page of page tables here, and it goes once',
      }
    : undefined
}
