/** What the fields of a description say of each other: names that are nobody's, pages where nothing is mapped, calls of another time. */
import { nearest } from '../../../shapes/nearest.ts'
import type { Broken } from '../../../shapes/shape.ts'
import { callsIn, hex, namesApart, notAmong, rangeText, type CallAt, type Named } from '../../scripts/described.ts'
import type { Call, VfioDescription } from './describe.ts'
import { isGatedEra, protocols } from './protocols.ts'

type Place = readonly (string | number)[]

/** Containers, groups, devices and tasks, each with where it is described. */
const placesIn = ({ containers, tasks }: VfioDescription) => {
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
  return { containers: inContainers, groups, devices, tasks: Object.keys(tasks) }
}

export function namesAreApart(description: VfioDescription): Broken | undefined {
  const { containers, groups, devices, tasks } = placesIn(description)
  return namesApart([
    ...containers.map(({ id, at }): Named => [id, at, 'a container']),
    ...groups.map(({ id, at }): Named => [id, at, 'a group']),
    ...devices.map(({ id, at }): Named => [id, at, 'a device']),
    ...tasks.map((id): Named => [id, ['tasks', id], 'a task']),
  ])
}

export function pinnedIsMapped(description: VfioDescription): Broken | undefined {
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

export function callsFit(description: VfioDescription): Broken | undefined {
  const { containers, groups, devices } = placesIn(description)
  const known = {
    container: containers.map(({ id }) => id),
    group: groups.map(({ id }) => id),
    device: devices.map(({ id }) => id),
  }
  for (const each of callsIn(description.tasks)) {
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

/** Calls that the kernels with this protocol do not have. */
function inOtherTimes({ unmap }: VfioDescription, { call, at }: CallAt<Call>): Broken | undefined {
  const { era } = protocols[unmap]
  const gone = isGatedEra(protocols[unmap])
    ? ['register', 'unregister', 'detach', 'setIommu']
    : era === 'v6.0'
      ? ['register', 'unregister']
      : []
  if (!gone.includes(call.do)) return undefined
  return {
    at: [...at, 'do'],
    expected: `a call of kernels with protocol ${unmap}`,
    why: `there is no such call with ${unmap}`,
    hint: isGatedEra(protocols[unmap])
      ? 'iommufd has accesses instead: use open and close.'
      : 'From 6.0 on devices are listed when they are opened: use open and close.',
  }
}
