/**
 * IOMMU_HWPT_ALLOC: a page table of its own for an IOAS, without a device that is attached to it. What is mapped goes into it at once, and as long
 * as it is there the IOAS is used. It joins as a device does that has no addresses of its own.
 *
 * Source: iommufd_hwpt_alloc, iommufd_hwpt_paging_alloc (6.2 to 7.x).
 * One that is nested in another holds nothing by itself: the IOMMU is told where the guest has it (intel_iommu_domain_alloc_nested; not recorded).
 * Left out: the references it has for as long as it takes; that nobody can attach to it before it is filled.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { misfits, type Passed } from '../../kernel/passed.ts'
import type { Profile } from '../../profile.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { tableOf } from '../abilities.ts'
import { flag } from '../numbers.ts'
import type { Domain } from '../ioas/iova-space.ts'

export interface HwptAllocInput {
  readonly task: string
  /** The iommufd file. */
  readonly context: string
  readonly domain: Domain
  readonly kernel: Pick<Profile, 'refusesFaultQueue' | 'takesTokens'>
}

interface HwptArgs extends Passed {
  readonly devid: number
  readonly pt: number
  readonly flags: number
  readonly data_type: number
  readonly data_len: number
  readonly data?: string
  readonly pgtbl: bigint
  readonly fault: number
  readonly reserved: number
}

type HwptAllocContext = HwptAllocInput & {
  readonly caller: string | null
  readonly args: HwptArgs | null
  readonly ioas: string | null
  readonly hwpt: number
  /** What it is nested in. */
  readonly over: string | null
  /** The queue that the IOMMU puts page requests into. */
  readonly asks: string | null
  readonly ret: number | string
}

type HwptAllocEvent =
  | (Heard & HwptArgs & { readonly type: 'CALL' })
  | (Heard & {
      readonly type: 'MADE'
      readonly ret: number | string
      readonly ioas?: string
      readonly hwpt?: number
      readonly over?: string
      readonly asks?: string
    })
  | (Heard & { readonly type: 'RETURN' | 'DROPPED' | 'ANSWER'; readonly ret: number | string })

/** What a page table is called among those who use the domain of an IOAS. */
export const asUser = (hwpt: number): string => `table${hwpt}`

const start = ({ task, context, domain, kernel }: HwptAllocInput): HwptAllocContext => ({
  ...{ task, context, domain, kernel, caller: null, args: null, ioas: null, hwpt: 0, over: null, asks: null, ret: 0 },
})

const refusal = ({ args }: HwptAllocContext): string | undefined => {
  const { reserved, data_type, data_len } = args!
  return firstFailing([
    ...misfits([40, 48], args!),
    [reserved !== 0, '-EOPNOTSUPP'],
    [(data_type === 0) !== (data_len === 0), '-EINVAL'],
  ])
}

export const hwptAlloc = setup({
  types: {
    context: {} as HwptAllocContext,
    events: {} as HwptAllocEvent,
    emitted: {} as Said,
    input: {} as HwptAllocInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
    hasQueue: ({ event }) => event.type === 'MADE' && event.asks !== undefined,
    hasParent: ({ context }) => context.over !== null,
    isNested: ({ event }) => event.type === 'MADE' && event.over !== undefined,
    failed: ({ event }) => 'ret' in event && typeof event.ret === 'string',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: event }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    make: emit(({ context: { task, context, args, kernel } }) => {
      const { devid, pt, flags, data_type, data_len, fault } = args!
      const data = data_type === 0 ? null : { type: data_type, len: data_len, readable: args!.data === undefined }
      const queue = (flags & flag.faultId) === 0 ? null : fault
      const { refusesFaultQueue: refusesQueue, takesTokens: takesPasids } = kernel
      return send(context, 'MAKE_TABLE', { task, devid, pt, flags, data, queue, refusesQueue, takesPasids })
    }),
    keepMade: assign(({ event }) => {
      assertEvent(event, 'MADE')
      return { ioas: event.ioas!, hwpt: event.hwpt!, over: event.over ?? null, asks: event.asks ?? null }
    }),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    join: emit(({ context: { task, ioas, hwpt, domain } }) => {
      const device = asUser(hwpt)
      return send(`${task}.${ioas}.attach`, 'CALL', { task, device, group: device, devices: [], domain, ranges: [] })
    }),
    tellQueue: emit(({ context: { task, ioas, hwpt, asks } }) =>
      send('dmar', 'ASK_AT', { task, table: tableOf(ioas!, hwpt), queue: asks }),
    ),
    nest: emit(({ context: { task, ioas, hwpt, over, args } }) =>
      send('dmar', 'NEST', { task, table: tableOf(ioas!, hwpt), over, pgtbl: args!.pgtbl }),
    ),
    drop: emit(({ context: { task, context, hwpt } }) => send(context, 'DROP_OBJECT', { task, id: hwpt })),
    finish: emit(({ context: { caller, task, ret, hwpt } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && { hwpt }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'hwptAlloc',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'making' }],
    },
    making: {
      entry: 'make',
      on: {
        MADE: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { guard: 'hasQueue', target: 'telling queue', actions: 'keepMade' },
          { guard: 'isNested', target: 'nesting', actions: 'keepMade' },
          { target: 'joining', actions: 'keepMade' },
        ],
      },
    },
    'telling queue': {
      entry: 'tellQueue',
      on: { ANSWER: [{ guard: 'hasParent', target: 'nesting' }, { target: 'joining' }] },
    },
    nesting: { entry: 'nest', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    joining: {
      entry: 'join',
      on: {
        RETURN: [
          { guard: 'failed', target: 'dropping', actions: 'keepRet' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    dropping: { entry: 'drop', on: { DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
