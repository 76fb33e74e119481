/**
 * VFIO_DEVICE_FEATURE_DMA_BUF: makes a dma-buf of parts of a BAR, and a descriptor for it. It may be made while memory is off.
 *
 * Source: vfio_pci_core_feature_dma_buf (drivers/vfio/pci/vfio_pci_dmabuf.c, 7.x); vfio_ioctl_device_feature. Left out: no memory.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { pageSize, type Extent } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { regions, type FunctionFacts } from '../function/facts.ts'

export interface ExportBarInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  readonly facts: FunctionFacts
  /** memory_lock, and the function. */
  readonly lock: string
  readonly to: string
  /** A kernel without it knows no such feature. */
  readonly exists: boolean
}

interface ExportArgs {
  readonly as: string
  readonly makes: string
  readonly argsz: number
  readonly flags: number
  readonly region: number
  readonly num?: number
  readonly dflags: number
  /** `0-0xfff,0x2000-0x2fff` */
  readonly ranges: string
}

type ExportBarContext = ExportBarInput & {
  readonly caller: string | null
  readonly args: ExportArgs | null
  readonly hasMemory: boolean
  readonly ret: number | string
}

type ExportBarEvent =
  | (Heard & ExportArgs & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'FAULTED' | 'INSTALLED' | 'ANSWER'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, table, facts, lock, to, exists }: ExportBarInput): ExportBarContext => ({
  ...{ task, table, facts, lock, to, exists },
  ...{ caller: null, args: null, hasMemory: false, ret: 0 },
})

const feature = { get: 1 << 16, set: 1 << 17, probe: 1 << 18, index: 0xffff }
/** sizeof of what stands before the ranges. */
const leastSize = 24

const spansIn = (ranges: string): readonly (readonly [bigint, bigint])[] =>
  ranges.split(',').map((each) => {
    const [first = '0', last = '0'] = each.split('-')
    return [BigInt(first), BigInt(last)]
  })

const refusal = ({ facts, args, exists }: ExportBarContext): string | undefined => {
  const { argsz, flags, region, num, dflags, ranges } = args!
  const bar = region < regions.rom ? facts.bars[region] : null
  const isAligned = (at: bigint): boolean => at % pageSize === 0n
  return firstFailing([
    [!exists, '-ENOTTY'],
    [(flags & feature.set) !== 0 || (flags & (feature.get | feature.probe)) === 0, '-EINVAL'],
    [argsz < leastSize, '-EINVAL'],
    [dflags !== 0 || num === 0, '-EINVAL'],
    [bar === null || bar === undefined || bar.kind !== 'memory', '-ENODEV'],
    [
      () =>
        spansIn(ranges).some(
          ([first, last]) => !isAligned(first) || !isAligned(last + 1n) || last >= BigInt(bar!.size),
        ),
      '-EINVAL',
    ],
  ])
}

const partsOf = ({ facts, args }: ExportBarContext): readonly Extent[] =>
  spansIn(args!.ranges).map(([first, last]) => ({
    in: `${facts.id}.bar${args!.region}`,
    n: Number(first / pageSize),
    pages: Number((last + 1n - first) / pageSize),
  }))

export const exportBar = setup({
  types: {
    context: {} as ExportBarContext,
    events: {} as ExportBarEvent,
    emitted: {} as Said,
    input: {} as ExportBarInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: event }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    lock: emit(({ context: { lock, task } }) => send(lock, 'DOWN_WRITE', { task })),
    look: emit(({ context: { to, task, args } }) => send(to, 'FAULT', { task, bar: args!.region })),
    keepMemory: assign(({ event }) => ({ hasMemory: event.type === 'FAULTED' && event.ret === 0 })),
    make: emit(({ context }) => {
      const { task, facts, args, hasMemory } = context
      return send(args!.makes, 'MAKE', { task, device: facts.id, parts: partsOf(context), isRevoked: !hasMemory })
    }),
    unlock: emit(({ context: { lock, task } }) => send(lock, 'UP_WRITE', { task })),
    install: emit(({ context: { task, table, args } }) => {
      const { as, makes } = args!
      return send('files', 'INSTALL', { task, table, fd: as, file: makes, kind: 'dma-buf', of: makes })
    }),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'exportBar',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'locking' }],
    },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: { entry: 'look', on: { FAULTED: { target: 'making', actions: 'keepMemory' } } },
    making: { entry: 'make', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'installing' } },
    installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['keepRet', 'finish', 'reset'] } } },
  },
})
