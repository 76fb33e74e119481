/** Which kernel answers, and what of it is changed (`but`): the traits of machines/profile.ts, told again for whoever has no compiler. */
import { profileNames, type Profile } from '../../../machines/profile.ts'
import type { SystemCalls, SystemCallsForm } from './describe.ts'
import { iommuShape } from '../iommu.ts'
import type { Capability } from '../../../machines/traits.ts'
import {
  either,
  flag,
  listOf,
  oneOf,
  optional,
  partOf,
  record,
  whole,
  type FieldsOf,
  type Shape,
} from '../../../shapes/shape.ts'

const bits = whole(0, 0b111)

const profileFields: FieldsOf<Profile> = {
  name: oneOf(profileNames),
  readPinsCopy: flag,
  groups: oneOf(['counted', 'locked']),
  tracksUnbinding: flag,
  notAContainer: oneOf(['-EINVAL', '-EBADFD']),
  notifiesContainerClose: flag,
  holdsGroupLock: flag,
  opensUnbinding: flag,
  barsGroup: flag,
  closesUnbound: flag,
  hotResetNeedsGroups: flag,
  addsMsixVectors: flag,
  tellsResets: flag,
  writeOnlyIsReadable: flag,
  faultsNameDomain: flag,
  beyondAperture: oneOf(['-EFAULT', '-ERANGE']),
  owner: oneOf(['thread', 'process', 'memory']),
  accounting: oneOf(['deferred', 'at once']),
  unmap: oneOf(['restart', 'device-list']),
  mapFlags: bits,
  unmapFlags: bits,
  tracksDirtyPages: flag,
  capabilities: listOf<Capability>('a list of capabilities', oneOf(['migration', 'avail', 'ranges'])),
  alignsCapabilities: flag,
  limitsEntries: flag,
  checksWindows: flag,
  looksAtRangeFirst: flag,
  beyondAddressSpace: oneOf(['-EINVAL', '-EOVERFLOW']),
  reachesLastPage: flag,
  movesOwner: flag,
  invalidVaddr: oneOf(['refuses', 'waits']),
  knowsNesting: flag,
  iommufd: oneOf(['absent', 'beside', 'instead']),
  emptyUnmap: oneOf([0, '-ENOENT']),
  iommufdObjects: oneOf(['rwsem', 'counted']),
  exportsBars: flag,
  lastIoctl: oneOf([0x8e, 0x94]),
  takesTokens: flag,
  looksAtLengthFirst: flag,
  refusesFaultQueue: flag,
  invalidatesAny: flag,
  hardwareCapabilities: oneOf([0, 8]),
}

export const changedProfile: Shape<Partial<Profile>> = partOf<Profile>(profileFields)

const profile = oneOf(profileNames)
const form = record<SystemCallsForm>({ profile, but: optional(changedProfile), iommu: optional(iommuShape) })

export const systemCallsShape: Shape<SystemCalls> = either(`${profile.expected}, or ${form.expected}`, (given) =>
  typeof given === 'object' && given !== null ? form : profile,
)
