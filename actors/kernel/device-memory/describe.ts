/**
 * Memory of devices that is mapped for the DMA of others: devices with their containers and BARs, and the calls that work on them.
 *
 *   deviceMemory: 'device-notifier',
 *   devices: { dev1: { container: 'container0' }, dev2: { container: 'container1', bars: { 0: 1 } } },
 */
import type { Form, OnMemory, ProtocolName, Repair } from '../../../machines/type1/device-memory/forms.ts'
import type { Platform } from '../../../machines/pci/root-complex/root-complex.ts'
import type { Bytes, OfProcess } from '../../scripts/described.ts'
import type { As } from '../chosen.ts'

/** How mappings of device memory are kept in step with the device. */
export type DeviceMemory = ProtocolName | DeviceMemoryForm

export interface DeviceMemoryForm {
  readonly protocol: ProtocolName
  /** Default `posted`. */
  readonly as?: As
  /** Changes the protocol as posted. */
  readonly but?: Partial<Form>
  /** What is not mended where the rest is: it stays as posted. */
  readonly without?: readonly Repair[]
  /** What becomes of a mapping when memory is disabled or the device reset (default: what the protocol does). */
  readonly memory?: OnMemory
  /** Default `logged`. */
  readonly platform?: Platform
}

export interface DeviceDescription {
  readonly container: string
  /** BAR → its size in pages, 1 to 256 (default: BAR 0 with one page). BAR 0 lies below 4 GiB, the others above. */
  readonly bars?: Partial<Bars>
  /** Which process has it open when the story begins (default `vmm`); null: nobody. */
  readonly openBy?: string | null
  /** Devices that are reset together share a lock (dev_set); default: each is a set of its own. */
  readonly resetSet?: string
}

export type Bars = Readonly<Record<0 | 1 | 2 | 3 | 4 | 5, number>>

interface Where {
  /** Which BAR (default 0). */
  readonly bar?: number
  /** Bytes (default: all of the BAR). */
  readonly size?: Bytes
  /** Virtual address (default: one that every BAR has for itself). */
  readonly at?: Bytes
}

type OfBar = Omit<Where, 'size'>

export interface ShareCall extends Where, OfProcess {
  readonly do: 'share' | 'unshare' | 'munmap'
  readonly device: string
}

export interface MmapCall extends Where, OfProcess {
  readonly do: 'mmap'
  readonly device: string | null
  readonly fails?: boolean
}

export interface MremapCall extends OfBar, OfProcess {
  readonly do: 'mremap'
  readonly device: string
  readonly to: Bytes
}

export interface ForkCall extends OfProcess {
  readonly do: 'fork'
  readonly child: string
}

export interface LoadCall extends OfBar, OfProcess {
  readonly do: 'load'
  readonly device: string
}

export interface MapMemoryCall extends Where, OfProcess {
  readonly do: 'mapMemory'
  readonly container: string
  readonly iova: Bytes
  readonly device: string
}

export interface UnmapMemoryCall extends OfProcess {
  readonly do: 'unmapMemory'
  readonly container: string
  readonly iova: Bytes
  readonly size: Bytes
}

export interface DeviceCall extends OfProcess {
  readonly do: 'openDevice' | 'closeDevice' | 'reset'
  readonly device: string
}

export interface CloseContainerCall extends OfProcess {
  readonly do: 'closeContainer'
  readonly container: string
}

export interface SetMemoryCall extends OfProcess {
  readonly do: 'setMemory'
  readonly device: string
  readonly on: boolean
}

export interface SetPowerCall extends OfProcess {
  readonly do: 'setPower'
  readonly device: string
  readonly state: PowerState
}

/** `low-power`: the user said that nothing will be asked of the device for now (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY). */
export type PowerState = 'D0' | 'D3hot' | 'low-power'

export interface HotResetCall extends OfProcess {
  readonly do: 'hotReset'
  readonly devices: readonly string[]
}

export interface DmaCall extends OfProcess {
  readonly do: 'dma'
  readonly device: string
  readonly iova: Bytes
}

export interface UnregisterOpsCall extends OfProcess {
  readonly do: 'unregisterOps'
}

/** One call in a script. Made by the functions below; what is wrong with it is told when the system is built. */
export type Call =
  | ShareCall
  | MmapCall
  | MremapCall
  | ForkCall
  | LoadCall
  | MapMemoryCall
  | UnmapMemoryCall
  | DeviceCall
  | CloseContainerCall
  | SetMemoryCall
  | SetPowerCall
  | HotResetCall
  | DmaCall
  | UnregisterOpsCall

/** What a process does so that device memory can be mapped for DMA: mmap the BAR, or export it as a dma-buf where the protocol wants one. */
export const share = (device: string, where: Where = {}): Call => ({ ...where, do: 'share', device })

/** The other way round: munmap; a dma-buf stays with whoever imported it. */
export const unshare = (device: string, where: Where = {}): Call => ({ ...where, do: 'unshare', device })

/** mmap of a BAR. `fails`: the bus driver refuses it. Device null: memory of something else (VM_PFNMAP, no vm_ops). */
export const mmap = (device: string | null, where: Where & { readonly fails?: boolean } = {}): Call => ({
  ...where,
  ...{ do: 'mmap', device },
})

/** munmap: of all of a device's BAR, or of `size` bytes from `at` on. */
export const munmap = (device: string, where: Where = {}): Call => ({ ...where, do: 'munmap', device })

/** mremap: a BAR's mapping moves to another address. */
export const mremap = (device: string, to: Bytes, where: OfBar = {}): Call => ({
  ...where,
  ...{ do: 'mremap', device, to },
})

/** fork: `child` is another process, with a copy of every mapping. */
export const fork = (child: string): Call => ({ do: 'fork', child })

/** A load by the CPU through an mmapped BAR: what the device said, or SIGBUS. */
export const load = (device: string, where: OfBar = {}): Call => ({ ...where, do: 'load', device })

/** VFIO_IOMMU_MAP_DMA of device memory that was shared before. Returns 0 or an errno. */
export const mapMemory = (container: string, iova: Bytes, device: string, where: Where = {}): Call => ({
  ...where,
  ...{ do: 'mapMemory', container, iova, device },
})

/** VFIO_IOMMU_UNMAP_DMA. Returns 0 and the size it reports. */
export const unmapMemory = (container: string, iova: Bytes, size: Bytes): Call => ({
  do: 'unmapMemory',
  ...{ container, iova, size },
})

/** A process opens a device that nobody has open. */
export const openDevice = (device: string): Call => ({ do: 'openDevice', device })

/** close() of a device's descriptor. Its mappings keep the file open. */
export const closeDevice = (device: string): Call => ({ do: 'closeDevice', device })

/** The container's descriptor and its groups' are closed. */
export const closeContainer = (container: string): Call => ({ do: 'closeContainer', container })

/** COMMAND.MEMORY of a device is cleared. */
export const disableMemory = (device: string): Call => ({ do: 'setMemory', device, on: false })

/** COMMAND.MEMORY of a device is set. */
export const enableMemory = (device: string): Call => ({ do: 'setMemory', device, on: true })

/** A device goes to sleep (`D3hot`, by its power management registers; `low-power`), or wakes up (`D0`). */
export const setPower = (device: string, state: PowerState): Call => ({ do: 'setPower', device, state })

/** VFIO_DEVICE_RESET. */
export const reset = (device: string): Call => ({ do: 'reset', device })

/** VFIO_DEVICE_PCI_HOT_RESET of several devices, in this order. Returns 0 or -EBUSY. */
export const hotReset = (...devices: readonly string[]): Call => ({ do: 'hotReset', devices })

/** A device reads from an I/O virtual address. Returns `hit`, `unsupported-request` or `iommu-fault`, and whose memory it met. */
export const dma = (device: string, iova: Bytes): Call => ({ do: 'dma', device, iova })

/** vfio_unregister_vma_ops: a bus driver takes its vm_ops out of the registry of `vma-ops`. */
export const unregisterOps = (): Call => ({ do: 'unregisterOps' })
