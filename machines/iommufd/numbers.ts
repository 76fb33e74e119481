/**
 * The objects of an iommufd file by their numbers, as data: what each is, what stands against using, attaching to or removing it, and what becomes of
 * them. Numbers begin at 1, and what is free is used again. What is used by something else, or by a call at this moment, is not removed: a page table
 * uses its IOAS, a device what it is attached to, and VFIO the device. Page tables that nobody asked for by themselves go with the last device that is
 * attached. All devices of an IOMMU group that are attached have one page table.
 *
 * Source: drivers/iommu/iommufd/main.c, hw_pagetable.c, device.c (6.2 to 7.x); which checks come first is theirs.
 */
import { assertEvent } from 'xstate'
import { firstFailing, type Check } from '../kernel/checks.ts'
import { lowestFree } from '../kernel/lowest-free.ts'
import type { Heard } from '../say.ts'
import { pasidBits } from './requests.ts'
import { noAbilities, tableOf, type Abilities, type AbilitiesOf } from './abilities.ts'

export type Made =
  | { readonly what: 'ioas'; readonly actor: string }
  | {
      readonly what: 'page table'
      /** The IOAS that it is filled from. */
      readonly actor: string
      /** Made for devices that were attached to the IOAS, not by HWPT_ALLOC. */
      readonly auto: boolean
      /** Its fault queue: no device of this machine can be attached to it. */
      readonly queue?: number
      /** What devices write to can be tracked in it. */
      readonly tracks?: true
      /** Others can be nested in it. */
      readonly nests?: true
      /** It can be that of a PASID. */
      readonly pasids?: true
    }
  /** `actor`: the IOAS of the page table that it is nested in. */
  | {
      readonly what: 'nested table'
      readonly actor: string
      readonly parent: number
      readonly queue?: number
      readonly pasids?: true
    }
  /** `file`: as long as its descriptor is open. */
  | { readonly what: 'fault queue'; readonly file: string | null; readonly faults?: string }
  | {
      readonly what: 'device'
      readonly device: string
      readonly group: string
      readonly ioas: string | null
      /** The number of its page table. */
      readonly pt: number | null
      /** By an IOMMU: it needs a page table. */
      readonly translated: boolean
      /** Page tables of PASIDs. */
      readonly pasids?: readonly Pasid[]
    }

export interface Pasid {
  readonly pasid: number
  readonly ioas: string
  readonly pt: number
}

export type Numbered = Made & { readonly id: number }

export type IommufdContext = {
  /** The open file, once somebody besides its descriptors holds it. */
  readonly file: string | null
  /** IOASes that can be made, in this order. */
  readonly free: readonly string[]
  /** Sorted by their numbers. */
  readonly objects: readonly Numbered[]
  /** The number of the IOAS that the ioctls of a container are about. */
  readonly compat: number | null
  /** IOASes that calls are at work on: each once for every such call. Counted where objects are destroyed. */
  readonly inUse: readonly string[]
  /** Who is charged for pinned pages (IOMMU_OPTION_RLIMIT_MODE). */
  readonly accounts: 'user' | 'memory'
  /** Of the IOMMUs before its devices, where there are any that can do more than those that were recorded. */
  readonly abilities?: AbilitiesOf
}

/** What comes with HWPT_ALLOC for the driver of the IOMMU. */
export interface TableData {
  readonly type: number
  readonly len: number
  /** It is not at a pointer to nowhere. */
  readonly readable: boolean
}

/** Who wants to be attached: what is to be known of it is told as well. */
export interface Attaching {
  readonly attaches?: string
}

export type IommufdEvent =
  | (Heard & { readonly type: 'ALLOCATE' | 'CREATE_COMPAT' | 'FILE' | 'CONTENTS' })
  | (Heard & Attaching & { readonly type: 'COMPAT' })
  | (Heard & { readonly type: 'HOLD'; readonly file: string })
  | (Heard & { readonly type: 'SET_COMPAT'; readonly ioas: number })
  /** To attach a device with an IOMMU to it, the number of a page table will do. */
  | (Heard & Attaching & { readonly type: 'FIND'; readonly ioas: number; readonly translated?: boolean })
  /** The IOAS of a page table. */
  | (Heard & { readonly type: 'FIND'; readonly ioas: number; readonly as: 'page table' | 'nested table' })
  | (Heard & { readonly type: 'RLIMIT_MODE'; readonly do: string; readonly val: bigint; readonly may: boolean })
  | (Heard & {
      readonly type: 'MAKE_TABLE'
      readonly devid: number
      readonly pt: number
      readonly flags: number
      readonly data: TableData | null
      readonly queue: number | null
      readonly refusesQueue: boolean
      readonly takesPasids: boolean
    })
  | (Heard & { readonly type: 'DROP_OBJECT' | 'ANY'; readonly id: number })
  | (Heard & { readonly type: 'ATTACH_PASID'; readonly device: string; readonly pasid: number; readonly pt: number })
  | (Heard & { readonly type: 'DETACH_PASID'; readonly device: string; readonly pasid: number })
  /** Any of its PASIDs, where none is named. */
  | (Heard & { readonly type: 'PASID'; readonly device: string; readonly pasid?: number })
  | (Heard & { readonly type: 'DEVICE_NUMBERED'; readonly devid: number })
  | (Heard & { readonly type: 'MAKE_QUEUE'; readonly file: string })
  | (Heard & { readonly type: 'CLOSE_QUEUE'; readonly file: string })
  | (Heard & { readonly type: 'GET' | 'PUT'; readonly ioas: string })
  | (Heard & { readonly type: 'OBJECT'; readonly id: number })
  /** `own`: whoever asks counts as a user. */
  | (Heard & { readonly type: 'REMOVE'; readonly ioas: string; readonly own: boolean })
  | (Heard & { readonly type: 'CLEAR_COMPAT' | 'GET_COMPAT' })
  | (Heard & { readonly type: 'BIND'; readonly device: string; readonly group: string })
  | (Heard & {
      readonly type: 'ATTACHED'
      readonly device: string
      readonly ioas: string
      readonly translated: boolean
      /** A page table that was named by its number. */
      readonly pt?: number
    })
  | (Heard & { readonly type: 'DETACHED' | 'UNBIND' | 'DEVICE'; readonly device: string })

export const lowestId = (objects: readonly Numbered[]): number =>
  lowestFree((number) => objects.some(({ id }) => id === number), 1)

export const add = (objects: readonly Numbered[], made: Made): readonly Numbered[] =>
  [...objects, { ...made, id: lowestId(objects) }].toSorted((a, b) => a.id - b.id)

export const ioasCalled = ({ objects }: IommufdContext, ioas: number): string | null => {
  const found = objects.find(({ id }) => id === ioas)
  return found?.what === 'ioas' ? found.actor : null
}

const abilitiesOf = ({ abilities }: IommufdContext, device: string) => abilities?.[device] ?? noAbilities

export const toAttachTo = (
  context: IommufdContext,
  number: number,
  device: string | undefined,
): { readonly ioas: string | null; readonly ret: 0 | string; readonly pt?: number } => {
  const found = context.objects.find(({ id }) => id === number)
  if (found === undefined) return { ioas: null, ret: '-ENOENT' }
  if (found.what === 'ioas') return { ioas: found.actor, ret: 0 }
  if (found.what !== 'page table' && found.what !== 'nested table') return { ioas: null, ret: '-EINVAL' }
  const can = abilitiesOf(context, device ?? '')
  if (found.queue !== undefined && !can.pageRequests) return { ioas: null, ret: '-ENODEV' }
  const isBeyond = found.what === 'nested table' ? !can.nesting : found.tracks && !can.dirtyTracking
  return isBeyond ? { ioas: null, ret: '-EINVAL' } : { ioas: found.actor, ret: 0, pt: number }
}

const isForPasids = (objects: readonly Numbered[], table: number): boolean => {
  const found = objects.find(({ id }) => id === table)
  return found !== undefined && 'pasids' in found && found.what !== 'device'
}

/** While PASIDs of its group are attached, a device itself is only where they could be (iommufd_hwpt_pasid_compat). */
export const notBesidePasids = (context: IommufdContext, table: number, device: string | undefined) => {
  const group = bound(context, device ?? '')?.group
  const has = group !== undefined && devicesOf(context, group).some(({ pasids = [] }) => pasids.length > 0)
  const isThere = context.objects.some(({ id }) => id === table)
  return has && isThere && !isForPasids(context.objects, table) ? { ioas: null, ret: '-EINVAL' } : undefined
}

export const pasidIn = (device: { readonly pasids?: readonly Pasid[] } | undefined, pasid: number | undefined) =>
  device?.pasids?.find((each) => pasid === undefined || each.pasid === pasid)

/** Why a PASID cannot be attached, if so. */
export const noPasid = (context: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'ATTACH_PASID')
  const { objects } = context
  const { device, pasid, pt } = event
  const found = objects.find(({ id }) => id === pt)
  const own = bound(context, device)!
  const group = devicesOf(context, own.group)
  const theirs = group.flatMap((each) => pasidIn(each, pasid) ?? [])[0]?.pt
  const itself = group.find((each) => each.pt !== null)?.pt ?? null
  return firstFailing([
    [found === undefined, '-ENOENT'],
    [!isForPasids(objects, pt), '-EINVAL'],
    [pasid === 0 || pasid >= 2 ** pasidBits, '-EINVAL'],
    // One that has it already is moved, and the others of its group with it.
    [theirs !== undefined && theirs !== pt && pasidIn(own, pasid) === undefined, '-EINVAL'],
    [itself !== null && !isForPasids(objects, itself), '-EINVAL'],
    [!abilitiesOf(context, device).pasids, '-EOPNOTSUPP'],
    [found?.what === 'page table' && found.tracks === true, '-EINVAL'],
  ])
}

export const withPasid = (context: IommufdContext, event: IommufdEvent): readonly Numbered[] => {
  assertEvent(event, 'ATTACH_PASID')
  const { device, pasid, pt } = event
  const found = context.objects.find(({ id }) => id === pt)!
  const entry = { pasid, pt, ioas: 'actor' in found ? found.actor : '' }
  const { group } = bound(context, device)!
  return context.objects.map((each) => {
    if (each.what !== 'device' || each.group !== group) return each
    if (each.device !== device && pasidIn(each, pasid) === undefined) return each
    const others = (each.pasids ?? []).filter((other) => other.pasid !== pasid)
    return { ...each, pasids: [...others, entry].toSorted((a, b) => a.pasid - b.pasid) }
  })
}

/** A page table as it is found by those who are about it. */
export const tableCalled = ({ objects }: IommufdContext, number: number, as: 'page table' | 'nested table') => {
  const found = objects.find(({ id }) => id === number)
  if (found?.what === 'nested table' && as === found.what)
    return { ioas: found.actor, table: tableOf(found.actor, number) }
  if (found?.what === 'page table' && as === found.what)
    return { ioas: found.actor, table: tableOf(found.actor, number), tracks: found.tracks === true }
  return { ioas: null, ret: found === undefined ? '-ENOENT' : '-EINVAL' }
}

export const isThere = ({ objects }: IommufdContext, actor: string): boolean =>
  objects.some((each) => each.what === 'ioas' && each.actor === actor)

/** Something that lasts uses it. */
const isUsed = ({ objects }: IommufdContext, actor: string): boolean =>
  objects.some(
    (each) =>
      (each.what === 'page table' && each.actor === actor) || (isAttachedTo(actor)(each) && !isTranslated(each)),
  )

export const ioasIn = (event: IommufdEvent): string => {
  assertEvent(event, ['GET', 'PUT', 'REMOVE'])
  return event.ioas
}

/** Why an object cannot be removed, if so. */
export const notRemovable = (context: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'REMOVE')
  const { ioas, own } = event
  const calls = context.inUse.filter((each) => each === ioas).length
  return firstFailing([
    [!isThere(context, ioas), '-ENOENT'],
    [isUsed(context, ioas) || calls > (own ? 1 : 0), '-EBUSY'],
  ])
}

const isAttached = (objects: readonly Numbered[], table: number): boolean =>
  objects.some(
    (each) => each.what === 'device' && (each.pt === table || each.pasids?.some(({ pt }) => pt === table) === true),
  )

/** A device belongs to VFIO; a page table is used by devices, or was made for them; a queue by its descriptor and by page tables. */
export const isHeld = (objects: readonly Numbered[], { id, ...made }: Numbered): boolean => {
  switch (made.what) {
    case 'ioas':
      return false
    case 'device':
      return true
    case 'page table':
      return (
        made.auto ||
        isAttached(objects, id) ||
        objects.some((each) => each.what === 'nested table' && each.parent === id)
      )
    case 'nested table':
      return isAttached(objects, id)
    case 'fault queue':
      return made.file !== null || objects.some((each) => 'queue' in each && each.queue === id)
  }
}

/** Why a page table or a fault queue cannot be removed, if so. */
export const notDroppable = ({ objects }: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'DROP_OBJECT')
  const found = objects.find(({ id }) => id === event.id)
  if (found === undefined) return '-ENOENT'
  return isHeld(objects, found) ? '-EBUSY' : undefined
}

export const withoutOne = (list: readonly string[], one: string): readonly string[] =>
  list.includes(one) ? list.toSpliced(list.indexOf(one), 1) : list

export const bound = ({ objects }: IommufdContext, device: string) =>
  objects.flatMap((each) => (each.what === 'device' && each.device === device ? [each] : []))[0]

export const deviceIn = (event: IommufdEvent): string => {
  assertEvent(event, ['BIND', 'ATTACHED', 'DETACHED', 'UNBIND', 'DEVICE'])
  return event.device
}

export const devicesOf = ({ objects }: IommufdContext, group: string) =>
  objects.flatMap((each) => (each.what === 'device' && each.group === group ? [each] : []))

const isAttachedTo = (ioas: string) => (each: Made) => each.what === 'device' && each.ioas === ioas
const isTranslated = (each: Made) => each.what === 'device' && each.translated

/** Those that were made for devices go with the last of them. */
const withoutUnused = (objects: readonly Numbered[]): readonly Numbered[] => {
  const used = new Set(objects.flatMap((each) => (each.what === 'device' && each.pt !== null ? [each.pt] : [])))
  return objects.filter((each) => each.what !== 'page table' || !each.auto || used.has(each.id))
}

const autoTableOf = (objects: readonly Numbered[], ioas: string): number | undefined =>
  objects.find((each) => each.what === 'page table' && each.auto && each.actor === ioas)?.id

const tableOfNeighbours = (context: IommufdContext, device: string): number | null => {
  const group = bound(context, device)?.group
  if (group === undefined) return null
  return devicesOf(context, group).find((each) => each.device !== device && each.pt !== null)?.pt ?? null
}

/** Those that move when one of them does: all of its group that are attached. */
const moversWith = (context: IommufdContext, device: string): readonly string[] => {
  const group = bound(context, device)?.group
  return group === undefined
    ? []
    : devicesOf(context, group).flatMap((each) => (each.ioas !== null ? [each.device] : []))
}

/** What whoever attaches a device has to know of it. */
export const tellsOf = (context: IommufdContext, device: string | undefined, target: Target) =>
  device === undefined
    ? {}
    : {
        before: bound(context, device)?.ioas ?? null,
        movers: moversWith(context, device),
        ...placeOf(context, device, target),
        ...queuesOf(context, device, target.pt),
      }

const queueOf = ({ objects }: IommufdContext, table: number | null): string | undefined => {
  const found = objects.find(({ id }) => id === table)
  const queue = found !== undefined && 'queue' in found ? found.queue : undefined
  const faults = objects.find(({ id }) => id === queue)
  return faults?.what === 'fault queue' ? faults.faults : undefined
}

/** Where a device asks for pages, and where it does so far. */
const queuesOf = (context: IommufdContext, device: string, table: number | undefined) => {
  const own = bound(context, device)
  const [queue, queueBefore] = [queueOf(context, table ?? null), queueOf(context, own?.pt ?? null)]
  return {
    ...(queue !== undefined && { queue, devid: own!.id }),
    ...(queueBefore !== undefined && { queueBefore, tableBefore: tableOf(own!.ioas!, own!.pt!) }),
  }
}

/** Whether a device has a page table already, or cannot have it because its group has another. */
const placeOf = (context: IommufdContext, device: string, { ioas, pt }: Target) => {
  const own = bound(context, device)?.pt ?? null
  const wanted = pt ?? (ioas === null ? null : (autoTableOf(context.objects, ioas) ?? null))
  const others = tableOfNeighbours(context, device)
  return { there: own !== null && own === wanted, elsewhere: own === null && others !== null && others !== wanted }
}

/** The last of its group takes the page table away, and who asked through it. */
export const leavesQueue = (context: IommufdContext, device: string) =>
  tableOfNeighbours(context, device) === null ? queuesOf(context, device, undefined) : {}

export interface Target {
  readonly ioas: string | null
  /** A page table that is named. */
  readonly pt?: number
}

/** A page table is made before the one that is not needed any more goes. */
export const attachedTo = (context: IommufdContext, event: IommufdEvent) => {
  const device = deviceIn(event)
  const [movers, how] =
    event.type === 'ATTACHED'
      ? [[device, ...moversWith(context, device)], { ioas: event.ioas, translated: event.translated }]
      : [[device], { ioas: null, translated: false }]
  const { ioas, translated } = how
  const named = event.type === 'ATTACHED' ? event.pt : undefined
  const needsTable = ioas !== null && translated && named === undefined
  const isMissing = needsTable && autoTableOf(context.objects, ioas) === undefined
  const objects = isMissing ? add(context.objects, { what: 'page table', actor: ioas, auto: true }) : context.objects
  const pt = named ?? (needsTable ? autoTableOf(objects, ioas)! : null)
  return {
    objects: withoutUnused(
      objects.map((each) => (each.what === 'device' && movers.includes(each.device) ? { ...each, ...how, pt } : each)),
    ),
  }
}

export const compatOf = (context: IommufdContext): Target => ({
  ioas: context.compat === null ? null : ioasCalled(context, context.compat),
})

export const noRlimitMode = ({ objects }: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'RLIMIT_MODE')
  return firstFailing([
    [!event.may, '-EPERM'],
    [objects.length > 0, '-EBUSY'],
    [event.val !== 0n && event.val !== 1n, '-EINVAL'],
  ])
}

export const flag = { nestParent: 1, dirtyTracking: 2, faultId: 4, pasid: 8 }

/** struct iommu_hwpt_vtd_s1: its type, and its size. */
const firstStage = { type: 1, size: 24 }

/** Why the IOMMU's driver does not nest, if so (intel_iommu_domain_alloc_nested). */
const notNested = (can: Abilities, flags: number, data: TableData | null): readonly Check[] => [
  [!can.nesting || ((flags & flag.pasid) !== 0 && !can.pasids) || data?.type !== firstStage.type, '-EOPNOTSUPP'],
  [data === null || data.len < firstStage.size, '-EINVAL'],
  [data?.readable === false, '-EFAULT'],
]

/** Why HWPT_ALLOC makes nothing (iommufd_hwpt_alloc), if so. */
export const noTable = (context: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'MAKE_TABLE')
  const { objects } = context
  const { devid, pt, flags, data, queue, refusesQueue, takesPasids } = event
  const owner = objects.find(({ id }) => id === devid)
  const can = owner?.what === 'device' ? abilitiesOf(context, owner.device) : noAbilities
  const parent = objects.find(({ id }) => id === pt)
  const known = flag.nestParent | flag.dirtyTracking | flag.faultId | flag.pasid
  const needs =
    (can.nesting ? 0 : flag.nestParent) |
    (can.dirtyTracking ? 0 : flag.dirtyTracking) |
    (can.pasids && takesPasids ? 0 : flag.pasid)
  return firstFailing([
    [owner?.what !== 'device', '-ENOENT'],
    [parent?.what !== 'ioas' && parent?.what !== 'page table', '-EINVAL'],
    ...(parent?.what === 'page table'
      ? [
          [(flags & ~(flag.faultId | flag.pasid)) !== 0 || data === null, '-EOPNOTSUPP'] as const,
          [parent.auto || !parent.nests, '-EINVAL'] as const,
          ...notNested(can, takesPasids ? flags : flags & ~flag.pasid, data),
        ]
      : [
          [(flags & ~known) !== 0 || (flags & needs) !== 0 || data !== null, '-EOPNOTSUPP'] as const,
          [queue !== null && (flags & flag.nestParent) !== 0, '-EOPNOTSUPP'] as const,
          [queue !== null && refusesQueue, '-EOPNOTSUPP'] as const,
        ]),
    [queue !== null && objects.find(({ id }) => id === queue)?.what !== 'fault queue', '-ENOENT'],
  ])
}

/** What a page table is made over: an IOAS, or one of its page tables. */
export const madeOver = (context: IommufdContext, pt: number): { readonly ioas: string; readonly over?: string } => {
  const { ioas, table } = { table: undefined, ...tableCalled(context, pt, 'page table') }
  return ioas === null ? { ioas: ioasCalled(context, pt)! } : { ioas, ...(table !== undefined && { over: table }) }
}
