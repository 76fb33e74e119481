/**
 * The IOMMU hardware (VT-d) and the driver's part that only passes things on to it: which domain a device uses, what a domain maps, and
 * what becomes of a device's access. A blocked access is logged once it is over, by the fault interrupt.
 *
 * Source: Linux 6.1 intel_iommu_map, dmar_fault_do_one; recorded on 6.12 and 7.2. Left out: the rate limit of the fault messages (3 faults in 5 seconds).
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Extent } from '../../mm/extent.ts'
import type { IommuTraits } from '../../traits.ts'
import { printk, type Heard, type Said } from '../../say.ts'
import * as tables from './dmar-tables.ts'

export interface DmarInput {
  /** Device → bus:slot.function, as the log names it. */
  readonly addresses: Readonly<Record<string, string>>
  /** Its driver, where that matters: what is present can be read, and -EFAULT beyond the aperture, unless it says otherwise. */
  readonly driver?: Pick<IommuTraits, 'writeOnlyIsReadable' | 'beyondAperture'>
  /** Devices without a domain reach nothing at all, as where iommufd has them; otherwise they have one in which nothing is mapped. */
  readonly blocks?: boolean
}

type DmarContext = Required<DmarInput> & tables.Tables

type DmarEvent =
  | (Heard & { readonly type: 'ATTACH' | 'DETACH'; readonly domain: string; readonly devices: readonly string[] })
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
    })

const hex = (value: bigint | number): string => value.toString(16)

const reasons: Readonly<Record<number, string>> = {
  0x02: 'Present bit in context entry is clear',
  0x04: 'Access beyond MGAW',
  0x05: 'PTE Write access is not set',
  0x06: 'PTE Read access is not set',
}

const faultLines = (address: string, { iova, write, reason }: tables.Fault): readonly string[] => {
  const code = `0x${hex(reason).padStart(2, '0')}`
  return [
    'DMAR: DRHD: handling fault status reg 2',
    `DMAR: [DMA ${write ? 'Write' : 'Read'} NO_PASID] Request device [${address}] fault addr 0x${hex(iova)} ` +
      `[fault reason ${code}] ${reasons[reason]}`,
  ]
}

const tooNarrow = (end: bigint): string =>
  `DMAR: intel_iommu_map: iommu width (48) is not sufficient for the mapped address (${hex(end)})`

const usualDriver = { writeOnlyIsReadable: true, beyondAperture: '-EFAULT' } as const

const readable = 1

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
      return tables.attach(context, event.domain, event.devices)
    }),
    detach: assign(({ context, event }) => {
      assertEvent(event, 'DETACH')
      return tables.detach(context, event.domain, event.devices)
    }),
    free: assign(({ context, event }) => {
      assertEvent(event, 'FREE')
      return tables.free(context, event.domain)
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
      return tables.unmap(context, event.domain, event.iova, event.size)
    }),
    translate: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TRANSLATE')
      const { tables: after, pieces, fault } = tables.translate(context, event.device, event, context.blocks)
      enqueue.assign({ ...after })
      if (fault !== null)
        for (const line of faultLines(context.addresses[event.device]!, fault)) enqueue.emit(printk(3, line))
      enqueue.emit(answer(event, 'TRANSLATED', { pieces }))
    }),
  },
}).createMachine({
  id: 'dmar',
  context: ({ input: { addresses, driver = usualDriver, blocks = false } }) => ({
    ...{ addresses, driver, blocks },
    ...tables.empty,
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
      },
    },
  },
})
