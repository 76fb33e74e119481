/**
 * By which name VFIO_GROUP_GET_DEVICE_FD finds a device. A PCI function goes by its address, after which options may
 * follow; every other device by exactly its name.
 *
 * Source: Linux 6.1 vfio_device_get_from_name, vfio_pci_core_match. Left out: virtual functions and their tokens; a
 * token for another device is an error.
 */
export interface NamedDevice {
  readonly id: string
  readonly name: string
  readonly emulated: boolean
}

/** strndup_user takes a page at most, with the terminating zero. */
const longest = 4095

/** The first device that goes by this name, or why there is none. */
export function deviceNamed<Device extends NamedDevice>(
  devices: readonly Device[],
  name: string,
): { readonly device: Device | null; readonly ret: string | 0 } {
  if (name.length > longest) return { device: null, ret: '-EINVAL' }
  const device = devices.find((each) => (each.emulated ? name === each.name : isAddressOf(each, name)))
  if (device === undefined) return { device: null, ret: '-ENODEV' }
  const hasOptions = !device.emulated && name.slice(device.name.length).trim() !== ''
  return hasOptions ? { device: null, ret: '-EINVAL' } : { device, ret: 0 }
}

/** The address alone, or followed by a space. */
const isAddressOf = ({ name: address }: NamedDevice, name: string): boolean =>
  name === address || name.startsWith(`${address} `)
