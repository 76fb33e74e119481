/**
 * The hardware: the root complex with its IOMMU, what the devices' BARs decode, and whose each device is. A DMA is translated
 * and arrives in one step, because VT-d drains requests that were translated when it invalidates the IOTLB: after an UNMAP was
 * answered nothing is on its way.
 *
 * An access that arrives where nobody decodes the address, or at a device whose COMMAND.MEMORY is off or that is asleep, is an
 * Unsupported Request; one that has no entry in the page tables, or one without permissions, is an IOMMU fault. Both are logged; on a
 * platform that takes them so (firmware first), they are fatal: the question that the cover letters of February 2021 leave
 * open.
 *
 * Source: the cover letters of the two series of 12 and 22 February 2021; PCI Express for the Unsupported Request. The lines
 * for the log are worded after AER's and the DMAR driver's.
 * Left out: memory of the host, the direction of an access, bus mastering, ACS (all DMA goes by way of the root complex), rate
 * limits of the log.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { pageSize } from '../../mm/extent.ts'
import { crash, note, printk, type Heard, type Said } from '../../say.ts'
import * as remapping from './remapping.ts'

export interface Bar {
  readonly device: string
  readonly bar: number
  /** Where it lies. */
  readonly pfn: bigint
  readonly pages: bigint
}

/** How the platform takes an Unsupported Request and an IOMMU fault. */
export type Platform = 'logged' | 'fatal'

export interface RootComplexInput {
  readonly bars?: readonly Bar[]
  /** A container has one IOMMU domain, which goes by its name. */
  readonly domains?: readonly string[]
  /** Device → domain, of those that issue DMA. */
  readonly uses?: Readonly<Record<string, string>>
  /** Device → who has it open. */
  readonly owners?: Readonly<Record<string, string | null>>
  /** Device → COMMAND.MEMORY. */
  readonly memory?: Readonly<Record<string, boolean>>
  readonly platform?: Platform
}

type RootComplexContext = Required<Omit<RootComplexInput, 'domains'>> & {
  readonly tables: remapping.Remapping
  /** Devices in D3hot or in low power: whatever COMMAND.MEMORY says, they decode nothing. */
  readonly asleep: readonly string[]
}

type RootComplexEvent =
  | (Heard & { readonly type: 'MAP'; readonly domain: string; readonly iova: bigint; readonly pfn: bigint })
  | (Heard & { readonly type: 'UNMAP'; readonly domain: string; readonly iova: bigint; readonly size: bigint })
  | (Heard & {
      readonly type: 'ALLOW'
      readonly domain: string
      readonly iova: bigint
      readonly size: bigint
      readonly allowed: boolean
    })
  | (Heard & { readonly type: 'SET_MEMORY'; readonly device: string; readonly on: boolean })
  | (Heard & { readonly type: 'SET_POWER'; readonly device: string; readonly on: boolean })
  | (Heard & { readonly type: 'IS_ON'; readonly device: string })
  /** Of one function, or of a bus with several: memory is off afterwards. The answer says where it was on before. */
  | (Heard & { readonly type: 'RESET'; readonly devices: readonly string[] })
  /** What was saved before a reset is written back. */
  | (Heard & { readonly type: 'RESTORE'; readonly devices: readonly string[] })
  | (Heard & { readonly type: 'SET_OWNER'; readonly device: string; readonly owner: string | null })
  /** A device's access. */
  | (Heard & { readonly type: 'DMA'; readonly device: string; readonly iova: bigint })
  /** A processor's access. */
  | (Heard & { readonly type: 'LOAD'; readonly pfn: bigint })

/** What became of an access: also a device that does not take it, because its memory is off, is one that it reached. */
export interface Arrival {
  readonly ret: 'hit' | 'unsupported-request' | 'iommu-fault'
  readonly of: string | null
  readonly owner: string | null
  readonly memory: boolean | null
}

const isMemoryOn = ({ memory, asleep }: RootComplexContext, device: string): boolean =>
  (memory[device] ?? false) && !asleep.includes(device)

const memoryOf = ({ memory }: RootComplexContext, devices: readonly string[], on: boolean) => ({
  ...memory,
  ...Object.fromEntries(devices.map((device) => [device, on])),
})

const arriveAt = (context: RootComplexContext, pfn: bigint): Arrival => {
  const bar = context.bars.find((each) => each.pfn <= pfn && pfn < each.pfn + each.pages)
  if (bar === undefined) return { ret: 'unsupported-request', of: null, owner: null, memory: null }
  const of = bar.device
  const memory = isMemoryOn(context, of)
  return { ret: memory ? 'hit' : 'unsupported-request', of, owner: context.owners[of] ?? null, memory }
}

/** Where an access goes, who issued it and to what address. */
interface Access {
  readonly by: string
  readonly address: bigint
  readonly arrival: Arrival
}

const accessOf = (context: RootComplexContext, event: RootComplexEvent): Access => {
  assertEvent(event, ['DMA', 'LOAD'])
  if (event.type === 'LOAD')
    return { by: 'the processor', address: event.pfn * pageSize, arrival: arriveAt(context, event.pfn) }
  const { device: by, iova } = event
  const pfn = remapping.translate(context.tables, context.uses[by] ?? '', iova)
  const fault = { ret: 'iommu-fault', of: null, owner: null, memory: null } as const
  return { by, address: iova, arrival: pfn === null ? fault : arriveAt(context, pfn) }
}

/** What is logged of an access that went wrong. */
const complaint = ({
  by,
  address,
  arrival: { ret, of },
}: Access): { readonly title: string; readonly line: string } => {
  const where = `0x${address.toString(16)}`
  const to = of ?? 'nobody'
  if (ret === 'iommu-fault')
    return {
      title: `fatal: IOMMU fault of ${by}`,
      line: `DMAR: [DMA] Request device [${by}] fault addr ${where}: not present, or no permission`,
    }
  return {
    title: `fatal: Unsupported Request of ${by}`,
    line: `pcieport: AER: Uncorrected (Non-Fatal) error: UnsupReq, address ${where}, requester ${by}, completer ${to}`,
  }
}

export const rootComplex = setup({
  types: {
    context: {} as RootComplexContext,
    events: {} as RootComplexEvent,
    emitted: {} as Said,
    input: {} as RootComplexInput,
  },
  guards: {
    isHit: ({ context, event }) => accessOf(context, event).arrival.ret === 'hit',
    isFatal: ({ context }) => context.platform === 'fatal',
  },
  actions: {
    map: assign(({ context: { tables }, event }) => {
      assertEvent(event, 'MAP')
      return { tables: remapping.map(tables, event.domain, event.iova, event.pfn) }
    }),
    unmap: assign(({ context: { tables }, event }) => {
      assertEvent(event, 'UNMAP')
      return { tables: remapping.unmap(tables, event.domain, event.iova, event.size) }
    }),
    allow: assign(({ context: { tables }, event }) => {
      assertEvent(event, 'ALLOW')
      return { tables: remapping.allow(tables, event.domain, event) }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    setMemory: assign(({ context, event }) => {
      assertEvent(event, 'SET_MEMORY')
      return { memory: memoryOf(context, [event.device], event.on) }
    }),
    setPower: assign(({ context, event }) => {
      assertEvent(event, 'SET_POWER')
      const others = context.asleep.filter((each) => each !== event.device)
      return { asleep: event.on ? others : [...others, event.device].toSorted() }
    }),
    resetDevices: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESET')
      enqueue.assign({ memory: memoryOf(context, event.devices, false) })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, on: event.devices.filter((each) => isMemoryOn(context, each)) }))
    }),
    restore: assign(({ context, event }) => {
      assertEvent(event, 'RESTORE')
      return { memory: memoryOf(context, event.devices, true) }
    }),
    isOn: emit(({ context, event }) => {
      assertEvent(event, 'IS_ON')
      return answer(event, 'ANSWER', { on: isMemoryOn(context, event.device) })
    }),
    setOwner: assign(({ context: { owners }, event }) => {
      assertEvent(event, 'SET_OWNER')
      return { owners: { ...owners, [event.device]: event.owner } }
    }),
    noteHit: emit(({ context, event }) => {
      const { by, arrival } = accessOf(context, event)
      return note(arrival.of!, `reached by ${by}`)
    }),
    log: emit(({ context, event }) => printk(3, complaint(accessOf(context, event)).line)),
    arrived: emit(({ context, event }) => answer(event, 'ANSWER', { ...accessOf(context, event).arrival })),
    die: emit(({ context, event }) => {
      const access = accessOf(context, event)
      return crash('bug', complaint(access).title, { object: access.arrival.of ?? access.by })
    }),
  },
}).createMachine({
  id: 'rootComplex',
  context: ({ input: { bars = [], domains = [], uses = {}, owners = {}, memory = {}, platform = 'logged' } }) => ({
    ...{ bars, uses, owners, memory, platform },
    tables: Object.fromEntries(domains.map((domain) => [domain, []])),
    asleep: [],
  }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        MAP: { actions: ['map', 'done'] },
        UNMAP: { actions: ['unmap', 'done'] },
        ALLOW: { actions: ['allow', 'done'] },
        SET_MEMORY: { actions: ['setMemory', 'done'] },
        SET_POWER: { actions: ['setPower', 'done'] },
        IS_ON: { actions: 'isOn' },
        RESET: { actions: 'resetDevices' },
        RESTORE: { actions: ['restore', 'done'] },
        SET_OWNER: { actions: ['setOwner', 'done'] },
        DMA: [
          { guard: 'isHit', actions: ['noteHit', 'arrived'] },
          { guard: 'isFatal', target: 'dead', actions: ['log', 'die'] },
          { actions: ['log', 'arrived'] },
        ],
        LOAD: [
          { guard: 'isHit', actions: ['noteHit', 'arrived'] },
          { guard: 'isFatal', target: 'dead', actions: ['log', 'die'] },
          { actions: ['log', 'arrived'] },
        ],
      },
    },
    dead: {},
  },
})
