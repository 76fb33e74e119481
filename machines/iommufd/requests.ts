/**
 * What the ioctls of an iommufd file ask for: the checks of each in the kernel's order, which IOAS it is about, and which
 * procedures of that IOAS do it. Pure.
 *
 * Those of a container (vfio_compat.c) are about the one IOAS that stands for it, and -ENODEV without one; those of iommufd
 * itself name theirs, and are -ENOENT if there is none of that number.
 *
 * Source: drivers/iommu/iommufd/vfio_compat.c, ioas.c (7.x). A container's MAP needs neither READ nor WRITE; its UNMAP
 * knows no flag but ALL; nothing tells what is dirty (VFIO_IOMMU_DIRTY_PAGES does not exist).
 * What is dirty: iopt_read_and_clear_dirty_data, iopt_set_dirty_tracking (6.7 to 7.x): nobody is told what goes wrong while the bits are read.
 * Left out: VFIO_NOIOMMU_IOMMU, which kernels are built without unless somebody wants it; virtual IOMMUs.
 */
import type { Check } from '../kernel/checks.ts'
import type { Passed } from '../kernel/passed.ts'
import { noAbilities, type Abilities } from './abilities.ts'
import { addressSpace, pageSize } from './ioas/area-list.ts'
import { leastInfo, type Span } from './ioas/iova-space.ts'
import type { Profile } from '../profile.ts'

/** Numbers of 64 bits are bigints. */
export interface RequestArgs extends Passed {
  readonly flags: number
  readonly iova: bigint
  readonly size: bigint
  readonly vaddr: bigint
  /** Of SET_IOMMU. */
  readonly arg: bigint
  readonly ext: bigint
  readonly ioas: number
  readonly do: string
  readonly val: bigint
  readonly option: number
  readonly reserved: number
  readonly num?: number
  /** A pointer to nowhere. */
  readonly data?: string
  /** `0x1000-0x1fff,0x4000-0x4fff` */
  readonly ranges: string
  readonly hwpt: number
  readonly pgsize: bigint
  readonly entry_len: number
  readonly entry_num: number
  readonly null?: number
  readonly devid: number
  readonly data_len: number
  /** The type of what is wanted. */
  readonly asked: number
  readonly viommu: number
  readonly virt_id: bigint
  readonly depth: number
  /** Whoever asks has CAP_SYS_RESOURCE. */
  readonly may?: boolean
  /** Of the file: who is charged. */
  readonly accounts?: string
  /** The page table that was named, as the IOMMU calls it, and whether what is written to can be tracked in it. */
  readonly table?: string
  readonly tracks?: boolean
  /** Of what is invalidated. */
  readonly addr: bigint
  readonly npages: bigint
  readonly data_type: number
}

/** What kernels differ in. */
export type IoctlTraits = Pick<
  Profile,
  'takesTokens' | 'emptyUnmap' | 'lastIoctl' | 'looksAtLengthFirst' | 'invalidatesAny' | 'hardwareCapabilities'
>

interface Asked {
  readonly ask: string
  readonly fields: Readonly<Record<string, unknown>>
}

interface Step {
  /** As it is called on the IOAS. */
  readonly procedure: string
  readonly args: Readonly<Record<string, unknown>>
}

export interface Request {
  /** Its number, where not all kernels have it. */
  readonly number?: number
  /** Sizes of the structure: what an ioctl of iommufd wants at least, and what the kernel knows of it. */
  readonly sizes?: readonly [least: number, known: number]
  /** What the caller may do matters. */
  readonly rights?: true
  readonly before?: (args: RequestArgs) => readonly Check[]
  /** The answer, when no IOAS is needed for it. */
  readonly answer?: (args: RequestArgs) => number | undefined
  /** What the file itself is asked, when no IOAS is needed for it. */
  readonly asks?: (args: RequestArgs) => Asked | undefined
  /** What comes of its answer: why it fails all the same, or what else is told. */
  readonly concludes?: (args: RequestArgs) => readonly Check[]
  readonly tells?: (args: RequestArgs, can?: Abilities) => Readonly<Record<string, unknown>>
  /** Told in any case, once the structure was read. */
  readonly writes?: Readonly<Record<string, unknown>>
  /** Names the IOAS by its number, or by that of one of its page tables. */
  readonly names?: true | 'page table' | 'nested table'
  /** What it is if there is none of that number, whatever else has it. */
  readonly isNone?: string | undefined
  /** Checked once the IOAS is found. */
  readonly after?: (args: RequestArgs) => readonly Check[]
  /** One after the other, until one fails. What the last returned is the result. */
  readonly steps?: (args: RequestArgs) => readonly Step[]
  /** Of what was returned with an error, only the error is told. */
  readonly tellsNoMore?: true
}

const flag = { read: 1, write: 2, unmapAll: 2 }
const ioasFlag = { fixedIova: 1, write: 2, read: 4 }
const type = { type1: 1n, type1v2: 3n, cacheCoherency: 4n, unmapAll: 9n }
/** sizeof of what is copied from the caller. */
const sizes = { map: 32, unmap: 24 }
const most = addressSpace - 1n

const hasUnknown = (flags: number, ...known: readonly number[]): boolean =>
  (flags & ~known.reduce((a, b) => a | b, 0)) !== 0

/** iopt_alloc_user_pages: of the memory, before anything is known of where it shall be mapped. */
const memory =
  (lengthFirst: boolean) =>
  ({ vaddr, size }: RequestArgs): readonly Check[] => {
    const length: Check = [size === 0n || size > most - pageSize, '-EINVAL']
    const wraps: Check = [vaddr + size > most, '-EOVERFLOW']
    return lengthFirst ? [length, wraps] : [wraps, length]
  }

const noneReserved = ({ reserved }: RequestArgs): Check => [reserved !== 0, '-EOPNOTSUPP']

/** `0x1000-0x1fff,0x4000-0x4fff` */
const spansIn = (text: string): readonly Span[] =>
  text
    .split(',')
    .filter((each) => each.trim() !== '')
    .map((each) => {
      const [first, last = '0'] = each.split('-')
      return [BigInt(first!.trim()), BigInt(last.trim())]
    })

/** What struct iommu_hw_info_vtd holds on this machine, and how much of it. */
const hardware = '010000000000000086062f228c00d200'
const extendedCapabilities = 0xf00f4an
const hardwareSize = 24
/** As much of a buffer as is reported. */
const mostReported = 48

/** Their bits of the register: the VT-d specification, 11.4.3. */
const extended: Readonly<Record<keyof Abilities, bigint>> = {
  nesting: 1n << 26n,
  pageRequests: 1n << 29n,
  dirtyTracking: 1n << 45n,
  pasids: 1n << 40n,
}

/** As a register lies in memory. */
const inMemory = (register: bigint): string =>
  Array.from({ length: 8 }, (_, byte) =>
    Number((register >> BigInt(8 * byte)) & 0xffn)
      .toString(16)
      .padStart(2, '0'),
  ).join('')

const hardwareOf = (can: Abilities): string => {
  const able = Object.entries(extended).filter(([ability]) => can[ability as keyof Abilities])
  return hardware + inMemory(able.reduce((register, [, bit]) => register | bit, extendedCapabilities))
}

/** How wide PASIDs are. */
export const pasidBits = 20

/** Of out_capabilities. */
const dirtyTracking = 1

const hardwareInfo = (
  caps: number,
  { data_len }: RequestArgs,
  can: Abilities = noAbilities,
): Readonly<Record<string, unknown>> => {
  const letters = 2 * Math.min(data_len, mostReported)
  return {
    ...{
      data_len: hardwareSize,
      out_data_type: 1,
      pasid_log2: can.pasids ? pasidBits : 0,
      caps: BigInt(caps | (can.dirtyTracking ? dirtyTracking : 0)),
    },
    data: hardwareOf(can).padEnd(letters, '0').slice(0, letters),
  }
}

/** What of a nested table is invalidated: the type, and its size. */
const [firstStage, invalidation] = [0, 24]

const tracking = 1
const noClear = 1

const unmapAll: Step = { procedure: 'unmap', args: { iova: 0n, size: addressSpace, mayBeEmpty: true } }

/** Where areas are cut so that a request covers whole ones only: behind its end, and before its beginning. */
const ends = ({ iova, size }: RequestArgs): readonly bigint[] =>
  [iova + size - 1n, ...(iova === 0n ? [] : [iova - 1n])].map((last) => BigInt.asUintN(64, last))

const ofContainer = ({ emptyUnmap, looksAtLengthFirst }: IoctlTraits) =>
  ({
    get_api_version: { answer: () => 0 },
    check_extension: {
      answer: ({ ext }) => {
        if (ext === type.type1 || ext === type.type1v2 || ext === type.unmapAll) return 1
        return ext === type.cacheCoherency ? undefined : 0
      },
      steps: () => [{ procedure: 'cache_coherency', args: {} }],
    },
    set_iommu: {
      before: ({ arg }) => [[arg !== type.type1 && arg !== type.type1v2, '-EINVAL']],
      steps: ({ arg }) => (arg === type.type1 ? [{ procedure: 'set_large_pages', args: { allowed: false } }] : []),
    },
    iommu_get_info: {
      before: ({ argsz }) => [[argsz < leastInfo, '-EINVAL']],
      steps: ({ argsz }) => [{ procedure: 'info', args: { argsz } }],
    },
    map_dma: {
      before: ({ argsz, flags }) => [[argsz < sizes.map || hasUnknown(flags, flag.read, flag.write), '-EINVAL']],
      after: memory(looksAtLengthFirst),
      steps: ({ iova, size, vaddr, flags, accounts }) => [
        { procedure: 'map', args: { iova, size, vaddr, prot: flags, accounts } },
      ],
    },
    unmap_dma: {
      before: ({ argsz, flags }) => [[argsz < sizes.unmap || hasUnknown(flags, flag.unmapAll), '-EINVAL']],
      after: ({ flags, iova, size }) => [[flags === flag.unmapAll && (iova !== 0n || size !== 0n), '-EINVAL']],
      steps: (args) => {
        const { flags, iova, size } = args
        if (flags === flag.unmapAll) return [unmapAll]
        return [
          { procedure: 'cut', args: { lasts: ends(args) } },
          { procedure: 'unmap', args: { iova, size, mayBeEmpty: emptyUnmap === 0 } },
        ]
      },
    },
  }) satisfies Readonly<Record<string, Request>>

/** What a device may do with what is mapped. */
export const protOf = (flags: number): number =>
  (flags & ioasFlag.read ? flag.read : 0) | (flags & ioasFlag.write ? flag.write : 0)

/** Checks that all ways of mapping begin with. */
export const mapChecks = ({ flags, iova, size }: Pick<RequestArgs, 'flags' | 'iova' | 'size'>): readonly Check[] => [
  [hasUnknown(flags, ioasFlag.fixedIova, ioasFlag.write, ioasFlag.read), '-EOPNOTSUPP'],
  [iova >= most || size >= most, '-EOVERFLOW'],
  [(flags & (ioasFlag.write | ioasFlag.read)) === 0, '-EINVAL'],
]

export const isAnywhere = (flags: number): boolean => (flags & ioasFlag.fixedIova) === 0

const option = { rlimitMode: 0, hugePages: 1 }

/** iommufd_check_iova_range */
const dirtyRange = ({ iova, size, pgsize }: RequestArgs): readonly Check[] => [
  [iova + size > addressSpace, '-EOVERFLOW'],
  [iova % pageSize !== 0n || size % pageSize !== 0n, '-EINVAL'],
  [pgsize === 0n, '-EINVAL'],
  [() => (iova & (pgsize - 1n)) !== 0n || ((iova + size) & (pgsize - 1n)) !== 0n, '-EINVAL'],
]

const ofIommufd = ({ looksAtLengthFirst, invalidatesAny, hardwareCapabilities, takesTokens }: IoctlTraits) =>
  ({
    ioas_alloc: {
      sizes: [12, 12],
      before: ({ flags }) => [[flags !== 0, '-EOPNOTSUPP']],
      asks: () => ({ ask: 'ALLOCATE', fields: {} }),
    },
    vfio_ioas: {
      sizes: [12, 12],
      before: (args) => [[!['get', 'set', 'clear'].includes(args.do), '-EOPNOTSUPP']],
      asks: (args) => {
        if (args.do === 'get') return { ask: 'GET_COMPAT', fields: {} }
        return args.do === 'set'
          ? { ask: 'SET_COMPAT', fields: { ioas: args.ioas } }
          : { ask: 'CLEAR_COMPAT', fields: {} }
      },
    },
    ioas_map: {
      sizes: [40, 40],
      before: (args) => [noneReserved(args), ...mapChecks(args)],
      names: true,
      after: memory(looksAtLengthFirst),
      steps: ({ iova, size, vaddr, flags, accounts }) => [
        { procedure: 'map', args: { iova, size, vaddr, prot: protOf(flags), anywhere: isAnywhere(flags), accounts } },
      ],
    },
    ioas_unmap: {
      sizes: [24, 24],
      names: true,
      after: ({ iova, size }) => [[size !== most && (iova >= most || size >= most), '-EOVERFLOW']],
      steps: ({ iova, size }) =>
        iova === 0n && size === most ? [unmapAll] : [{ procedure: 'unmap', args: { iova, size, mayBeEmpty: false } }],
      tellsNoMore: true,
    },
    ioas_iova_ranges: {
      sizes: [32, 32],
      before: (args) => [noneReserved(args)],
      names: true,
      steps: ({ num, data }) => [{ procedure: 'ranges', args: { num: num!, readable: data === undefined } }],
    },
    ioas_allow_iovas: {
      sizes: [24, 24],
      before: (args) => [noneReserved(args)],
      names: true,
      after: ({ data, num, ranges }) => [[data === 'bad' && (num ?? spansIn(ranges).length) > 0, '-EFAULT']],
      steps: ({ ranges, num }) => [{ procedure: 'allow', args: { ranges: spansIn(ranges).slice(0, num ?? Infinity) } }],
    },
    iommufd_option: {
      sizes: [24, 24],
      rights: true,
      before: (args) => [
        noneReserved(args),
        [args.option !== option.rlimitMode && args.option !== option.hugePages, '-EOPNOTSUPP'],
        [args.option === option.rlimitMode && args.ioas !== 0, '-EOPNOTSUPP'],
        [args.option === option.rlimitMode && args.do !== 'get' && args.do !== 'set', '-EOPNOTSUPP'],
      ],
      asks: (args) =>
        args.option === option.rlimitMode
          ? { ask: 'RLIMIT_MODE', fields: { do: args.do, val: args.val, may: args.may! } }
          : undefined,
      names: true,
      after: (args) => [
        [args.do !== 'get' && args.do !== 'set', '-EOPNOTSUPP'],
        [args.do === 'set' && args.val !== 0n && args.val !== 1n, '-EINVAL'],
      ],
      steps: (args) =>
        args.do === 'get'
          ? [{ procedure: 'large_pages', args: {} }]
          : [{ procedure: 'set_large_pages', args: { allowed: args.val === 1n } }],
    },
    hwpt_set_dirty: {
      sizes: [16, 16],
      before: (args) => [[hasUnknown(args.flags, tracking), '-EOPNOTSUPP'], noneReserved(args)],
      names: 'page table',
      after: ({ tracks }) => [[!tracks, '-EOPNOTSUPP']],
      steps: ({ table, flags }) => [{ procedure: 'track', args: { table, on: (flags & tracking) !== 0 } }],
    },
    hwpt_get_dirty: {
      sizes: [48, 48],
      before: (args) => [[hasUnknown(args.flags, tracking), '-EOPNOTSUPP'], noneReserved(args)],
      names: 'page table',
      after: (args) => [...dirtyRange(args), [!args.tracks, '-EOPNOTSUPP']],
      steps: ({ table, flags, iova, size, pgsize }) => [
        { procedure: 'dirty', args: { table, iova, size, pgsize, clears: (flags & noClear) === 0 } },
      ],
    },
    hwpt_invalidate: {
      sizes: [32, 32],
      before: (args) => [
        noneReserved(args),
        [
          args.entry_num !== 0 && (args.null !== undefined || args.entry_len === 0 || args.entry_len > pageSize),
          '-EINVAL',
        ],
      ],
      names: 'nested table',
      isNone: invalidatesAny ? undefined : '-ENOENT',
      after: ({ data_type, entry_num, entry_len, addr, npages }) => [
        [data_type !== firstStage, '-EINVAL'],
        [entry_num > 0 && entry_len < invalidation, '-EINVAL'],
        [entry_num > 0 && (addr % pageSize !== 0n || (npages === addressSpace - 1n && addr !== 0n)), '-EINVAL'],
      ],
      steps: ({ table, addr, npages, entry_num }) =>
        entry_num === 0 ? [] : [{ procedure: 'invalidate', args: { table, addr, npages } }],
      writes: { entry_num: 0 },
      tells: ({ entry_num }) => ({ entry_num }),
    },
    get_hw_info: {
      sizes: [32, 40],
      before: (args) => [[hasUnknown(args.flags, 1), '-EOPNOTSUPP'], noneReserved(args)],
      asks: ({ devid }) => ({ ask: 'DEVICE_NUMBERED', fields: { devid } }),
      concludes: ({ asked, data, data_len }) => [
        [asked > 1, '-EOPNOTSUPP'],
        [data === 'bad' && data_len > 0, '-EFAULT'],
      ],
      tells: (args, can = noAbilities) =>
        hardwareInfo(hardwareCapabilities, args, { ...can, pasids: can.pasids && takesTokens }),
    },
    // No driver of an IOMMU here makes a virtual one, so there is none that could have something.
    viommu_alloc: {
      number: 0x90,
      sizes: [24, 40],
      before: (args) => [[args.flags !== 0 || args.asked === 0, '-EOPNOTSUPP']],
      asks: ({ devid }) => ({ ask: 'DEVICE_NUMBERED', fields: { devid } }),
      concludes: () => [[true, '-EOPNOTSUPP']],
    },
    vdevice_alloc: {
      number: 0x91,
      sizes: [24, 24],
      before: ({ virt_id }) => [
        [virt_id >= 1n << 32n, '-EINVAL'],
        [true, '-ENOENT'],
      ],
    },
    veventq_alloc: {
      number: 0x93,
      sizes: [28, 32],
      before: (args) => [
        [args.flags !== 0 || args.asked === 0, '-EOPNOTSUPP'],
        [args.depth === 0, '-EINVAL'],
        [true, '-ENOENT'],
      ],
    },
    hw_queue_alloc: {
      number: 0x94,
      sizes: [40, 40],
      before: (args) => [
        [args.flags !== 0 || args.asked === 0, '-EOPNOTSUPP'],
        [args.size === 0n, '-EINVAL'],
        [args.iova + args.size > addressSpace, '-EOVERFLOW'],
        [true, '-ENOENT'],
      ],
    },
  }) satisfies Readonly<Record<string, Request>>

export type RequestName = keyof ReturnType<typeof ofContainer> | keyof ReturnType<typeof ofIommufd>

const oldest: IoctlTraits = {
  ...{
    emptyUnmap: 0,
    lastIoctl: 0x8e,
    looksAtLengthFirst: true,
    invalidatesAny: false,
    hardwareCapabilities: 0,
    takesTokens: false,
  },
}

/** What only iommufd has, not a container. */
export const ownRequests = Object.keys(ofIommufd(oldest)) as readonly RequestName[]

export const requestNames = [...Object.keys(ofContainer(oldest)), ...ownRequests] as readonly RequestName[]

export const requestCalled = (name: RequestName, traits: IoctlTraits): Request => requestsOf(traits)[name]

/** What is asked at each step is looked up, not made. */
function requestsOf(traits: IoctlTraits): Readonly<Record<RequestName, Request>> {
  const requests = known.get(traits) ?? { ...ofContainer(traits), ...ofIommufd(traits) }
  known.set(traits, requests)
  return requests
}

const known = new WeakMap<IoctlTraits, Readonly<Record<RequestName, Request>>>()
