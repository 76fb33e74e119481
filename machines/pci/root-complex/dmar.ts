/**
 * The IOMMU hardware (VT-d) and the driver's part that only passes things on to it: which domain a device uses, what a domain maps, and
 * what becomes of a device's access. A blocked access is logged once it is over, by the fault interrupt.
 *
 * Source: Linux 6.1 intel_iommu_map, dmar_fault_do_one; recorded on 6.12 and 7.2, but for what only some IOMMUs can do
 * (used-tables.ts). Left out: the rate limit of the fault messages (3 faults in 5 seconds).
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Extent } from '../../mm/extent.ts'
import type { IommuTraits } from '../../traits.ts'
import { printk, type Heard, type Said } from '../../say.ts'
import * as dirt from './dirty-bits.ts'
import * as tables from './dmar-tables.ts'
import * as usage from './used-tables.ts'

export interface DmarInput {
  /** Device → bus:slot.function, as the log names it. */
  readonly addresses: Readonly<Record<string, string>>
  /** Its driver, where that matters: what is present can be read, and -EFAULT beyond the aperture, unless it says otherwise. */
  readonly driver?: Pick<IommuTraits, 'writeOnlyIsReadable' | 'beyondAperture'>
  /** Devices without a domain reach nothing at all, as where iommufd has them; otherwise they have one in which nothing is mapped. */
  readonly blocks?: boolean
  /** It can do more than translate, and has to know which page table of an IOAS a device uses. */
  readonly knowsTables?: boolean
}

type DmarContext = Required<Omit<DmarInput, 'knowsTables'>> & tables.Tables & { readonly used?: usage.UsedTables }

type DmarEvent =
  | (Heard & {
      readonly type: 'ATTACH' | 'DETACH'
      readonly domain: string
      readonly devices: readonly string[]
      /** The page table, where it matters which. */
      readonly table?: string
      /** Only what they do with it. */
      readonly pasid?: number
    })
  | (Heard & { readonly type: 'TRACK'; readonly domain: string; readonly table: string; readonly on: boolean })
  | (Heard & { readonly type: 'DIRTY'; readonly table: string } & dirt.Reading)
  | (Heard & { readonly type: 'NEST'; readonly table: string; readonly over: string; readonly pgtbl: bigint })
  | (Heard & { readonly type: 'FORGET'; readonly table: string })
  | (Heard & { readonly type: 'ASK_AT'; readonly table: string; readonly queue: string })
  | (Heard & { readonly type: 'INVALIDATE'; readonly table: string; readonly addr: bigint; readonly npages: bigint })
  | (Heard & { readonly type: 'GUEST_ENTRY'; readonly pgtbl: bigint; readonly iova: bigint; readonly gpa?: bigint })
  | (Heard & { readonly type: 'FREE'; readonly domain: string })
  | (Heard & {
      readonly type: 'MAP'
      readonly domain: string
      readonly iova: bigint
      readonly prot: number
      readonly extents: readonly Extent[]
    })
  | (Heard & { readonly type: 'UNMAP'; readonly domain: string; readonly iova: bigint; readonly size: bigint })
  | (Heard & {
      readonly type: 'TRANSLATE'
      readonly device: string
      readonly iova: bigint
      readonly len: number
      readonly write: boolean
      readonly pasid?: number
    })

const hex = (value: bigint | number): string => value.toString(16)

const reasons: Readonly<Record<number, string>> = {
  0x02: 'Present bit in context entry is clear',
  0x04: 'Access beyond MGAW',
  0x05: 'PTE Write access is not set',
  0x06: 'PTE Read access is not set',
  0x59: 'SM: Present bit in PASID Table Entry is clear',
  0x71: 'SM: Present bit in first-level paging entry is clear',
}

const faultLines = (
  address: string,
  { iova, write, reason: found }: tables.Fault,
  pasid: number | undefined,
): readonly string[] => {
  // What there is of a device's own there is of each PASID.
  const reason = pasid !== undefined && found === 0x02 ? 0x59 : found
  const code = `0x${hex(reason).padStart(2, '0')}`
  return [
    'DMAR: DRHD: handling fault status reg 2',
    `DMAR: [DMA ${write ? 'Write' : 'Read'} ${pasid === undefined ? 'NO_PASID' : `PASID 0x${hex(pasid)}`}] Request device [${address}] fault addr 0x${hex(iova)} ` +
      `[fault reason ${code}] ${reasons[reason]}`,
  ]
}

const tooNarrow = (end: bigint): string =>
  `DMAR: intel_iommu_map: iommu width (48) is not sufficient for the mapped address (${hex(end)})`

const usualDriver = { writeOnlyIsReadable: true, beyondAperture: '-EFAULT' } as const

const readable = 1

/** Each with its PASID, if it is about one. */
const devicesIn = ({ devices, pasid }: { readonly devices: readonly string[]; readonly pasid?: number }) =>
  pasid === undefined ? devices : devices.map((device) => usage.pasidOf(device, pasid))

/** Where it does no more than translate nothing of this is known. */
const usedAfter = (
  { used }: DmarContext,
  change: (used: usage.UsedTables) => usage.UsedTables,
): Pick<DmarContext, 'used'> => (used === undefined ? {} : { used: change(used) })

const trackedAfter = (
  context: DmarContext,
  change: (tracked: dirt.Tracked) => dirt.Tracked,
): Pick<DmarContext, 'used'> => usedAfter(context, (used) => ({ ...used, tracked: change(used.tracked) }))

export const dmar = setup({
  types: {
    context: {} as DmarContext,
    events: {} as DmarEvent,
    emitted: {} as Said,
    input: {} as DmarInput,
  },
  actions: {
    attach: assign(({ context, event }) => {
      assertEvent(event, 'ATTACH')
      return {
        ...tables.attach(context, event.domain, devicesIn(event)),
        ...usedAfter(context, (used) => usage.use(used, devicesIn(event), event.table)),
      }
    }),
    detach: assign(({ context, event }) => {
      assertEvent(event, 'DETACH')
      const { domain } = event
      const devices = devicesIn(event)
      // As there: those that were attached to another one meanwhile stay there.
      const left = devices.filter((device) => context.attached[device] === domain)
      return {
        ...tables.detach(context, domain, devices),
        ...usedAfter(context, (used) => usage.use(used, left, undefined)),
      }
    }),
    free: assign(({ context, event }) => {
      assertEvent(event, 'FREE')
      return {
        ...tables.free(context, event.domain),
        ...trackedAfter(context, (tracked) => dirt.freed(tracked, event.domain)),
      }
    }),
    done: emit(({ event }, { as }: { as: string }) => answer(event, as)),
    map: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'MAP')
      const { writeOnlyIsReadable, beyondAperture } = context.driver
      const prot = writeOnlyIsReadable ? event.prot | readable : event.prot
      const { tables: after, refused } = tables.map(context, event.domain, { ...event, prot })
      enqueue.assign({ ...after })
      if (refused !== null && beyondAperture === '-EFAULT') enqueue.emit(printk(3, tooNarrow(refused)))
      enqueue.emit(answer(event, 'MAPPED', { ret: refused === null ? 0 : beyondAperture }))
    }),
    unmap: assign(({ context, event }) => {
      assertEvent(event, 'UNMAP')
      return {
        ...tables.unmap(context, event.domain, event.iova, event.size),
        ...trackedAfter(context, (tracked) => dirt.unmapped(tracked, event.domain, event.iova, event.size)),
      }
    }),
    track: assign(({ context, event }) => {
      assertEvent(event, 'TRACK')
      const { table, domain, on } = event
      if (!on) return usedAfter(context, (used) => usage.untrack(used, table))
      return trackedAfter(context, (tracked) => dirt.track(tracked, table, domain))
    }),
    nest: assign(({ context, event }) => {
      assertEvent(event, 'NEST')
      const { table, over, pgtbl } = event
      return usedAfter(context, (used) => usage.nest(used, table, { over, pgtbl }))
    }),
    askAt: assign(({ context, event }) => {
      assertEvent(event, 'ASK_AT')
      return usedAfter(context, (used) => usage.askAt(used, event.table, event.queue))
    }),
    forget: assign(({ context, event }) => {
      assertEvent(event, 'FORGET')
      return usedAfter(context, (used) => usage.forget(used, event.table))
    }),
    invalidate: assign(({ context, event }) => {
      assertEvent(event, 'INVALIDATE')
      return { iotlb: usage.invalidated(context.used!, context.iotlb, event) }
    }),
    guestEntry: assign(({ context, event }) => {
      assertEvent(event, 'GUEST_ENTRY')
      return usedAfter(context, (used) => usage.guestEntry(used, event))
    }),
    answered: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    tellDirty: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'DIRTY')
      const { tracked, bitmap } = dirt.read(context.used!.tracked, event.table, event)
      enqueue.assign({ used: { ...context.used!, tracked } })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, bitmap }))
    }),
    translate: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TRANSLATE')
      const { write, pasid } = event
      const device = pasid === undefined ? event.device : usage.pasidOf(event.device, pasid)
      const { used, blocks: unattachedIsBlocked } = context
      const {
        tables: after,
        pieces,
        fault,
        pages,
      } = tables.translate(context, device, event, {
        unattachedIsBlocked,
        firstStage: usage.firstStageOf(used, device),
      })
      enqueue.assign({ ...after, ...(write && usedAfter(context, (before) => usage.written(before, device, pages))) })
      const asked = fault === null ? undefined : usage.askedBy(used, device)
      if (fault !== null && asked === undefined)
        for (const line of faultLines(context.addresses[event.device]!, fault, pasid)) enqueue.emit(printk(3, line))
      enqueue.emit(answer(event, 'TRANSLATED', { pieces, ...(asked && { asks: { ...asked, addr: fault!.iova } }) }))
    }),
  },
}).createMachine({
  id: 'dmar',
  context: ({ input: { addresses, driver = usualDriver, blocks = false, knowsTables = false } }) => ({
    ...{ addresses, driver, blocks },
    ...tables.empty,
    ...(knowsTables && { used: usage.noneUsed }),
  }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ATTACH: { actions: ['attach', { type: 'done', params: { as: 'ATTACHED' } }] },
        DETACH: { actions: ['detach', { type: 'done', params: { as: 'DETACHED' } }] },
        FREE: { actions: ['free', { type: 'done', params: { as: 'FREED' } }] },
        MAP: { actions: 'map' },
        UNMAP: { actions: ['unmap', { type: 'done', params: { as: 'UNMAPPED' } }] },
        TRANSLATE: { actions: 'translate' },
        TRACK: { actions: ['track', 'answered'] },
        NEST: { actions: ['nest', 'answered'] },
        ASK_AT: { actions: ['askAt', 'answered'] },
        FORGET: { actions: ['forget', 'answered'] },
        INVALIDATE: { actions: ['invalidate', 'answered'] },
        GUEST_ENTRY: { actions: ['guestEntry', 'answered'] },
        DIRTY: { actions: 'tellDirty' },
      },
    },
  },
})
