/**
 * pread and pwrite of a device file: access by access, each under the lock it needs. One that fails ends it, whatever was done before.
 * Interrupts that a write made the device send go out as they come.
 *
 * Source: Linux 6.1 vfio_pci_rw; vfio_basic_config_write for dma-bufs (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { bytesOf, valueOf, type Byte } from './bytes.ts'
import { regions, type FunctionFacts } from './facts.ts'
import { plan, type Access } from './region.ts'

export interface RegionAccessInput {
  readonly task: string
  readonly facts: FunctionFacts
  /** memory_lock. */
  readonly lock: string
  /** The function. */
  readonly to: string
  readonly write: boolean
  /** The call that tells whoever imported its dma-bufs, where there are any. */
  readonly moveBars?: string
}

interface RegionAccessContext extends Omit<RegionAccessInput, 'moveBars'> {
  readonly moveBars: string | null
  readonly caller: string | null
  readonly region: number
  readonly accesses: readonly Access[]
  readonly bytes: readonly Byte[]
  /** Bytes moved so far. */
  readonly done: number
  readonly signals: readonly string[]
  readonly failed: string | null
}

type RegionAccessEvent =
  | (Heard & {
      readonly type: 'CALL'
      /** None: the configuration space. */
      readonly bar?: number
      readonly off: bigint
      readonly size: number
      readonly val?: bigint
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'SIGNALLED' | 'RETURN' })
  | (Heard & { readonly type: 'FAULTED'; readonly ret: number | string })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret: number | string
      readonly bytes?: readonly Byte[]
      readonly signals?: readonly string[]
    })

type Kept = Omit<RegionAccessInput, 'moveBars'> & { readonly moveBars?: string | null | undefined }

const start = ({ task, facts, lock, to, write, moveBars = null }: Kept): RegionAccessContext => ({
  task,
  facts,
  lock,
  to,
  write,
  moveBars,
  caller: null,
  region: 0,
  accesses: [],
  bytes: [],
  done: 0,
  signals: [],
  failed: null,
})

const ones = (size: number): readonly Byte[] => Array.from({ length: size }, () => 0xff)

export const regionAccess = setup({
  types: {
    context: {} as RegionAccessContext,
    events: {} as RegionAccessEvent,
    emitted: {} as Said,
    input: {} as RegionAccessInput,
  },
  guards: {
    isThrough: ({ context }) => context.failed !== null || context.accesses.length === 0,
    isHole: ({ context }) => context.accesses[0]!.isHole,
    isLocked: ({ context }) => context.accesses[0]!.lock !== null,
    /** It may have been the command register. */
    movesBars: ({ context: { write, moveBars, accesses } }) =>
      write && moveBars !== null && accesses[0]!.lock === 'DOWN_WRITE',
    signals: ({ context }) => context.signals.length > 0,
  },
  actions: {
    begin: assign(({ context: { facts, write }, event }) => {
      assertEvent(event, 'CALL')
      const { from, bar = regions.config, off, size, val = 0n } = event
      const planned = plan(facts, { region: bar, offset: off, size, write })
      if (typeof planned === 'string') return { caller: from, failed: planned }
      return { caller: from, ...planned, bytes: write ? bytesOf(val, size) : [] }
    }),
    lock: emit(({ context: { lock, accesses, task } }) => send(lock, accesses[0]!.lock!, { task })),
    unlock: emit(({ context: { lock, accesses, task } }) =>
      send(lock, accesses[0]!.lock === 'DOWN_READ' ? 'UP_READ' : 'UP_WRITE', { task }),
    ),
    ask: emit(({ context: { to, task, region, accesses, write, bytes, done } }) => {
      const { offset, size } = accesses[0]!
      return write
        ? send(to, 'WRITE', { task, region, offset, bytes: bytes.slice(done, done + size) })
        : send(to, 'READ', { task, region, offset, size })
    }),
    look: emit(({ context: { to, task } }) => send(to, 'FAULT', { task, bar: 0 })),
    move: emit(({ context: { moveBars, task }, event }) => {
      assertEvent(event, 'FAULTED')
      return send(moveBars!, 'CALL', { task, isRevoked: event.ret !== 0, isOver: false })
    }),
    keep: assign(({ context: { accesses, bytes, done, signals }, event }) => {
      assertEvent(event, 'ANSWER')
      if (typeof event.ret === 'string') return { failed: event.ret }
      return {
        bytes: [...bytes, ...(event.bytes ?? [])],
        done: done + accesses[0]!.size,
        signals: [...signals, ...(event.signals ?? [])],
      }
    }),
    skipHole: assign(({ context: { write, bytes, accesses, done } }) => ({
      bytes: write ? bytes : [...bytes, ...ones(accesses[0]!.size)],
      done: done + accesses[0]!.size,
    })),
    advance: assign({ accesses: ({ context }) => context.accesses.slice(1) }),
    signal: emit(({ context: { signals, task } }) => send(signals[0]!, 'SIGNAL', { task })),
    signalled: assign({ signals: ({ context }) => context.signals.slice(1) }),
    finish: emit(({ context: { caller, task, failed, write, bytes, done } }) => {
      if (failed !== null) return send(caller!, 'RETURN', { task, ret: failed })
      if (write) return send(caller!, 'RETURN', { task, ret: done })
      const val = valueOf(bytes)
      return send(caller!, 'RETURN', { task, ret: done, val: val ?? 0n, ...(val === null && { unknown: ['val'] }) })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'regionAccess',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'next', actions: 'begin' } } },
    next: {
      always: [
        { guard: 'signals', target: 'signalling' },
        { guard: 'isThrough', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isHole', target: 'next', reenter: true, actions: ['skipHole', 'advance'] },
        { guard: 'isLocked', target: 'locking' },
        { target: 'accessing' },
      ],
    },
    locking: { entry: 'lock', on: { LOCKED: 'accessing under lock' } },
    'accessing under lock': {
      entry: 'ask',
      on: {
        ANSWER: [
          { guard: 'movesBars', target: 'looking at memory', actions: 'keep' },
          { target: 'unlocking', actions: 'keep' },
        ],
      },
    },
    'looking at memory': { entry: 'look', on: { FAULTED: { target: 'moving bars', actions: 'move' } } },
    'moving bars': { on: { RETURN: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'next', actions: 'advance' } } },
    accessing: { entry: 'ask', on: { ANSWER: { target: 'next', actions: ['keep', 'advance'] } } },
    signalling: { entry: 'signal', on: { SIGNALLED: { target: 'next', actions: 'signalled' } } },
  },
})
