/** What stories on a small Linux say: the same calls to get there, the same names, the same claims. */
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { Result } from '../../machines/kernel/tasks/task.ts'

export const page = 0x1000

/** The group of a device, opened as `fd`, in container `c0`. */
export const groupIn = (dev: string, fd = 'g0'): readonly Op[] => [
  { op: 'open_group', dev, as: fd },
  { op: 'group_set_container', fd, container: 'c0' },
]

/** A container `c0` with the group `g0` of a device in it, and type1 v2 behind it. */
export const containerWith = (dev: string): readonly Op[] => [
  { op: 'open_container', as: 'c0' },
  ...groupIn(dev),
  { op: 'set_iommu', fd: 'c0', type: 3 },
]

/** A buffer `b0`; each of its pages is the process's own. */
export const buffer = (pages: number): readonly Op[] => [
  { op: 'mmap', as: 'b0', len: pages * page },
  { op: 'fill', vaddr: 'b0', len: pages * page, val: 1 },
]

/** The nth page of the buffer, at the nth page after the first. */
export const map = (nth: number, more: Partial<Op> = {}): Op => ({
  ...{ op: 'map_dma', fd: 'c0', iova: (nth + 1) * page, size: page, vaddr: `b0+${nth * page}`, flags: 3 },
  ...more,
})

/** So many pages from the nth on. */
export const unmap = (nth: number, pages = 1, more: Partial<Op> = {}): Op => ({
  ...{ op: 'unmap_dma', fd: 'c0', iova: (nth + 1) * page, size: pages * page },
  ...more,
})

/** Another thread of the first process. */
export const thread = (as = 't1'): Op => ({ op: 'thread', as })

/** Opens an emulated device, whose driver will pin pages when it is told to. */
export const emulated = (dev: string, group: string, fd: string): Op => ({
  op: 'get_device_fd',
  fd: group,
  dev,
  as: fd,
})

/** The driver of an emulated device pins the first page. */
export const pin = (fd = 'd0'): Op => ({ op: 'emu_pin', fd, iova: page, npage: 1, prot: 3 })

/** One page less than nothing may be locked from now on. */
export const mayLock = (pages: number): readonly Op[] => [
  { op: 'rlimit_memlock', val: pages * page },
  { op: 'drop_ipc_lock' },
]

export const succeeded = (result: Result | undefined): boolean => typeof result?.ret === 'number'
export const failedWith = (result: Result | undefined, errno: string): boolean => result?.ret === `-${errno}`

/** What an unmap says it unmapped, in bytes; undefined before it is back or when it failed. */
export const sizeOf = (result: Result | undefined): number | undefined =>
  succeeded(result) ? Number(result!['size']) : undefined

/** Pages that are mapped in a container. */
export const mappedPages = (w: LinuxView, container = 'container0'): number =>
  w.system.mappings(container).reduce((sum, { size }) => sum + Number(size) / page, 0)

export const everybodyComesThrough = sometimes<LinuxView>('every call comes back', (w) => w.finished)

/** `threads` unmapped, or tried to, what was mapped once. */
export const reportsWhatWasMapped = (pages: number, ...threads: readonly string[]) =>
  always<LinuxView>(
    'together the unmaps report no more than was mapped',
    (w) => threads.reduce((sum, each) => sum + (sizeOf(w.result(each, 'unmap_dma')) ?? 0), 0) <= pages * page,
    { finding: 'wrong-result' },
  )
