/** What each family of built-in scenarios is about, in the order in which they are listed. */
import type { Scenario } from './unmap/scenario.ts'

export const families: Readonly<Record<string, string>> = {
  unmap: 'VFIO_IOMMU_UNMAP_DMA while drivers have pins',
  drivers: 'drivers that unpin too little, or not at all',
  register: 'drivers that begin to listen for unmaps, or stop',
  lifecycle: 'containers, groups and devices, as system calls',
  iommufd: 'objects of iommufd and files of devices',
  'device-memory': "a device's memory mapped for another one's DMA",
  'shared-virtual-memory': "devices on a process's own page tables",
  'own-races': 'races from public reports, in relock/kernel',
}

/** `all` is one, too. */
export const isFamily = (name: string): boolean => name === 'all' || Object.hasOwn(families, name)

/** The stories of a family, with the mutants behind each; undefined: there is no such family. */
export const storiesOf = (family: string, scenarios: readonly Scenario[]): readonly Scenario[] | undefined =>
  isFamily(family) ? scenarios.filter((each) => family === 'all' || each.family === family) : undefined
