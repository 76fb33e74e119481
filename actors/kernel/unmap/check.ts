/** What the fields of a description say of each other: names that are nobody's, pages where nothing is mapped, calls of another time. */
import { nearest } from '../../../shapes/nearest.ts'
import type { Broken } from '../../../shapes/shape.ts'
import { hex, notAmong, rangeText, type CallAt, type Named } from '../../scripts/described.ts'
import { formOf } from '../chosen.ts'
import type { LinuxDescription } from '../describe.ts'
import type { Story } from '../subject.ts'
import type { Call } from './describe.ts'
import { isGatedEra, protocols } from './protocols.ts'

type Place = readonly (string | number)[]

/** Containers, groups and devices, each with where it is described. */
const placesIn = ({ containers = {} }: LinuxDescription) => {
  const inContainers = Object.entries(containers).map(([id, container]) => ({
    ...{ id, container },
    at: ['containers', id] as Place,
  }))
  const groups = inContainers.flatMap(({ container, at }) =>
    Object.entries(container.groups).map(([id, group]) => ({ id, group, container, at: [...at, 'groups', id] })),
  )
  const devices = groups.flatMap(({ group, container, at }) =>
    Object.entries(group.devices).map(([id, driver]) => ({ id, driver, container, at: [...at, 'devices', id] })),
  )
  return { containers: inContainers, groups, devices }
}

export function named({ description }: Story<Call>): readonly Named[] {
  const { containers, groups, devices } = placesIn(description)
  return [
    ...containers.map(({ id, at }): Named => [id, at, 'a container']),
    ...groups.map(({ id, at }): Named => [id, at, 'a group']),
    ...devices.map(({ id, at }): Named => [id, at, 'a device']),
  ]
}

export const hasContainers = ({ description: { containers } }: Story<Call>): Broken | undefined =>
  containers === undefined ? { at: ['containers'], expected: 'at least one container, with a group in it' } : undefined

export const strayContainers = ({ containers }: LinuxDescription): Broken | undefined =>
  containers === undefined
    ? undefined
    : {
        at: ['containers'],
        fault: 'are of no use',
        expected: 'a description of drivers that pin beside it: these are their containers',
        hint: "Write how drivers are told of an unmap: unmap: 'restart'.",
      }

export function pinnedIsMapped({ description }: Story<Call>): Broken | undefined {
  for (const { driver, container, at } of placesIn(description).devices) {
    const { mappings = [] } = container
    const isMapped = (page: bigint) =>
      mappings.some(({ iova, size }) => BigInt(iova) <= page && page < BigInt(iova) + BigInt(size))
    const { pinned = [] } = driver
    const index = pinned.findIndex((page) => !isMapped(BigInt(page)))
    if (index < 0) continue
    return {
      at: [...at, 'pinned', index],
      expected: `a page that is mapped when the story begins: ${mappings.map(rangeText).join(', ') || 'there is none'}`,
      why: `nothing is mapped at ${hex(pinned[index]!)}`,
      hint: 'Add a mapping to its container, or let a task map and pin.',
    }
  }
  return undefined
}

export function callsFit({ description, calls, earlier }: Story<Call>): Broken | undefined {
  const { containers, groups, devices } = placesIn(description)
  const known = {
    container: containers.map(({ id }) => id),
    group: groups.map(({ id }) => id),
    device: devices.map(({ id }) => id),
  }
  for (const each of [...earlier, ...calls]) {
    const broken = inOtherTimes(description, each) ?? ofNobody(known, each)
    if (broken) return broken
  }
  return undefined
}

type Known = Readonly<Record<'container' | 'group' | 'device', readonly string[]>>

function ofNobody(known: Known, { call, at }: CallAt<Call>): Broken | undefined {
  const named: readonly (readonly [keyof Known | 'nb', string | null | undefined])[] = [
    ['container', 'container' in call ? call.container : undefined],
    ['group', 'group' in call ? call.group : undefined],
    ['device', 'device' in call ? call.device : undefined],
    ['nb', 'nb' in call ? call.nb : undefined],
  ]
  for (const [field, name] of named) {
    const what = field === 'nb' ? 'device' : field
    if (typeof name !== 'string' || known[what].includes(name)) continue
    if (!mayBeStrange(call, field, name, known.device)) return notAmong(what, known[what], [...at, field])
  }
  return undefined
}

/** Registering for a device that is in no group is how -ENODEV comes about: any name will do that is not one of ours misspelt. */
const mayBeStrange = (call: Call, field: string, name: string, known: readonly string[]): boolean =>
  (call.do === 'register' || call.do === 'unregister') &&
  (field === 'device' || name === call.device) &&
  nearest(name, known) === undefined

/** Where there is memory of devices, those whose drivers pin are open all the time, and their container is type1's. */
export function besideDeviceMemory({ description, calls, earlier }: Story<Call>): Broken | undefined {
  const { unmap, deviceMemory } = description
  if (deviceMemory === undefined) return undefined
  const { protocol } = formOf(unmap!)
  if (isGatedEra(protocols[protocol]))
    return { at: ['unmap'], expected: 'a protocol of type1', why: 'memory of devices is mapped by type1 here' }
  const leaving = [...earlier, ...calls].find(({ call }) => changesUsers.includes(call.do))
  return (
    leaving && {
      at: [...leaving.at, 'do'],
      expected: 'one of map, unmap, pin, unpin, mirror',
      why: 'beside memory of devices, devices whose drivers pin stay open',
      hint: 'Leave it out, or tell the story without deviceMemory.',
    }
  )
}

const changesUsers: readonly Call['do'][] = ['open', 'close', 'register', 'unregister', 'detach', 'setIommu']

/** Calls that the kernels with this protocol do not have. */
function inOtherTimes({ unmap }: LinuxDescription, { call, at }: CallAt<Call>): Broken | undefined {
  const { protocol } = formOf(unmap!)
  const { era } = protocols[protocol]
  const gone = isGatedEra(protocols[protocol])
    ? ['register', 'unregister', 'detach', 'setIommu']
    : era === 'v6.0'
      ? ['register', 'unregister']
      : []
  if (!gone.includes(call.do)) return undefined
  return {
    at: [...at, 'do'],
    expected: `a call of kernels with protocol ${protocol}`,
    why: `there is no such call with ${protocol}`,
    hint: isGatedEra(protocols[protocol])
      ? 'iommufd has accesses instead: use open and close.'
      : 'From 6.0 on devices are listed when they are opened: use open and close.',
  }
}
