/** What can be wrong with a description: names that are nobody's, values that do not exist, calls of another time. */
import { ModelError } from '../../explore/errors.ts'
import type { Bytes, Call } from './describe.ts'
import type { Device, Plan, Task } from './plan.ts'
import { isGatedEra } from './protocols.ts'

const behaviours = [
  'unpins-all',
  'unpins-first-page',
  'unpins-nothing',
  'mirrors',
  'no-notifier',
] satisfies Device['behaviour'][]
const backends = ['type1', 'type1v2', 'spapr', 'none', 'noiommu']
const prots = ['r', 'w', 'rw']

/** Throws a ModelError that says what does not fit, where, and what would. */
export function checkPlan(plan: Plan): void {
  for (const [id, { backend = 'type1v2', mappings = [], groups }] of plan.containers) {
    mustBe('backend', backend, backends, `of ${id}`)
    for (const { iova, prot = 'rw' } of mappings) mustBe('prot', prot, prots, `of the mapping at ${hex(iova)}`)
    if (Object.keys(groups).length === 0)
      throw new ModelError(
        'bad-description',
        `${id} has no group.`,
        [],
        'A container without a group has no IOMMU backend.',
      )
  }
  if (plan.containers.length === 0)
    throw new ModelError('bad-description', 'There is no container.', [], 'Describe at least one, with a group in it.')
  for (const device of plan.devices) {
    mustBe('driver', device.behaviour, behaviours, `of ${device.id}`)
    for (const iova of device.pinned) checkPinned(plan, device, iova)
  }
  for (const task of plan.tasks) for (const call of task.script) checkCall(plan, task, call)
}

export function mustBe(what: string, given: string, known: readonly string[], where?: string): void {
  if (!known.includes(given)) throw unknown(what, given, known, where)
}

function checkCall(plan: Plan, task: Task, call: Call): void {
  const where = `in a call \`${call.do}\` of task ${task.id}`
  const containers = plan.containers.map(([id]) => id)
  if (call.container !== undefined && !containers.includes(call.container))
    throw unknown('container', call.container, containers, where)
  const groups = plan.groups.map(([id]) => id)
  if (call.group !== undefined && !groups.includes(call.group)) throw unknown('group', call.group, groups, where)
  // Registering for a device that is in no group is how vfio_register_notifier's -ENODEV comes about.
  const mayBeStrange = call.do === 'register' || call.do === 'unregister'
  const devices = plan.devices.map(({ id }) => id)
  if (typeof call.device === 'string' && !devices.includes(call.device) && !mayBeStrange)
    throw unknown('device', call.device, devices, where)
  if (isGatedEra(plan.protocol) && ['register', 'unregister', 'detach', 'setIommu'].includes(call.do)) {
    throw new ModelError(
      'bad-description',
      `\`${call.do}\` does not exist with protocol ${plan.description.unmap} (${where}).`,
      [],
      'iommufd has accesses instead: use open and close.',
    )
  }
  if (plan.protocol.era === 'v6.0' && ['register', 'unregister'].includes(call.do)) {
    throw new ModelError(
      'bad-description',
      `\`${call.do}\` does not exist from 6.0 on (${where}).`,
      [],
      'Use open and close.',
    )
  }
}

function checkPinned(plan: Plan, device: Device, iova: bigint): void {
  const mappings = plan.containers.find(([id]) => id === device.container)?.[1].mappings ?? []
  const inside = mappings.some((each) => BigInt(each.iova) <= iova && iova < BigInt(each.iova) + BigInt(each.size))
  if (inside) return
  throw new ModelError(
    'bad-description',
    `${device.id} cannot have pinned ${hex(iova)} at the start: nothing is mapped there.`,
    [['mapped', mappings.map(({ iova, size }) => `${hex(iova)} + ${hex(size)}`).join(', ') || 'nothing']],
    'Add a mapping to its container, or let a task map and pin.',
  )
}

const hex = (value: Bytes): string => `0x${value.toString(16)}`

export function unknown(what: string, name: string, known: readonly string[], where = ''): ModelError {
  return new ModelError(
    'bad-description',
    `Unknown ${what} "${name}"${where && ` ${where}`}. Known: ${known.join(', ')}.`,
  )
}
