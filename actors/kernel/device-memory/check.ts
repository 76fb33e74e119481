/** What the fields of a description say of each other: names that are nobody's, BARs that a device does not have. */
import { pageSize } from '../../../machines/mm/extent.ts'
import type { Broken } from '../../../shapes/shape.ts'
import { callsIn, hex, namesApart, notAmong, type CallAt, type Named } from '../../scripts/described.ts'
import { defaultProcess } from '../../scripts/tasks.ts'
import type { Call, DeviceMemoryDescription } from './describe.ts'

const earlierCalls = ({ before = [] }: DeviceMemoryDescription): readonly CallAt<Call>[] =>
  before.map((call, index) => ({ call, at: ['before', index], task: 'before', process: defaultProcess }))

const allCalls = (description: DeviceMemoryDescription): readonly CallAt<Call>[] => [
  ...earlierCalls(description),
  ...callsIn(description.tasks),
]

/** Devices, containers and tasks are actors; processes are not, but a task of that name would be taken for one. */
export function namesAreApart(description: DeviceMemoryDescription): Broken | undefined {
  const { devices, tasks } = description
  const containers = [...new Set(Object.values(devices).map(({ container }) => container))]
  const calls = allCalls(description)
  const processes = [
    ...calls.flatMap(({ call, process }) => (call.do === 'fork' ? [process, call.child] : [process])),
    ...Object.values(devices).map(({ openBy = defaultProcess }) => openBy),
  ]
  const names = Object.keys(tasks)
  return (
    namesApart([
      ...containers.map((id): Named => [id, ['devices', deviceIn(description, id), 'container'], 'a container']),
      ...Object.keys(devices).map((id): Named => [id, ['devices', id], 'a device']),
      ...names.map((id): Named => [id, ['tasks', id], 'a task']),
    ]) ??
    namesApart([
      ...[...new Set(processes)].flatMap((id): Named[] => (id === null ? [] : [[id, ['tasks'], 'a process']])),
      ...names.map((id): Named => [id, ['tasks', id], 'a task']),
    ])
  )
}

const deviceIn = ({ devices }: DeviceMemoryDescription, container: string): string =>
  Object.keys(devices).find((id) => devices[id]!.container === container)!

export function callsFit(description: DeviceMemoryDescription): Broken | undefined {
  for (const each of allCalls(description)) {
    const broken = ofNobody(description, each) ?? beyondBar(description, each) ?? ownChild(each)
    if (broken) return broken
  }
  return undefined
}

function ofNobody({ devices }: DeviceMemoryDescription, { call, at }: CallAt<Call>): Broken | undefined {
  const containers = [...new Set(Object.values(devices).map(({ container }) => container))]
  if ('container' in call && !containers.includes(call.container))
    return notAmong('container', containers, [...at, 'container'])
  const known = Object.keys(devices)
  if ('device' in call && call.device !== null && !known.includes(call.device))
    return notAmong('device', known, [...at, 'device'])
  const stranger = 'devices' in call ? call.devices.findIndex((device) => !known.includes(device)) : -1
  return stranger < 0 ? undefined : notAmong('device', known, [...at, 'devices', stranger])
}

/** A device has the BARs that are described, and no more of them than that. */
function beyondBar({ devices }: DeviceMemoryDescription, { call, at }: CallAt<Call>): Broken | undefined {
  if (!('device' in call) || call.device === null || !('bar' in call || usesBar(call))) return undefined
  const { bars = { 0: 1 } } = devices[call.device]!
  const { bar = 0, size } = call as { readonly bar?: number; readonly size?: number | bigint }
  const pages = Object.entries(bars).find(([each]) => each === `${bar}`)?.[1]
  if (pages === undefined)
    return { at: [...at, 'bar'], expected: `a BAR of ${call.device}: ${Object.keys(bars).join(', ')}` }
  const room = BigInt(pages) * pageSize
  const maps = call.do === 'mmap' || call.do === 'share'
  if (!maps || size === undefined || BigInt(size) <= room) return undefined
  return { at: [...at, 'size'], expected: `no more than BAR ${bar} of ${call.device} has, ${hex(room)}` }
}

const usesBar = ({ do: what }: Call): boolean =>
  ['share', 'unshare', 'mmap', 'munmap', 'mremap', 'load', 'mapMemory'].includes(what)

const ownChild = ({ call, at, process }: CallAt<Call>): Broken | undefined =>
  call.do === 'fork' && call.child === process
    ? { at: [...at, 'child'], expected: 'the name of another process', why: 'a process cannot be its own child' }
    : undefined
