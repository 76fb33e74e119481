/**
 * The machine that the recordings were made on: which devices there are, and how the IOMMU groups them. Facts of that machine, not of the
 * kernel; what PCI itself knows of each function is in inventory-pci.ts.
 */
export interface InventoryDevice {
  readonly id: string
  /** domain:bus:slot.function; an emulated device has none. */
  readonly address: string | null
  readonly group: string
  readonly emulated: boolean
  /** The driver that would bind of itself; null when this guest has none for it. */
  readonly native: string | null
  /** What that driver has to say when it binds. */
  readonly says: string | null
  /** Devices that are reset together share a lock (dev_set). */
  readonly devSet: string
}

const pci = (
  id: string,
  address: string,
  group: string,
  { driver = null, says = null }: { driver?: string | null; says?: string | null } = {},
): InventoryDevice => ({
  id,
  address,
  group,
  emulated: false,
  native: driver,
  says,
  devSet: id,
})
const emulated = (id: string, group: string): InventoryDevice => ({
  id,
  address: null,
  group,
  emulated: true,
  native: null,
  says: null,
  devSet: id,
})

export const inventory: readonly InventoryDevice[] = [
  pci('edu0', '0000:00:10.0', 'group0'),
  pci('edu1', '0000:00:11.0', 'group1'),
  pci('multi0', '0000:00:12.0', 'group2'),
  pci('multi1', '0000:00:12.1', 'group2'),
  pci('multi2', '0000:00:12.2', 'group2', {
    driver: 'serial',
    says: '0000:00:12.2: ttyS2 at I/O 0xd160 (irq = 22, base_baud = 115200) is a 16550A',
  }),
  pci('edurp', '0000:01:00.0', 'group3'),
  pci('nvme0', '0000:02:00.0', 'group4'),
  pci('nic0', '0000:03:00.0', 'group5'),
  emulated('emu0', 'group6'),
  emulated('emu1', 'group7'),
]

/** Names that the machine itself has given, and what is made gets. */
export const isTaken = (name: string): boolean =>
  inventory.some(({ id, group }) => id === name || group === name) ||
  /^(?:container|file|inode)\d+$/.test(name) ||
  ['dmar', 'env', 'files', 'init', 'iommu_drivers_lock', 'kworker', 'ram', 'vfio_iommu_type1', 'workqueue'].includes(
    name,
  )
