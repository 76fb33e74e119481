/**
 * How a device makes itself known to its IOMMU backend while it is open: `v13` and `v4.10` (up to 5.19) by a notifier
 * that the vendor driver registers; `v6.0` by vfio_device_container_register, which puts it on the device list;
 * `iommufd` by an access object.
 */
export type DeviceEra = 'v13' | 'v4.10' | 'v6.0' | 'iommufd'

export interface DeviceInput {
  readonly task: string
  readonly device: string
  readonly era: DeviceEra
}
