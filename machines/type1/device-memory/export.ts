/**
 * VFIO_DEVICE_FEATURE_DMA_BUF on an open device (6.19, vfio_pci_core_feature_dma_buf): a dma-buf of one of its BARs. It keeps the
 * device registered until the device is closed and cleans up (dma-buf.ts). It is born revoked while the device's memory is disabled.
 *
 * The descriptor the ioctl came through stays open meanwhile; if it was closed by another thread, the last release happens here.
 *
 * Left out: ranges within a BAR and their checks (-EINVAL, -EOVERFLOW, regions from the ROM on -ENODEV), getting a descriptor for the
 * buffer, and what happens where that fails (B-36).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Bar } from './dma-buf-object.ts'

export interface ExportInput {
  readonly task: string
  readonly device: string
  readonly bars: Readonly<Record<number, Bar>>
  readonly at: {
    readonly file: string
    /** What counts the device's references. */
    readonly device: string
    readonly release: string
    readonly memoryLock: string
    readonly hardware: string
    readonly dmaResv: string
    readonly dmabuf: string
  }
}

type ExportContext = ExportInput & {
  readonly caller: string | null
  readonly process: string | null
  readonly bar: number
  readonly revoked: boolean
  readonly ret: number | string
}
type ExportEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string; readonly bar?: number })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: number | string
      readonly on?: boolean
      readonly last?: boolean
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, device, bars, at }: ExportInput): ExportContext => ({
  ...{ task, device, bars, at },
  ...{ caller: null, process: null, bar: 0, revoked: false, ret: 0 },
})

export const exportDmaBuf = setup({
  types: {
    context: {} as ExportContext,
    events: {} as ExportEvent,
    emitted: {} as Said,
    input: {} as ExportInput,
  },
  guards: {
    isRefused: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    wasRefused: ({ context }) => context.ret !== 0,
    isLast: ({ event }) => event.type === 'ANSWER' && event.last === true,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, process, bar = 0 } = event
      return { caller, process, bar }
    }),
    hold: emit(({ context: { at, task, process } }) => send(at.file, 'GET', { task, fd: true, process })),
    register: emit(({ context: { at, task } }) => send(at.device, 'GET', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret! }
    }),
    downWrite: emit(({ context: { at, task } }) => send(at.memoryLock, 'DOWN_WRITE', { task })),
    ask: emit(({ context: { at, task, device } }) => send(at.hardware, 'IS_ON', { task, device })),
    see: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { revoked: !event.on }
    }),
    lock: emit(({ context: { at, task } }) => send(at.dmaResv, 'LOCK', { task })),
    export: emit(({ context: { at, task, bars, bar, revoked } }) =>
      send(at.dmabuf, 'EXPORT', { task, bar: bars[bar], revoked }),
    ),
    unlock: emit(({ context: { at, task } }) => send(at.dmaResv, 'UNLOCK', { task })),
    upWrite: emit(({ context: { at, task } }) => send(at.memoryLock, 'UP_WRITE', { task })),
    unregister: emit(({ context: { at, task } }) => send(at.device, 'PUT', { task })),
    letGo: emit(({ context: { at, task } }) => send(at.file, 'PUT', { task })),
    release: emit(({ context: { at, task, device, process } }) => send(at.release, 'CALL', { task, device, process })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    /** What was asked for is over: runs that differ only in that become one. */
    conclude: assign(({ context }) => {
      const { caller, process, ret } = context
      return { ...start(context), caller, process, ret }
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'exportDmaBuf',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'holding', actions: 'begin' } } },
    holding: {
      entry: 'hold',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'idle', actions: ['keep', 'finish', 'reset'] },
          { target: 'registering' },
        ],
      },
    },
    registering: {
      entry: 'register',
      on: {
        ANSWER: [{ guard: 'isRefused', target: 'letting go', actions: 'keep' }, { target: 'locking memory' }],
      },
    },
    'locking memory': { entry: 'downWrite', on: { LOCKED: 'asking' } },
    asking: { entry: 'ask', on: { ANSWER: { target: 'locking', actions: 'see' } } },
    locking: { entry: 'lock', on: { LOCKED: 'exporting' } },
    exporting: { entry: 'export', on: { ANSWER: { target: 'unlocking', actions: 'keep' } } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: 'unlocking memory' } },
    'unlocking memory': {
      entry: 'upWrite',
      on: { UNLOCKED: [{ guard: 'wasRefused', target: 'unregistering' }, { target: 'letting go' }] },
    },
    unregistering: { entry: 'unregister', on: { ANSWER: 'letting go' } },
    'letting go': {
      entry: ['conclude', 'letGo'],
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'releasing' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { entry: 'release', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
