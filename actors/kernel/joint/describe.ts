/**
 * Drivers that pin and memory of devices in one kernel: containers as `vfio()` has them, devices with BARs as `deviceMemory()` has them, and tasks
 * that make the calls of both. A container of one name is one.
 *
 * Left out: what changes who uses a container on the side of drivers that pin (open, close, register, unregister, detach, setIommu): their devices
 * are open all the time, and hold a user each. VFIO_IOMMU_UNMAP_DMA is `unmap`, whatever is mapped there, in the protocol that `unmap` says.
 */
import type { ProtocolName } from '../../../machines/type1/device-memory/forms.ts'
import type { Part } from '../../scripts/script.ts'
import type * as memory from '../device-memory/describe.ts'
import type * as unmap from '../unmap/describe.ts'
import type { Protocol } from '../unmap/protocol-names.ts'

/** Those of the calls that know one container from another only by what is mapped in it. */
export const unmapWords = ['map', 'unmap', 'pin', 'unpin'] as const
export const memoryWords = [
  ...['share', 'unshare', 'mmap', 'munmap', 'mremap', 'fork', 'load', 'mapMemory', 'openDevice', 'closeDevice'],
  ...['setMemory', 'setPower', 'reset', 'hotReset', 'dma', 'unregisterOps'],
] as const

export type Call = unmap.Call | memory.Call

export interface JointDescription {
  readonly name?: string
  /** How drivers that pin are told of an unmap: one of type1's. */
  readonly unmap: Protocol
  /** How mappings of device memory are kept in step with the device. */
  readonly protocol: ProtocolName
  readonly as?: memory.As
  readonly without?: memory.DeviceMemoryDescription['without']
  readonly containers: unmap.VfioDescription['containers']
  readonly devices: memory.DeviceMemoryDescription['devices']
  readonly before?: readonly memory.Call[]
  readonly tasks: Readonly<Record<string, readonly Part<Call>[]>>
}
