/**
 * What type1 holds for one container (struct vfio_iommu): its mappings, which groups it serves, and what follows from
 * that. Pure.
 *
 * An address of it that was read before it was freed and made anew (B-25) is told by `gen`. All groups with an IOMMU share
 * one domain here: there is one kind of IOMMU.
 */
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Profile } from '../../profile.ts'
import type { Said } from '../../say.ts'
import { emptyList, insert, pin, type Dma, type DmaList, type Mapping } from './dma-list.ts'
import type { Era } from './era.ts'
import type { Windows } from './iova-windows.ts'
import type { Account, Charge } from '../pin/pages.ts'

export type { Charge }

/** Groups behind an IOMMU; the devices come along when the group is attached or detached. */
export interface RealGroup {
  readonly group: string
  readonly devices: readonly string[]
}

export interface VfioIommu extends DmaList {
  readonly v2: boolean
  readonly nesting: boolean
  /** How many mappings there may be: dma_entry_limit when it was made. */
  readonly limit: number
  readonly emulated: readonly string[]
  readonly real: readonly RealGroup[]
  readonly windows: Windows
  /** Dirty pages are tracked. */
  readonly tracking: boolean
  /** pfnmaps that hold on to it (device-memory/mappings.ts). */
  readonly refs: number
  /** The container let go of it; pfnmaps that nobody has unregistered yet still point to it. */
  readonly left: boolean
}

export interface Type1Context extends VfioIommu {
  readonly era: Era
  readonly profile: Profile | null
  /** Which container it belongs to. */
  readonly container: string | null
  /** Which life this is, and whether it lasts. */
  readonly gen: number
  readonly open: boolean
  /** The container's descriptor was closed: who waits for an address is sent away (5.12 to 6.2). */
  readonly closed: boolean
}

export interface Type1Input {
  /** VFIO_TYPE1v2_IOMMU: unmap never cuts a mapping, and drivers may pin. */
  readonly v2?: boolean
  readonly era?: Era
  /** Mapped, and pinned, when the story begins. */
  readonly mapped?: readonly (Mapping & { readonly pinned?: readonly bigint[] })[]
  /** What stands before the names of its mappings and of itself. */
  readonly prefix?: string
  /** In a small Linux: which kernel, and whose backend. It is made by OPEN. */
  readonly profile?: Profile
  readonly container?: string
}

/** Without the module parameter. */
export const defaultLimit = 65535

const fresh = {
  nesting: false,
  limit: defaultLimit,
  emulated: [],
  real: [],
  windows: [],
  tracking: false,
  refs: 0,
  left: false,
}

const unmade = { container: null, gen: 0, closed: false }

export const start = ({
  v2 = true,
  era = 'v6.0',
  mapped = [],
  prefix,
  profile,
  container,
}: Type1Input): Type1Context => {
  if (profile !== undefined) {
    const named = profile.unmap === 'device-list' ? 'v6.0' : 'v4.10'
    const { lives, ...list } = emptyList(profile.reachesLastPage)
    return { ...fresh, ...unmade, ...list, v2, era: named, profile, container: container ?? null, open: false, lives }
  }
  let list: DmaList = { dmas: [], lives: [], ...(prefix !== undefined && { prefix }) }
  for (const { pinned = [], ...mapping } of mapped) {
    list = insert(list, mapping)
    for (const iova of pinned) list = pin(list, iova)
  }
  return { ...fresh, ...unmade, v2, era, profile: null, open: true, ...list }
}

/** Another life, with nothing of the one before but which addresses have been used. */
export const made = ({ profile, lives }: Type1Context, more: Partial<VfioIommu>): Partial<Type1Context> => ({
  ...fresh,
  ...emptyList(profile!.reachesLastPage),
  lives,
  open: true,
  closed: false,
  ...more,
})

/** Is the life that somebody points at over? The old stories point at nothing. */
export const isOver = ({ gen, open }: Type1Context, backend: Pointer | undefined): boolean =>
  backend !== undefined && (backend.gen !== gen || !open)

/** There is an IOMMU domain: pages are pinned when they are mapped. */
export const hasDomain = ({ real }: VfioIommu): boolean => real.length > 0

export const hasInvalid = ({ dmas }: DmaList): boolean => dmas.some(({ invalid }) => invalid)

/** What is mapped through: MAP_DMA may be called as often. */
export const available = ({ limit, dmas }: VfioIommu): number => limit - dmas.length

/** Whose account a mapping is on. */
export const accountOf = ({ mm, thread, life }: Pick<Dma, 'mm' | 'thread' | 'life'>): Account => ({
  mm,
  ...(thread !== undefined && { thread }),
  ...(life !== undefined && { life }),
})

/** One charge for each owner: pages that are no longer locked by what was done, or are now. */
export const charges = (dmas: readonly Dma[], pagesOf: (dma: Dma) => number): readonly Charge[] => {
  const found = new Map<string, Charge>()
  for (const dma of dmas) {
    const account = accountOf(dma)
    const key = JSON.stringify(account)
    found.set(key, { ...account, pages: (found.get(key)?.pages ?? 0) + pagesOf(dma) })
  }
  return [...found.values()].filter(({ pages }) => pages !== 0)
}

/** What comes of a message: a change, and an answer to whoever asked. */
export interface Reply {
  readonly next?: Partial<Type1Context>
  /** None: the kernel is dead here, and answers nobody. */
  readonly type?: string
  readonly fields?: Readonly<Record<string, unknown>>
  readonly said?: readonly Said[]
}
