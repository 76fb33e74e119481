/** What the actors of this family are called. */
import { callName } from '../names.ts'
import type { SvmProtocol } from '../../../machines/sva/bond/forms.ts'

/** The kernel thread that handles the page request queue, and the one that does what is put on the system's workqueue. */
export const faultThread = 'prq.thread'
export const kworkerThread = 'kworker'

export const ids = {
  translation: 'iommu',
  queue: 'prq',
  pasid: (pasid: number): string => `pasid${pasid}`,
  /** The IOMMU core's lock, which is not iommu->lock, and the bonds under it. */
  coreLock: 'core.lock',
  bonds: 'iommu.bonds',
  mms: 'mm',
  /** The kernel's page tables as the IOMMU walks them, and the slab of their pages. */
  walks: 'iommu.walks',
  pageTables: 'ptpage',
  /** Slabs. */
  tasks: (protocol: SvmProtocol): string => (protocol === 'sva-domain' ? 'sva_bond' : 'vfio_task'),
  vfioMms: 'vfio_mm',
  handles: 'iommu_sva',
  domains: 'sva_domain',
  iommuMms: 'iommu_mm',
  params: 'iommu_fault_param',
  faults: 'iopf_fault',
  groups: 'iopf_group',
  container: {
    file: 'container.file',
    lock: 'container.lock',
    /** Held by whoever changes what is attached or bound, in the form that lets go of iommu->lock meanwhile. */
    changes: 'container.changes',
    list: 'container.mm_list',
    attached: 'container.devices',
  },
  gate: 'mm_exit',
  events: 'events',
  device: (device: string) => ({
    hardware: device,
    engine: `${device}.engine`,
    file: `${device}.file`,
    lock: `${device}.tasks_lock`,
    list: `${device}.tasks`,
    param: `${device}.fault_param`,
    paramLock: `${device}.fault_lock`,
  }),
} as const

/** The calls of a task. */
export const calls = (task: string, protocol: SvmProtocol) => {
  const named = (name: string): string => callName(task, name)
  return {
    exit: named('exit'),
    exec: named('exec'),
    vfree: named('vfree'),
    mmput: named('mmput'),
    mmputAsync: named('mmput_async'),
    mmdrop: named('mmdrop'),
    /** The mmu notifier's release. */
    release: named('mm_release'),
    allocPasid: named('alloc_pasid'),
    /** Of the IOMMU core. */
    bind: named('iommu_bind'),
    unbind: named('iommu_unbind'),
    /** What the queue's thread does with an entry. */
    handle: named('handle'),
    container: named('container'),
    /** The container's handler of the end of an address space, told from within another of its calls. */
    mmExit: named('container.mm_exit'),
    closeContainer: named('container.close'),
    device: (device: string) => ({
      touch: named(`${device}.touch`),
      walk: named(`${device}.walk`),
      marker: named(`${device}.marker`),
      /** The device's own way to stop, told by the kernel and by a user. */
      stop: named(`${device}.invalidate_pasid`),
      userStop: named(`${device}.stop`),
      submit: named(`${device}.submit`),
      protocol: named(`${device}.${protocol}`),
      close: named(`${device}.close`),
      info: named(`${device}.info`),
    }),
  }
}
