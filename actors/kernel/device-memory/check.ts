/** What the fields of a description say of each other: names that are nobody's, BARs that a device does not have. */
import { pageSize } from '../../../machines/mm/extent.ts'
import type { Broken } from '../../../shapes/shape.ts'
import { hex, notAmong, processNamed, type CallAt, type Called, type Named } from '../../scripts/described.ts'
import { defaultProcess } from '../../scripts/tasks.ts'
import type { LinuxDescription } from '../describe.ts'
import { barDevices } from '../devices.ts'
import type { Story } from '../subject.ts'
import type { Call, DeviceDescription } from './describe.ts'

type Devices = Readonly<Record<string, DeviceDescription>>

const containersOf = (description: LinuxDescription): readonly string[] => [
  ...new Set(Object.values(barDevices(description)).map(({ container }) => container)),
]

/** Processes are no actors, but a task of that name would be taken for one. */
export function named({ description, tasks, calls, earlier }: Story<Call>): readonly Named[] {
  const devices = barDevices(description)
  const of = (container: string) => Object.keys(devices).find((id) => devices[id]!.container === container)!
  const processes: readonly Called[] = [
    ...[...earlier, ...calls].flatMap(({ call, at, process }): readonly Called[] => [
      [process, at],
      ...(call.do === 'fork' ? [[call.child, [...at, 'child']] as const] : []),
    ]),
    ...tasks.map(({ id, process }): Called => [process, ['tasks', id, 'process']]),
    ...Object.entries(devices).flatMap(([id, { openBy = defaultProcess }]): readonly Called[] =>
      openBy === null ? [] : [[openBy, ['devices', id, 'openBy']]],
    ),
  ]
  return [
    ...containersOf(description).map((id): Named => [id, ['devices', of(id), 'container'], 'a container']),
    ...Object.keys(devices).map((id): Named => [id, ['devices', id], 'a device']),
    ...processes.map(processNamed),
  ]
}

export const hasDevices = ({ description }: Story<Call>): Broken | undefined =>
  Object.keys(barDevices(description)).length === 0
    ? { at: ['devices'], expected: 'at least one device, with its container' }
    : undefined

export function strayDevices(description: LinuxDescription): Broken | undefined {
  const [stray] = Object.keys(barDevices(description))
  return stray === undefined
    ? undefined
    : {
        at: ['devices', stray, 'container'],
        fault: 'is of no use',
        expected: 'a description of memory of devices beside it: a device that names its container has some',
        hint: "Write how mappings of it are kept in step: deviceMemory: 'device-notifier'.",
      }
}

export function callsFit({ description, calls, earlier }: Story<Call>): Broken | undefined {
  const devices = barDevices(description)
  const containers = containersOf(description)
  for (const each of [...earlier, ...calls]) {
    const broken = ofNobody(devices, containers, each) ?? beyondBar(devices, each) ?? ownChild(each)
    if (broken) return broken
  }
  return undefined
}

/** Where drivers pin, a container is never closed, and what is mapped in it goes by one call. */
export function besideDrivers({ description, calls, earlier }: Story<Call>): Broken | undefined {
  if (description.unmap === undefined) return undefined
  const other = [...earlier, ...calls].find(({ call }) => call.do === 'unmapMemory' || call.do === 'closeContainer')
  if (other === undefined) return undefined
  const at = [...other.at, 'do']
  return other.call.do === 'unmapMemory'
    ? {
        ...{ at, expected: 'unmap, which takes whatever is mapped there' },
        hint: 'Write unmap(iova, size, { container }), which tells drivers as well.',
      }
    : { at, expected: 'another call', why: 'devices whose drivers pin stay open, and with them their container' }
}

function ofNobody(devices: Devices, containers: readonly string[], { call, at }: CallAt<Call>): Broken | undefined {
  if ('container' in call && !containers.includes(call.container))
    return notAmong('container', containers, [...at, 'container'])
  const known = Object.keys(devices)
  if ('device' in call && call.device !== null && !known.includes(call.device))
    return notAmong('device', known, [...at, 'device'])
  const stranger = 'devices' in call ? call.devices.findIndex((device) => !known.includes(device)) : -1
  return stranger < 0 ? undefined : notAmong('device', known, [...at, 'devices', stranger])
}

/** A device has the BARs that are described, and no more of them than that. */
function beyondBar(devices: Devices, { call, at }: CallAt<Call>): Broken | undefined {
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
