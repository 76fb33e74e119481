/** A description made complete: defaults filled in, names checked, everything that is listed by container listed flat. */
import { insist } from '../../../shapes/insist.ts'
import type { Behaviour } from '../../../machines/mdev/dma-unmap.ts'
import { vfioShape } from './shape.ts'
import { isGatedEra, protocols, type ProtocolFacts } from './protocols.ts'
import type { Call, ContainerDescription, DriverDescription, GroupDescription, VfioDescription } from './describe.ts'
import { namesFor, type Names } from '../names.ts'
import { callsOf } from '../../scripts/script.ts'
import { defaultProcess, scriptedTasks, type Scripted } from '../../scripts/tasks.ts'

export interface Device {
  readonly id: string
  readonly group: string
  readonly container: string
  readonly behaviour: Behaviour
  readonly open: boolean
  readonly careful: boolean
  readonly pinned: readonly bigint[]
  readonly mirror: readonly { readonly iova: bigint; readonly size: bigint }[]
}

export type Task = Scripted<Call>

export interface Plan {
  readonly name: string
  readonly protocol: ProtocolFacts
  readonly description: VfioDescription
  readonly names: Names
  readonly containers: readonly (readonly [string, ContainerDescription])[]
  readonly groups: readonly (readonly [id: string, container: string, group: GroupDescription])[]
  readonly devices: readonly Device[]
  readonly tasks: readonly Task[]
  /** Where there is memory of devices: the hardware, and what its protocol does on behalf of a task. */
  readonly deviceMemory?: (task: string) => { readonly hardware: string; readonly protocol: string }
  /** Others joined: what they call is not known beforehand. */
  readonly joined: boolean
}

export function planFor(description: VfioDescription): Plan {
  insist(vfioShape, description, 'vfio()')
  const protocol = protocols[description.unmap]
  const containers = Object.entries(description.containers)
  const groups = containers.flatMap(([container, { groups }]) =>
    Object.entries(groups).map(([id, group]) => [id, container, group] as const),
  )
  const devices = groups.flatMap(([group, container, { devices }]) =>
    Object.entries(devices).map(([id, driver]) => device(id, group, container, driver)),
  )
  const tasks = scriptedTasks(description.tasks)
  // Pins go by way of a group in type1, by way of a device's access in iommufd.
  const membersOf = (container: string) =>
    isGatedEra(protocol)
      ? devices.filter((each) => each.container === container).map(({ id }) => id)
      : groups.filter(([, home]) => home === container).map(([id]) => id)
  return {
    name: description.name ?? 'vfio',
    protocol,
    description,
    names: namesFor(new Map(containers.map(([id]) => [id, membersOf(id)]))),
    containers,
    groups,
    devices,
    tasks,
    joined: false,
  }
}

/** With threads that have no script here: they run something of their own. */
export const joinedBy = (plan: Plan, threads: readonly string[]): Plan =>
  threads.length === 0
    ? plan
    : {
        ...plan,
        tasks: [...plan.tasks, ...threads.map((id) => ({ id, process: defaultProcess, script: [] }))],
        joined: true,
      }

/** The container a call works on: the one it names, its device's, or the only one. */
export function containerOf(plan: Plan, call: Call): string {
  if ('container' in call && call.container !== undefined) return call.container
  const group = plan.groups.find(([id]) => id === groupOf(plan, call))
  return group?.[1] ?? plan.containers[0]![0]
}

/** The group a call names, or the one of the device that it names. */
export const groupOf = ({ devices }: Plan, call: Call): string | undefined =>
  'group' in call ? call.group : 'device' in call ? devices.find(({ id }) => id === call.device)?.group : undefined

/** Does any task make such a call? Actors that nobody needs are not made. */
export const anyCall = (plan: Plan, ...kinds: readonly Call['do'][]): boolean =>
  plan.joined || plan.tasks.some(({ script }) => callsOf(script).some((call) => kinds.includes(call.do)))

const device = (id: string, group: string, container: string, driver: DriverDescription): Device => ({
  id,
  group,
  container,
  behaviour: driver.driver,
  open: driver.open ?? true,
  careful: driver.careful ?? true,
  pinned: (driver.pinned ?? []).map((iova) => BigInt(iova)),
  mirror: (driver.mirror ?? []).map(({ iova, size }) => ({ iova: BigInt(iova), size: BigInt(size) })),
})
