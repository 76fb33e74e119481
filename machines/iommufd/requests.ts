/**
 * What the ioctls of an iommufd file ask for: the checks of each in the kernel's order, which IOAS it is about, and which
 * procedures of that IOAS do it. Pure.
 *
 * Those of a container (vfio_compat.c) are about the one IOAS that stands for it, and -ENODEV without one; those of iommufd
 * itself name theirs, and are -ENOENT if there is none of that number.
 *
 * Source: drivers/iommu/iommufd/vfio_compat.c, ioas.c (7.x). A container's MAP needs neither READ nor WRITE; its UNMAP
 * knows no flag but ALL; nothing tells what is dirty (VFIO_IOMMU_DIRTY_PAGES does not exist).
 * Left out: IOMMU_IOAS_MAP without a fixed iova; options other than IOMMU_OPTION_HUGE_PAGES; VFIO_NOIOMMU_IOMMU, which kernels
 * are built without unless somebody wants it.
 */
import type { Check } from '../kernel/checks.ts'
import { addressSpace, pageSize } from './ioas/area-list.ts'
import { leastInfo } from './ioas/iova-space.ts'

/** Numbers of 64 bits are bigints. */
export interface RequestArgs {
  readonly argsz: number
  readonly flags: number
  readonly iova: bigint
  readonly size: bigint
  readonly vaddr: bigint
  /** Of SET_IOMMU. */
  readonly arg: bigint
  readonly ext: bigint
  readonly ioas: number
  readonly do: string
  readonly val: number
}

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
  readonly before?: (args: RequestArgs) => readonly Check[]
  /** The answer, when no IOAS is needed for it. */
  readonly answer?: (args: RequestArgs) => number | undefined
  /** What the file itself is asked, when no IOAS is needed for it. */
  readonly asks?: (args: RequestArgs) => Asked
  /** Names the IOAS by its number. */
  readonly names?: true
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
const memory = ({ vaddr, size }: RequestArgs): readonly Check[] => [
  [vaddr + size > most, '-EOVERFLOW'],
  [size === 0n || size > most - pageSize, '-EINVAL'],
]

const unmapAll: Step = { procedure: 'unmap', args: { iova: 0n, size: addressSpace, mayBeEmpty: true } }

/** Where areas are cut so that a request covers whole ones only: behind its end, and before its beginning. */
const ends = ({ iova, size }: RequestArgs): readonly bigint[] =>
  [iova + size - 1n, ...(iova === 0n ? [] : [iova - 1n])].map((last) => BigInt.asUintN(64, last))

const ofContainer = (emptyUnmap: 0 | string) =>
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
      after: memory,
      steps: ({ iova, size, vaddr, flags }) => [{ procedure: 'map', args: { iova, size, vaddr, prot: flags } }],
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

const ofIommufd = {
  ioas_alloc: { asks: () => ({ ask: 'ALLOCATE', fields: {} }) },
  vfio_ioas: {
    asks: (args) => {
      if (args.do === 'get') return { ask: 'GET_COMPAT', fields: {} }
      return args.do === 'set'
        ? { ask: 'SET_COMPAT', fields: { ioas: args.ioas } }
        : { ask: 'CLEAR_COMPAT', fields: {} }
    },
  },
  ioas_map: {
    before: ({ flags, iova, size }) => [
      [hasUnknown(flags, ioasFlag.fixedIova, ioasFlag.write, ioasFlag.read), '-EOPNOTSUPP'],
      [iova >= most || size >= most, '-EOVERFLOW'],
      [(flags & (ioasFlag.write | ioasFlag.read)) === 0, '-EINVAL'],
    ],
    names: true,
    after: memory,
    steps: ({ iova, size, vaddr, flags }) => {
      const prot = (flags & ioasFlag.read ? flag.read : 0) | (flags & ioasFlag.write ? flag.write : 0)
      return [{ procedure: 'map', args: { iova, size, vaddr, prot } }]
    },
  },
  ioas_unmap: {
    names: true,
    after: ({ iova, size }) => [[size !== most && (iova >= most || size >= most), '-EOVERFLOW']],
    steps: ({ iova, size }) =>
      iova === 0n && size === most ? [unmapAll] : [{ procedure: 'unmap', args: { iova, size, mayBeEmpty: false } }],
    tellsNoMore: true,
  },
  iommufd_option: {
    names: true,
    after: (args) => [[args.do === 'set' && args.val !== 0 && args.val !== 1, '-EINVAL']],
    steps: (args) =>
      args.do === 'get'
        ? [{ procedure: 'large_pages', args: {} }]
        : [{ procedure: 'set_large_pages', args: { allowed: args.val === 1 } }],
  },
} satisfies Readonly<Record<string, Request>>

export type RequestName = keyof ReturnType<typeof ofContainer> | keyof typeof ofIommufd

export const requestNames = [...Object.keys(ofContainer(0)), ...Object.keys(ofIommufd)] as readonly RequestName[]

/** What unmapping an empty range gives a container differs between kernels: -ENOENT up to 6.17. */
export const requestCalled = (name: RequestName, emptyUnmap: 0 | string): Request =>
  ({ ...ofContainer(emptyUnmap), ...ofIommufd })[name]
