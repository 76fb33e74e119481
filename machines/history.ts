/**
 * When each trait changed, and to what. Traits decide, not versions: a stable kernel may have a later change early, as 6.1.192 and 6.12.117
 * have. So a change stands beside the first kernel here that has it, and says besides in which version, or by which commit, it came
 * into Linux; or between which two kernels, where only recordings tell.
 */
import type { Traits } from './traits.ts'

/** Oldest first. */
export const kernels = ['4.10', '5.10', '5.15', '6.1', '6.12', '7.2'] as const
export type Kernel = (typeof kernels)[number]

interface Change<T> {
  /** The first kernel that has it. */
  readonly from: Kernel
  /** A version or commit of Linux, or `between X and Y`. */
  readonly since: string
  readonly is: T
}

/** What it was in the oldest kernel, and what it became. */
interface Course<T> {
  readonly first: T
  readonly later: readonly Change<T>[]
}

export type History = { readonly [Name in keyof Traits]: Course<Traits[Name]> }

const always = <T>(first: T): Course<T> => ({ first, later: [] })

const once = <T>(first: T, from: Kernel, since: string, is: NoInfer<T>): Course<T> => ({
  first,
  later: [{ from, since, is }],
})

export const history: History = {
  readPinsCopy: once<boolean>(false, '6.12', '6.2', true),

  groups: once<Traits['groups']>('counted', '6.1', '5.19', 'locked'),
  tracksUnbinding: always(true),
  notAContainer: once<Traits['notAContainer']>('-EINVAL', '6.12', '6.2', '-EBADFD'),
  notifiesContainerClose: {
    first: false,
    later: [
      { from: '5.15', since: '5.12', is: true },
      { from: '6.1', since: '6.3, and stable kernels before', is: false },
    ],
  },
  holdsGroupLock: always(false),
  opensUnbinding: once<boolean>(true, '6.12', 'between 6.1 and 6.12', false),
  barsGroup: always(true),
  closesUnbound: always(false),

  hotResetNeedsGroups: once<boolean>(false, '6.12', 'between 6.1 and 6.12', true),
  addsMsixVectors: once<boolean>(false, '6.12', 'between 6.1 and 6.12', true),
  tellsResets: once<boolean>(false, '7.2', 'between 6.12 and 7.2', true),

  writeOnlyIsReadable: once<boolean>(true, '7.2', 'between 6.12 and 7.2', false),
  faultsNameDomain: once<boolean>(false, '7.2', 'between 6.12 and 7.2', true),
  beyondAperture: once<Traits['beyondAperture']>('-EFAULT', '7.2', 'between 6.12 and 7.2', '-ERANGE'),

  owner: {
    first: 'thread',
    later: [
      { from: '5.10', since: '4.18', is: 'process' },
      { from: '6.1', since: '6.3, and stable kernels before', is: 'memory' },
    ],
  },
  accounting: once<Traits['accounting']>('deferred', '5.10', '4.12', 'at once'),
  unmap: once<Traits['unmap']>('restart', '6.1', '8cfc5b60751b (6.0)', 'device-list'),
  mapFlags: once(0b011, '5.15', '5.12', 0b111),
  unmapFlags: {
    first: 0,
    later: [
      { from: '5.10', since: '5.8', is: 0b001 },
      { from: '5.15', since: '5.12', is: 0b111 },
    ],
  },
  tracksDirtyPages: once<boolean>(false, '5.10', '5.8', true),
  capabilities: once<Traits['capabilities']>([], '5.10', '5.4, 5.8 and 5.10', ['migration', 'avail', 'ranges']),
  alignsCapabilities: once<boolean>(false, '6.12', '6.6', true),
  limitsEntries: once<boolean>(false, '5.10', '5.1', true),
  checksWindows: once<boolean>(false, '5.10', '5.4', true),
  looksAtRangeFirst: once<boolean>(false, '7.2', '6.19', true),
  beyondAddressSpace: once<Traits['beyondAddressSpace']>('-EINVAL', '7.2', '6.19', '-EOVERFLOW'),
  reachesLastPage: once<boolean>(false, '7.2', '6.19', true),
  movesOwner: once<boolean>(false, '6.1', '6.3, and stable kernels before', true),
  invalidVaddr: once<Traits['invalidVaddr']>('waits', '6.1', '6.3, and stable kernels before', 'refuses'),
  knowsNesting: once<boolean>(true, '7.2', 'between 6.12 and 7.2', false),

  iommufd: always<Traits['iommufd']>('absent'),
  emptyUnmap: once<Traits['emptyUnmap']>('-ENOENT', '6.12', '6.18, and 6.12.117 before', 0),
  iommufdObjects: once<Traits['iommufdObjects']>('rwsem', '6.12', '6f9c4d8c468c (6.7)', 'counted'),
  exportsBars: once<boolean>(false, '7.2', 'between 6.12 and 7.2', true),
  lastIoctl: once<Traits['lastIoctl']>(0x8e, '7.2', 'between 6.12 and 7.2', 0x94),
  takesTokens: once<boolean>(false, '7.2', 'between 6.12 and 7.2', true),
  looksAtLengthFirst: once<boolean>(true, '7.2', 'between 6.12 and 7.2', false),
  refusesFaultQueue: once<boolean>(true, '7.2', 'between 6.12 and 7.2', false),
  invalidatesAny: once<boolean>(false, '7.2', 'between 6.12 and 7.2', true),
  hardwareCapabilities: once<Traits['hardwareCapabilities']>(0, '7.2', 'between 6.12 and 7.2', 8),
}

/** All traits of a kernel, as far as it had got by then. */
export const traitsOf = (kernel: Kernel): Traits =>
  Object.fromEntries(
    Object.entries(history).map(([name, { first, later }]: readonly [string, Course<unknown>]) => [
      name,
      later.findLast(({ from }) => kernels.indexOf(from) <= kernels.indexOf(kernel))?.is ?? first,
    ]),
  ) as unknown as Traits
