/** A state in the words of device memory: what properties look at. */
import { isOfDevice } from '../../../machines/type1/backend/dma-list.ts'
import type { Remapping } from '../../../machines/pci/root-complex/remapping.ts'
import type { Result } from '../../../machines/kernel/tasks/task.ts'
import { askedFor, mustBeAmong, strict } from '../../scripts/asked.ts'
import type { Bytes } from '../../scripts/described.ts'
import type { Read } from '../subject.ts'
import { ids } from './names.ts'
import { leaksIn } from './leaks.ts'
import { barAt, type Plan } from './plan.ts'

/** What became of one request of a device, or of one load of a CPU. */
export interface Access extends Result {
  /** `hit`, `unsupported-request`, `iommu-fault`; a load may also have got `-SIGBUS` or `-SIGSEGV`. */
  readonly ret: string
  /** The device whose address it was, whether or not it took the request; null when nobody's, or when it came to no address. */
  readonly of: string | null
  /** Which process had that device open at that moment; null after its last release was answered. */
  readonly owner: string | null
  /** Whether its memory was enabled; null where it came to no device. */
  readonly memory: boolean | null
}

/** A page of an IOMMU's page table. */
export interface MappedPage {
  readonly iova: bigint
  readonly allowed: boolean
  /** Whose memory; null for an address that nobody decodes. */
  readonly device: string | null
  readonly bar: number | null
  readonly page: number | null
}

export interface DeviceMemoryView {
  /** What all devices' requests so far came to, and all loads. */
  readonly dmas: readonly Access[]
  readonly loads: readonly Access[]
  /** What a container's IOMMU translates. */
  pages(container: string): readonly MappedPage[]
  mapped(container: string, iova: Bytes): MappedPage | undefined
  /** How many mappings type1 knows of in a container. */
  mappings(container: string): number
  /** Devices whose memory some IOMMU translates to, permitted or not. */
  readonly mappedDevices: readonly string[]
  /** container_users of the container a device belongs to. */
  users(container: string): number
  containerOf(device: string): string
  /** Who has a device open, as the hardware sees it: null once its last release was answered. */
  owner(device: string): string | null
  memoryOn(device: string): boolean
  /** References that nothing stands for any more, in words. Only what is looked at when nobody is at work means something. */
  readonly leaks: readonly string[]
}

export function viewOf(
  plan: Plan,
  there: ReadonlySet<string>,
  tasks: readonly string[],
): (read: Read) => DeviceMemoryView {
  const devices = plan.devices.map(({ id }) => id)
  const mustBeDevice = (device: string): void => mustBeAmong('device', device, devices)
  const mustBeContainer = (container: string): void => mustBeAmong('container', container, plan.containers)
  return (read) => {
    const allOf = (call: string) =>
      tasks.flatMap((task) => (read(task).results as readonly Access[]).filter((each) => each.call === call))
    const hardware = () =>
      read(ids.hardware) as { tables: Remapping; owners: Record<string, string>; memory: Record<string, boolean> }
    const pages = (container: string): readonly MappedPage[] => {
      mustBeContainer(container)
      return (hardware().tables[container] ?? []).map(({ iova, pfn, allowed }) => {
        const { device = null, bar = null, page = null } = barAt(plan, pfn) ?? {}
        return { iova, allowed, device, bar, page }
      })
    }
    const view = {
      __proto__: strict,
      get dmas() {
        return allOf('dma')
      },
      get loads() {
        return allOf('load')
      },
      pages,
      mapped(container: string, address: Bytes) {
        const iova = askedFor(address)
        return pages(container).find((each) => each.iova === iova)
      },
      mappings(container: string): number {
        mustBeContainer(container)
        const { type1 } = ids.container(container)
        return there.has(type1) ? read(type1).dmas.filter(isOfDevice).length : 0
      },
      get mappedDevices() {
        return [...new Set(plan.containers.flatMap((each) => pages(each).flatMap(({ device }) => device ?? [])))]
      },
      users(container: string): number {
        mustBeContainer(container)
        return read(ids.container(container).users).users
      },
      containerOf(device: string) {
        mustBeDevice(device)
        return plan.devices.find(({ id }) => id === device)!.container
      },
      owner(device: string) {
        mustBeDevice(device)
        return hardware().owners[device] ?? null
      },
      memoryOn(device: string) {
        mustBeDevice(device)
        return hardware().memory[device] ?? false
      },
      get leaks() {
        return leaksIn(plan, (id) => (there.has(id) ? read(id) : undefined))
      },
    }
    return view
  }
}
