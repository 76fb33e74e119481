/** What can be done with a descriptor, by what it is a descriptor of. */
import { ownRequests } from '../../../machines/iommufd/requests.ts'
import type { Lacking, OperationsOf } from '../../../machines/user/syscall.ts'
import { cdevOf } from '../../../machines/vfio/cdev/open-cdev.ts'
import type { InventoryDevice } from './inventory.ts'
import type { LinuxPlan } from './plan.ts'

const container = [
  'get_api_version',
  'check_extension',
  'set_iommu',
  'map_dma',
  'unmap_dma',
  'dirty_pages',
  'iommu_get_info',
  'ioctl_val',
  '*',
]

/** What a file of iommufd has besides. */
const iommufd = [
  ...['destroy', 'ioas_copy', 'ioas_map_file', 'hwpt_alloc', 'change_process', 'fault_queue_alloc'],
  ...['mock_domain', 'mmap_fd', ...ownRequests],
]

const group = ['group_get_status', 'group_set_container', 'group_unset_container', 'get_device_fd', 'ioctl_val']

/** Operations of any device's descriptor: file operations, which every file has, and what drivers know. */
const device = [
  'device_info',
  'cfg_read',
  'cfg_write',
  'bar_read',
  'bar_write',
  'mmap_bar',
  'mmap_fd',
  'edu_dma',
  'ioctl_val',
]

/** The last two because a container's requests have the same numbers as those for a hot reset. */
const pci = [
  ...[
    'region_info',
    'irq_info',
    'set_irqs',
    'device_reset',
    'hot_reset_info',
    'hot_reset_devs',
    'hot_reset',
    'dma_buf',
  ],
  ...['iommu_get_info', 'map_dma'],
]
const emulated = ['emu_pin', 'emu_unpin', 'emu_rw', 'emu_log']

const operationsOf = (each: InventoryDevice): readonly string[] => [...device, ...(each.emulated ? emulated : pci)]

/** A device's own file: good for nothing but the first of these until that was made. */
export const cdevOperationsOf = (each: InventoryDevice): readonly string[] => [
  'bind_iommufd',
  'attach_pt',
  'detach_pt',
  ...operationsOf(each),
  '*',
]

const eventfd = ['eventfd_read']
const memfd = ['ftruncate', 'mmap_fd']
const heapBuffer = ['mmap_fd']
const faultQueue = ['fd_read', 'fd_write']

/** By kind of file, or by the object behind it where its driver decides. */
export const operationsIn = ({ devices }: LinuxPlan): OperationsOf => ({
  ...{ group, eventfd, memfd, 'heap buffer': heapBuffer, 'fault queue': faultQueue },
  container,
  iommufd: [...container, ...iommufd],
  ...Object.fromEntries(
    devices.flatMap((each) => [
      [each.id, operationsOf(each)] as const,
      [cdevOf(each.id), cdevOperationsOf(each)] as const,
    ]),
  ),
})

/** pread, pwrite (with which a copy by `edu` is programmed, too), mmap, read. */
const noFileOperation = {
  ...Object.fromEntries(
    ['cfg_read', 'cfg_write', 'bar_read', 'bar_write', 'edu_dma'].map((op) => [op, '-EINVAL'] as const),
  ),
  mmap_bar: '-ENODEV',
  eventfd_read: '-EINVAL',
  fd_read: '-EINVAL',
  fd_write: '-EINVAL',
  ftruncate: '-EINVAL',
}

/** What descriptors say where they are not what an operation is for, and no ioctl is asked for. */
export const lacking: Lacking = {
  container: noFileOperation,
  iommufd: noFileOperation,
  group: { ...noFileOperation, mmap_fd: '-ENODEV' },
  'dma-buf': { ...noFileOperation, mmap_fd: '-EINVAL' },
  /** It was opened through its group. */
  device: { bind_iommufd: '-EINVAL' },
}
