/**
 * Processes and their threads, and system calls as they make them, in the words of a case file (docs/CONFORMANCE.md).
 *
 *   linux({
 *     systemCalls: '6.1',
 *     before: [{ op: 'open_container', as: 'c0' }, …, { op: 'thread', as: 't1' }],
 *     tasks: { p0: [{ op: 'unmap_dma', fd: 'c0', … }], t1: [{ op: 'unmap_dma', fd: 'c0', … }] },
 *   })
 */
import type { Iommu } from '../iommu.ts'
import type { Profile, ProfileName } from '../../../machines/profile.ts'

/** The kernel that answers. */
export type SystemCalls = ProfileName | SystemCallsForm

export interface SystemCallsForm {
  readonly profile: ProfileName
  /** Changes the kernel: a fix taken back, or one put in early. */
  readonly but?: Partial<Profile>
  /** Another IOMMU than the one that was recorded: what comes of it is not recorded. */
  readonly iommu?: Iommu
}

export const kernelOf = (given: SystemCalls): SystemCallsForm =>
  typeof given === 'string' ? { profile: given } : given
