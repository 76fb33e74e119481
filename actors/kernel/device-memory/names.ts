/** What the actors of this family are called. */
import { callName, common } from '../names.ts'
import type { ProtocolName } from '../../../machines/type1/device-memory/forms.ts'

export const ids = {
  process: (process: string) => ({
    mmapLock: `${process}.mmap_lock`,
    mm: `${process}.mm`,
    ptes: `${process}.ptes`,
  }),
  container: (container: string) => ({
    users: container,
    ...common.container(container),
  }),
  device: (device: string) => ({
    life: device,
    file: `${device}.file`,
    vmaLock: `${device}.vma_lock`,
    vmaList: `${device}.vma_list`,
    memoryLock: `${device}.memory_lock`,
    iMmapRwsem: `${device}.i_mmap_rwsem`,
    inode: `${device}.inode`,
    notifier: `${device}.notifier`,
    /** What guards the chain, if anything: an rwsem or the SRCU. */
    guard: `${device}.notifier.guard`,
    dmaResv: `${device}.dma_resv`,
    dmabuf: `${device}.dmabuf`,
  }),
  /** The lock of a set of devices that are reset together. */
  devSet: (set: string): string => `${set}.dev_set`,
  vmOpsLock: 'vm_ops_lock',
  vmOps: 'vm_ops',
  pfnmaps: 'pfnmaps',
  privates: 'privates',
  hardware: common.hardware,
} as const

/** The calls of a task; what a protocol does is called after it. */
export const calls = (task: string, protocol: ProtocolName) => {
  const named = (name: string): string => callName(task, name)
  return {
    mmap: named('mmap'),
    munmap: common.munmap(task),
    mremap: named('mremap'),
    fork: named('fork'),
    load: named('load'),
    fault: named('fault'),
    dma: named('dma'),
    hotReset: named('hot_reset'),
    unregisterOps: named('unregister_vma_ops'),
    protocol: common.protocol(task, protocol),
    container: (container: string) => ({
      map: named(`${container}.map`),
      unmap: named(`${container}.unmap`),
      close: named(`${container}.close`),
      teardown: named(`${container}.close.${protocol}`),
    }),
    device: (device: string) => ({
      zap: named(`${device}.zap`),
      open: named(`${device}.open`),
      close: common.close(task, device),
      release: named(`${device}.release`),
      setMemory: named(`${device}.set_memory`),
      setPower: named(`${device}.set_power`),
      reset: named(`${device}.reset`),
      export: named(`${device}.export`),
    }),
  }
}
