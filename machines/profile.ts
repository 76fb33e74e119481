/**
 * A profile is all traits (traits.ts) of one kernel, as history.ts has them. The kernels are
 * 6.1.192, 6.12.117 and 7.2.12, which were recorded, and 4.10, 5.10 and 5.15, which are known from their sources; and 6.12 and 7.2 as
 * they are with iommufd built in: beside VFIO's own container (`iommufd-native-…`), or with a /dev/vfio/vfio that iommufd provides. Of the latter
 * `iommufd-type1` and `iommufd-type1v2` are 7.2; which of the two it behaves as is what the program asks for with SET_IOMMU. `iommufd-6.12` is
 * the same of 6.12.
 */
import { kernels, traitsOf, type Kernel } from './history.ts'
import type { Traits } from './traits.ts'

export interface Profile extends Traits {
  readonly name: ProfileName
}

export const profileNames = [
  ...kernels,
  ...(['iommufd-type1', 'iommufd-type1v2', 'iommufd-6.12', 'iommufd-native-6.12', 'iommufd-native-7.2'] as const),
] as const
export type ProfileName = (typeof profileNames)[number]

const ofKernels = Object.fromEntries(kernels.map((name) => [name, { ...traitsOf(name), name }])) as Readonly<
  Record<Kernel, Profile>
>

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  ...ofKernels,
  'iommufd-type1': { ...traitsOf('7.2'), iommufd: 'instead', name: 'iommufd-type1' },
  'iommufd-type1v2': { ...traitsOf('7.2'), iommufd: 'instead', name: 'iommufd-type1v2' },
  'iommufd-6.12': { ...traitsOf('6.12'), iommufd: 'instead', name: 'iommufd-6.12' },
  'iommufd-native-6.12': { ...traitsOf('6.12'), iommufd: 'beside', name: 'iommufd-native-6.12' },
  'iommufd-native-7.2': { ...traitsOf('7.2'), iommufd: 'beside', name: 'iommufd-native-7.2' },
}
