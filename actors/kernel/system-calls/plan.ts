/** What a small Linux consists of: enough to declare every actor that the calls of its threads can reach. */
import type { AbilitiesOf } from '../../../machines/iommufd/abilities.ts'
import type { Profile } from '../../../machines/profile.ts'
import type { InventoryDevice } from './inventory.ts'

export interface LinuxPlan {
  readonly name: string
  readonly profile: Profile
  /** A process is named after its first thread. */
  readonly threads: readonly { readonly id: string; readonly process: string }[]
  readonly processes: readonly string[]
  /** Whatever is opened as /dev/vfio/vfio or /dev/iommu, in that order of operations. */
  readonly containers: readonly string[]
  /** How many IOASes can be made through one iommufd file. */
  readonly ioases: number
  readonly devices: readonly InventoryDevice[]
  /** Devices' own files are opened, perhaps on a kernel that has none. */
  readonly opensCdevs?: true
  /** Those of them that are opened as /dev/iommu, perhaps on a kernel that has none. */
  readonly iommufds?: readonly string[]
  /** Mappings are copied, so it matters what they have in common. */
  readonly copies?: true
  /** Objects of iommufd are destroyed, so it matters who uses them. */
  readonly destroys?: true
  /** Files of fault queues that will be made, where devices have page requests. */
  readonly faultQueues?: readonly string[]
  /** A guest writes entries of page tables of its own. */
  readonly writesGuest?: true
  /** Who does what is put off, where somebody else is called kworker. */
  readonly worker?: string
  /** Of IOMMUs that can do more than the one that was recorded. */
  readonly abilities?: AbilitiesOf
  /** Drivers are bound or unbound. */
  readonly rebinds: boolean
  /** Users that processes become, besides root. */
  readonly uids?: readonly number[]
  /** Files of memory that will be made: and how long they are in the beginning. */
  readonly memfds?: readonly { readonly id: string; readonly pages: number }[]
  /** dma-bufs that will be made: their files, and whether they are of the system's heap or of a device. */
  readonly buffers?: readonly { readonly id: string; readonly isHeap: boolean }[]
  /** eventfds that will be made: file ids. */
  readonly eventfds: readonly string[]
}

export const workerOf = ({ worker = 'kworker' }: Pick<LinuxPlan, 'worker'>): string => worker

export const processOf = (plan: LinuxPlan, thread: string): string =>
  plan.threads.find(({ id }) => id === thread)!.process

export const groupsIn = (plan: LinuxPlan): readonly string[] => [...new Set(plan.devices.map(({ group }) => group))]

export const devicesOf = (plan: LinuxPlan, group: string): readonly InventoryDevice[] =>
  plan.devices.filter((device) => device.group === group)

/** Those that can be made through an iommufd file. */
export const ioasesOf = (plan: LinuxPlan, context: string): readonly string[] =>
  Array.from({ length: plan.ioases }, (_, nth) => `${context}.ioas${nth}`)

export const ioasesIn = (plan: LinuxPlan): readonly string[] => iommufdsIn(plan).flatMap((id) => ioasesOf(plan, id))

export const hasIommufd = ({ profile }: Pick<LinuxPlan, 'profile'>): boolean => profile.iommufd !== 'absent'

/** Files of iommufd. */
export const iommufdsIn = ({ profile, containers, iommufds = [] }: LinuxPlan): readonly string[] => {
  if (profile.iommufd === 'instead') return containers
  return profile.iommufd === 'beside' ? iommufds : []
}

/** Containers of VFIO's own, with type1 behind them. */
export const containersIn = ({ profile, containers, iommufds = [] }: LinuxPlan): readonly string[] =>
  profile.iommufd === 'instead' ? [] : containers.filter((id) => !iommufds.includes(id))

/** Some IOMMU can do more than translate. */
export const knowsTables = ({ abilities }: LinuxPlan): boolean => abilities !== undefined

export const knowsPasids = ({ abilities = {}, profile }: LinuxPlan): boolean =>
  profile.takesTokens && Object.values(abilities).some(({ pasids }) => pasids)
