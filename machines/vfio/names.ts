/**
 * How the actors around containers, groups and devices are called. Who is met is often known only on the way, so ids are
 * made of names.
 */

/** A procedure as a task runs it, on an object. */
export const callOf = (task: string, object: string, procedure: string): string => `${task}.${object}.${procedure}`

/** container->group_lock. */
export const containerLock = (container: string): string => `${container}.group_lock`
/** group->group_rwsem. */
export const groupLock = (group: string): string => `${group}.group_rwsem`
/** The IOMMU group behind a VFIO group. */
export const iommuGroup = (group: string): string => `${group}.iommu`
/** The lock of a struct device: held while a driver is bound or unbound. */
export const deviceLock = (device: string): string => `${device}.device_lock`
/** dev_set->lock: devices that are reset together. */
export const setLock = (set: string): string => `${set}.dev_set`
/** vdev->igate of vfio-pci: what interrupts and requests are signalled through. */
export const igateOf = (device: string): string => `${device}.igate`
/** vfio.group_lock: which groups there are. */
export const allGroupsLock = 'vfio.group_lock'
/** vfio.iommu_drivers_lock. */
export const driversLock = 'iommu_drivers_lock'
