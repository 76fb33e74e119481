/**
 * IOMMU_FAULT_QUEUE_ALLOC: a queue for faults that devices wait with, and a descriptor to read them from. No device of this machine has any.
 *
 * Source: iommufd_fault_alloc (drivers/iommu/iommufd/eventq.c, 6.11 to 7.x). Left out: faults.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { misfits, type Passed } from '../../kernel/passed.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface FaultQueueAllocInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  /** The iommufd file. */
  readonly context: string
}

interface QueueArgs extends Passed {
  readonly as: string
  readonly makes: string
  readonly flags: number
}

type FaultQueueAllocContext = FaultQueueAllocInput & {
  readonly caller: string | null
  readonly args: QueueArgs | null
  readonly id: number
  readonly ret: number | string
}

type FaultQueueAllocEvent =
  | (Heard & QueueArgs & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'RESERVED'; readonly ret: number | string })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: 0; readonly id: number })
  | (Heard & { readonly type: 'INSTALLED' })

const start = ({ task, table, context }: FaultQueueAllocInput): FaultQueueAllocContext => ({
  ...{ task, table, context, caller: null, args: null, id: 0, ret: 0 },
})

/** What files of fault queues belong to. */
export const queuesOf = (context: string): string => `${context}.queues`

const refusal = ({ args }: FaultQueueAllocContext): string | undefined =>
  firstFailing([...misfits([16, 16], args!), [args!.flags !== 0, '-EOPNOTSUPP']])

export const faultQueueAlloc = setup({
  types: {
    context: {} as FaultQueueAllocContext,
    events: {} as FaultQueueAllocEvent,
    emitted: {} as Said,
    input: {} as FaultQueueAllocInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: event }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    reserve: emit(({ context: { task, table } }) => send('files', 'RESERVE', { task, table })),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    make: emit(({ context: { task, context, args } }) => send(context, 'MAKE_QUEUE', { task, file: args!.makes })),
    keepId: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { id: event.id }
    }),
    install: emit(({ context: { task, table, context, args } }) => {
      const { as, makes } = args!
      const opened = { fd: as, file: makes, kind: 'fault queue', of: queuesOf(context), reserved: true }
      return send('files', 'INSTALL', { task, table, ...opened })
    }),
    finish: emit(({ context: { caller, task, ret, id } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && { id }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'faultQueueAlloc',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'reserving' }],
    },
    reserving: {
      entry: 'reserve',
      on: {
        RESERVED: [{ guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] }, { target: 'making' }],
      },
    },
    making: { entry: 'make', on: { ANSWER: { target: 'installing', actions: 'keepId' } } },
    installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
