/** A description made complete: defaults filled in, everything that is listed by container listed flat. */
import type { Behaviour } from '../../../machines/mdev/dma-unmap.ts'
import type { CallAt } from '../../scripts/described.ts'
import { formOf } from '../chosen.ts'
import { common, namesFor, type Names } from '../names.ts'
import type { Story } from '../subject.ts'
import { isGatedEra, protocols, type ProtocolFacts } from './protocols.ts'
import type { Call, ContainerDescription, DriverDescription, GroupDescription, UnmapForm } from './describe.ts'

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

export interface Plan {
  readonly protocol: ProtocolFacts
  readonly form: UnmapForm
  readonly names: Names
  readonly containers: readonly (readonly [string, ContainerDescription])[]
  readonly groups: readonly (readonly [id: string, container: string, group: GroupDescription])[]
  readonly devices: readonly Device[]
  readonly calls: readonly CallAt<Call>[]
  /** Where there is memory of devices: the hardware, and what its protocol does on behalf of a task. */
  readonly deviceMemory?: (task: string) => { readonly hardware: string; readonly protocol: string }
  /** Others joined: what they call is not known beforehand. */
  readonly joined: boolean
}

export function planFor({ description, calls, earlier }: Story<Call>): Plan {
  const { deviceMemory } = description
  const form = formOf(description.unmap!)
  const protocol = protocols[form.protocol]
  const containers = Object.entries(description.containers!)
  const groups = containers.flatMap(([container, { groups }]) =>
    Object.entries(groups).map(([id, group]) => [id, container, group] as const),
  )
  const devices = groups.flatMap(([group, container, { devices }]) =>
    Object.entries(devices).map(([id, driver]) => device(id, group, container, driver)),
  )
  // Pins go by way of a group in type1, by way of a device's access in iommufd.
  const membersOf = (container: string) =>
    isGatedEra(protocol)
      ? devices.filter((each) => each.container === container).map(({ id }) => id)
      : groups.filter(([, home]) => home === container).map(([id]) => id)
  // Where there is memory of devices, what belongs to a container is called after it, even if there is only one.
  const known = [...containers.map(([id]) => id), ...(deviceMemory === undefined ? [] : [''])]
  const names = namesFor(new Map(known.map((id) => [id, membersOf(id)])))
  return {
    ...{ protocol, form, containers, groups, devices, calls: [...earlier, ...calls], joined: false },
    names: deviceMemory === undefined ? names : afterContainers(names),
    ...(deviceMemory !== undefined && {
      deviceMemory: (task: string) => ({
        hardware: common.hardware,
        protocol: common.protocol(task, formOf(deviceMemory).protocol),
      }),
    }),
  }
}

/** There, what both know of is called as memory of devices calls it. */
const afterContainers = (names: Names): Names => ({
  ...names,
  in(container, base) {
    const { lock, type1 } = common.container(container)
    return base === 'iommu.lock' ? lock : base === 'type1' ? type1 : `${container}.${base}`
  },
})

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
  plan.joined || plan.calls.some(({ call }) => kinds.includes(call.do))

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
