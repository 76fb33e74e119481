/**
 * Groups come and go in a container that has a type1 backend. The first with an IOMMU brings a domain, into which
 * everything that is mapped has to be pinned and mapped (replayed); the last takes the domain with it, and what drivers
 * have pinned stays charged; the last of all takes every mapping. Pure.
 *
 * Source: vfio_iommu_type1_attach_group, _detach_group, _release, vfio_iommu_unmap_unpin_all and _reaccount, Linux 6.1.
 * Left out: more than one domain a container, groups on different buses, missing interrupt remapping (-EPERM).
 */
import { firstFailing } from '../../kernel/checks.ts'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { allocated, complain, freed, type Said } from '../../say.ts'
import { cleared, pageSize, type Dma } from './dma-list.ts'
import { allDirty } from '../dirty/dirty-tracking.ts'
import { conflicts, narrowed, restored } from './iova-windows.ts'
import { charges, hasDomain, hasInvalid, made, type Reply, type Type1Context } from './vfio-iommu.ts'

/** What the kernel says, and loses, when a mapping goes while pages are pinned through it. */
export const leak = ({ ptr, pins }: Dma): Said =>
  complain('leak', 'leak in vfio_remove_dma: pinned pages left', {
    object: named(ptr),
    detail: `pages, their vfio_pfn and locked_vm stay: ${pins.map(({ iova }) => `0x${iova.toString(16)}`).join(', ')}`,
  })

export const pinsLeft = (where: string, { ptr }: Dma): Said =>
  complain('warn', `WARNING in ${where}: pinned pages left`, { object: named(ptr) })

/** As reports call it; whose it is says which it is. */
export const backendName = ({ container }: Type1Context): string => `${container}.type1`

/** Every mapping goes, pinned or not. */
export function allFreed({ era, dmas }: Type1Context): readonly Said[] {
  const where = era === 'v6.0' ? 'vfio_remove_dma' : 'vfio_sanity_check_pfn_list'
  return dmas.flatMap((dma) => [
    ...(dma.pins.length > 0 ? [pinsLeft(where, dma), leak(dma)] : []),
    freed(named(dma.ptr), 'vfio_dma', { site: 'vfio_remove_dma' }),
  ])
}

const lockedIn = ({ locked = 0 }: Dma): number => locked
const heldBy = ({ held = 0 }: Dma): number => held

/** Without a domain nothing is unpinned when a mapping goes. */
const unlockedByFreeing = (context: Type1Context) => (hasDomain(context) ? charges(context.dmas, heldBy) : [])

export interface Coming {
  readonly group: string
  readonly devices: readonly string[]
  readonly emulated: boolean
}

/** One mapping to be pinned and mapped in a new domain. */
export interface Replayed {
  readonly dma: Pointer
  readonly iova: bigint
  readonly size: bigint
  readonly vaddr: bigint
  readonly prot: Dma['prot']
  readonly mm: string
  /** Which address space of it, unless the first. */
  readonly life?: number
  readonly lockCap: boolean
  /** Pages that drivers have pinned are charged already. */
  readonly charged: readonly number[]
}

/** It is pinned and mapped: what was charged for it, and how many pages are held. */
export interface Refilled {
  readonly dma: Pointer
  readonly locked: number
  readonly held: number
}

const replayed = ({ ptr, iova, size, prot, mm, life, vaddr = 0n, lockCap = false, pins }: Dma): Replayed => ({
  ...{ dma: ptr, iova, size, prot, mm, vaddr, lockCap },
  ...(life !== undefined && { life }),
  charged: pins.flatMap((pin) =>
    (pin.iova - iova) % pageSize === 0n && pin.iova >= iova ? [Number((pin.iova - iova) / pageSize)] : [],
  ),
})

/** A mapping of the last page ends at 0, so a loop over its pages does nothing. */
const hasPages =
  ({ inclusive }: Type1Context) =>
  ({ iova, size }: Dma): boolean =>
    inclusive === true || BigInt.asUintN(64, iova + size) > iova

export function attach(context: Type1Context, { group, devices, emulated }: Coming): Reply {
  const isKnown = context.emulated.includes(group) || context.real.some((other) => other.group === group)
  const refused = firstFailing([
    [context.profile!.invalidVaddr === 'refuses' && hasInvalid(context), '-EBUSY'],
    [isKnown, '-EINVAL'],
    // This IOMMU cannot nest (iommu_enable_nesting).
    [!emulated && context.nesting, '-EINVAL'],
    [() => !emulated && context.profile!.checksWindows && conflicts(context, context.windows), '-EINVAL'],
  ])
  if (refused !== undefined) return { type: 'ATTACHED', fields: { ret: refused } }
  if (emulated) return { next: { emulated: [group, ...context.emulated] }, type: 'ATTACHED', fields: { ret: 0 } }
  if (!hasDomain(context)) {
    // B-18: everything has to have an address to be pinned.
    if (hasInvalid(context)) return { type: 'ATTACHED', fields: { wait: true } }
    const mappings = context.dmas.filter(hasPages(context)).map(replayed)
    return { type: 'ATTACHED', fields: { ret: 0, domain: 'new', replay: mappings } }
  }
  return { next: joined(context, group, devices), type: 'ATTACHED', fields: { ret: 0, domain: 'joined' } }
}

const joined = (context: Type1Context, group: string, devices: readonly string[]): Partial<Type1Context> => ({
  real: [{ group, devices }, ...context.real],
  ...(context.profile!.checksWindows && { windows: narrowed(context.windows) }),
})

/** The new domain holds every mapping; this is what each of them cost. */
export function join(
  context: Type1Context,
  { group, devices, done }: Coming & { readonly done: readonly Refilled[] },
): Reply {
  const refilled = new Map(done.map((each) => [each.dma.id, each]))
  const dmas = context.dmas.map((dma) => {
    const { locked, held } = refilled.get(dma.ptr.id) ?? { locked: 0, held: 0 }
    return held === 0 ? dma : { ...dma, locked: lockedIn(dma) + locked, held }
  })
  return { next: { ...joined(context, group, devices), dmas }, type: 'JOINED' }
}

/** `devices` are to be taken from the domain; `free` says that it is its end. */
export function leave(context: Type1Context, group: string): Reply {
  const { emulated, real, windows } = context
  if (emulated.includes(group)) {
    const left = { ...context, emulated: emulated.filter((other) => other !== group) }
    const isLast = left.emulated.length === 0 && !hasDomain(context)
    return {
      next: { emulated: left.emulated, ...(isLast && cleared(context)) },
      said: isLast ? allFreed(context) : [],
      type: 'LEFT',
      fields: { devices: [], free: false, charges: [] },
    }
  }
  const leaving = real.find((other) => other.group === group)
  if (leaving === undefined) return { type: 'LEFT', fields: { devices: [], free: false, charges: [] } }
  const others = real.filter((other) => other !== leaving)
  const next = { real: others, windows: restored(windows, others.length > 0) }
  const { devices } = leaving
  if (others.length > 0)
    return { next: { ...next, dmas: allDirty(context) }, type: 'LEFT', fields: { devices, free: false, charges: [] } }
  if (emulated.length === 0)
    return {
      next: { ...next, ...cleared(context) },
      said: allFreed(context),
      type: 'LEFT',
      fields: { devices, free: true, charges: unlockedByFreeing(context) },
    }
  // What was held is given back, and what drivers have pinned is charged instead.
  const given = (dma: Dma): number => heldBy(dma) - dma.pins.filter(({ free }) => !free).length
  const dmas = allDirty(context).map(({ held: _held, ...dma }, index) => ({
    ...dma,
    locked: lockedIn(dma) - given(context.dmas[index]!),
  }))
  return {
    next: { ...next, dmas },
    type: 'LEFT',
    fields: { devices, free: true, charges: charges(context.dmas, given) },
  }
}

/** The backend itself goes. */
export const release = (context: Type1Context): Reply => ({
  next: { ...made(context, {}), open: false, gen: context.gen + 1 },
  said: [...allFreed(context), freed(backendName(context), 'vfio_iommu', { site: 'vfio_iommu_type1_release' })],
  type: 'RELEASED',
  fields: { free: hasDomain(context), charges: unlockedByFreeing(context) },
})

/** VFIO_SET_IOMMU: what kind of type1 it is to be. */
export function open(context: Type1Context, { arg, limit }: { readonly arg: bigint; readonly limit: number }): Reply {
  const kind = kinds.find((known) => known.arg === arg)
  if (kind === undefined) return { type: 'OPENED', fields: { ret: '-EINVAL' } }
  return {
    next: made(context, {
      v2: kind.v2,
      nesting: kind.nesting,
      limit: context.profile!.limitsEntries ? limit : unlimited,
    }),
    said: [allocated(backendName(context), 'vfio_iommu', { site: 'vfio_iommu_type1_open' })],
    type: 'OPENED',
    fields: { ret: 0, backend: { id: context.container, gen: context.gen } },
  }
}

const unlimited = Number.MAX_SAFE_INTEGER

const kinds = [
  { arg: 1n, v2: false, nesting: false },
  { arg: 3n, v2: true, nesting: false },
  { arg: 6n, v2: true, nesting: true },
]

/** Extensions that every type1 has, and those that depend on what is in the container. */
export function extension(context: Type1Context, ext: bigint, exists: boolean): Reply {
  const { profile, emulated, real } = context
  const hasVaddr = (profile!.unmapFlags & 4) !== 0
  const answers: readonly (readonly [bigint, boolean])[] = [
    ...kinds.map(({ arg, nesting }) => [arg, !nesting || profile!.knowsNesting] as const),
    // VFIO_DMA_CC_IOMMU: every domain snoops. This IOMMU cannot make its devices.
    [4n, exists && real.length === 0],
    // VFIO_UNMAP_ALL, VFIO_UPDATE_VADDR.
    [9n, hasVaddr],
    [10n, hasVaddr && (profile!.invalidVaddr === 'waits' || (exists && emulated.length === 0))],
  ]
  return { type: 'ANSWER', fields: { ret: answers.some(([known, is]) => known === ext && is) ? 1 : 0 } }
}
