/**
 * Shared virtual memory: devices that work on the address spaces of processes, and the calls that bind them.
 *
 *   svm: { protocol: 'rfc29', pasids: 1 },
 *   tasks: {
 *     vmm0: [bind('dev0'), submit('dev0'), stop('dev0'), unbind('dev0', { flags: releaseFlushed }), exit()],
 *     other0: { process: 'other', script: [bind('dev0'), submit('dev0')] },
 *   },
 */
import type { SvmForm, SvmProtocol } from '../../../machines/sva/bond/forms.ts'
import type { As } from '../chosen.ts'
import type { OfProcess } from '../../scripts/described.ts'

/** What a device does when it is told to stop using a PASID. `silent`: nobody knows how to tell it. */
export type StopAnswer = 'flushed' | 'clean' | 'silent'

/** How a device is bound to an address space. */
export type Svm = SvmProtocol | SvmChoice

export interface SvmChoice {
  readonly protocol: SvmProtocol
  /** Default `posted`; `rfc29-fixed` has one form only. */
  readonly as?: As
  /** Changes the protocol, in whichever form. */
  readonly but?: Partial<SvmForm>
  /** How many PASIDs there are, from 1 on (default 2). */
  readonly pasids?: number
  /** Entries that the page request queue has room for (default 4). */
  readonly queue?: number
  /** Default `flushed`. */
  readonly device?: StopAnswer
  /** How many invalidations fail before one works (default 0). */
  readonly failures?: number
  /** Whether system and devices support shared virtual memory (default true): the flag in VFIO_DEVICE_GET_INFO. */
  readonly supported?: boolean
}

export interface SvmDevice {
  /** Its IOMMU group (default: one of its own). */
  readonly group?: string
  /** Whether its group is in the container when the story begins (default true). */
  readonly attached?: boolean
  /** Which processes have a descriptor of it (default: all of them). */
  readonly openBy?: readonly string[]
}

/** What an ioctl is given, and what befalls it. */
interface Ioctl {
  /** Bytes of the structure that are filled in. */
  readonly argsz?: number
  readonly flags?: number
  /** The structure cannot be read (`in`) or written back (`out`). */
  readonly fault?: 'in' | 'out'
}

export interface BindCall extends OfProcess, Ioctl {
  readonly do: 'bind'
  readonly device: string
  readonly nomem?: boolean
}

export interface UnbindCall extends OfProcess, Ioctl {
  readonly do: 'unbind'
  readonly device: string
  readonly pasid?: number
}

export interface SubmitCall extends OfProcess {
  readonly do: 'submit'
  readonly device: string
  readonly pages?: 1 | 2
  readonly kernel?: boolean
}

export interface SvmDeviceCall extends OfProcess {
  readonly do: 'stop' | 'closeDevice' | 'info'
  readonly device: string
}

export interface SvmGroupCall extends OfProcess {
  readonly do: 'attach' | 'detach'
  readonly group: string
}

export interface SvmProcessCall extends OfProcess {
  readonly do: 'exit' | 'exec' | 'vfree'
}

/** One call in a script. Made by the functions below; what is wrong with it is told when the system is built. */
export type SvmCall = BindCall | UnbindCall | SubmitCall | SvmDeviceCall | SvmGroupCall | SvmProcessCall

/** VFIO_SVM_PASID_RELEASE_FLUSHED and VFIO_SVM_PASID_RELEASE_CLEAN. */
export const releaseFlushed = 1
export const releaseClean = 2

/** VFIO_DEVICE_BIND_TASK. Returns 0 and the `pasid`, or an errno. `nomem`: the allocation of what tracks it fails. */
export const bind = (device: string, args: Ioctl & { readonly nomem?: boolean } = {}): SvmCall => ({
  ...args,
  ...{ do: 'bind', device },
})

/** VFIO_DEVICE_UNBIND_TASK, of the PASID that this process was given for the device unless told otherwise. */
export const unbind = (device: string, args: Ioctl & { readonly pasid?: number } = {}): SvmCall => ({
  ...args,
  ...{ do: 'unbind', device },
})

/** Gives the device work to do with the PASID that this process has: it will touch a page, or two that are asked for together. */
export const submit = (device: string, args: { readonly pages?: 1 | 2 } = {}): SvmCall => ({
  ...args,
  ...{ do: 'submit', device },
})

/** The same, but what it will try to touch is an address of the kernel's. */
export const submitKernel = (device: string): SvmCall => ({ do: 'submit', device, kernel: true })

/** The device's own way to stop using the PASID that this process has. Returns `flushed`, `clean`, or `unknown`. */
export const stop = (device: string): SvmCall => ({ do: 'stop', device })

/** VFIO_DEVICE_GET_INFO: whether the flags say that system and device support shared virtual memory. */
export const deviceInfo = (device: string): SvmCall => ({ do: 'info', device })

/** The process ends: its address space first, then its descriptors. */
export const exit = (): SvmCall => ({ do: 'exit' })

/** exec: another address space in the same process. Descriptors stay. */
export const exec = (): SvmCall => ({ do: 'exec' })

/** VFIO_GROUP_SET_CONTAINER, with which binds are replayed for the devices of the group (`container`). */
export const attach = (group: string): SvmCall => ({ do: 'attach', group })

/** The kernel frees a page of its own page tables. */
export const vfree = (): SvmCall => ({ do: 'vfree' })
