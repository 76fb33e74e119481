/**
 * The test program makes an edu device copy: it writes the device's registers through the BAR, and the device reads or writes bus addresses.
 * What these lead to is the IOMMU's to say: memory, the registers of another device, or nothing. What cannot be read is zeros,
 * what cannot be written is lost; the program only sees that the engine is through.
 *
 * Where it may ask for what is not there it waits for an answer, and looks again (not recorded).
 *
 * The transfer itself holds no lock: it races with everything. Left out: other devices have no such engine, and nothing happens.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Piece } from '../root-complex/dmar-tables.ts'
import { deviceOf, isZero, pageBytes } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { zeros } from '../function/bytes.ts'
import type { FunctionFacts } from '../function/facts.ts'
import { plan } from '../function/region.ts'

export interface EduDmaInput {
  readonly task: string
  readonly facts: FunctionFacts
  readonly memoryLock: string
  /** The function, and its engine. */
  readonly to: string
  readonly engine: string
}

interface EduDmaContext extends EduDmaInput {
  readonly caller: string | null
  readonly iova: bigint
  readonly len: number
  /** What it does is done with a PASID. */
  readonly pasid: number | null
  /** The device writes. */
  readonly write: boolean
  readonly pieces: readonly Piece[]
  /** What was read, or is still to be written. */
  readonly bytes: string
  readonly signals: readonly string[]
  readonly started: { readonly ret: number | string; readonly engine?: boolean; readonly isMaster?: boolean }
}

/** A page that is not there can be asked for: where, and through which page table. */
interface Asked {
  readonly queue: string
  readonly table: string
  readonly addr: bigint
}

type EduDmaEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly dir: 'from_mem' | 'to_mem'
      readonly iova: bigint
      readonly len: number
      readonly pasid?: number
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FILLED' | 'SIGNALLED' })
  | (Heard & EduDmaContext['started'] & { readonly type: 'ANSWER' })
  | (Heard & { readonly type: 'TRANSLATED'; readonly pieces: readonly Piece[]; readonly asks?: Asked })
  | (Heard & { readonly type: 'RESPONSE'; readonly code: number })
  | (Heard & { readonly type: 'BYTES'; readonly bytes: string })
  | (Heard & { readonly type: 'WRITTEN'; readonly signals?: readonly string[] })

const start = ({ task, facts, memoryLock, to, engine }: EduDmaInput): EduDmaContext => ({
  task,
  facts,
  memoryLock,
  to,
  engine,
  caller: null,
  iova: 0n,
  len: 0,
  pasid: null,
  write: false,
  pieces: [],
  bytes: '',
  signals: [],
  started: { ret: 0 },
})

/** The registers that are written: the four of the engine, 8 bytes each. */
const engineRegisters = { region: 0, offset: 0x80n, size: 32, write: true }

/** A piece of memory, or of a device's. */
function access({ task, pieces, write, bytes }: EduDmaContext) {
  const { page, offset, len } = pieces[0]!
  const device = deviceOf(page!)
  const what = write ? { bytes: bytes.slice(0, len) } : { len }
  if (device === null) return send('ram', write ? 'WRITE' : 'READ', { task, page, offset, ...what })
  const at = { bar: device.bar, offset: page!.n * pageBytes + offset }
  return send(`${device.device}.pci`, write ? 'DMA_WRITE' : 'DMA_READ', { task, ...at, ...what })
}

export const eduDma = setup({
  types: {
    context: {} as EduDmaContext,
    events: {} as EduDmaEvent,
    emitted: {} as Said,
    input: {} as EduDmaInput,
  },
  guards: {
    cannotProgram: ({ context: { facts } }) => typeof plan(facts, engineRegisters) === 'string',
    failed: ({ context: { started } }) => started.ret !== 0,
    hasEngine: ({ context: { started } }) => started.engine === true,
    isMaster: ({ context: { started } }) => started.isMaster === true,
    writes: ({ context }) => context.write,
    isThrough: ({ context }) => context.pieces.length === 0,
    isNowhere: ({ context: { pieces } }) => pieces[0]!.page === null,
    isZeros: ({ context: { pieces, write } }) => !write && isZero(pieces[0]!.page!),
    mustAsk: ({ event }) => event.type === 'TRANSLATED' && event.asks !== undefined,
    isThere: ({ event }) => event.type === 'RESPONSE' && event.code === 0,
    signals: ({ context }) => context.signals.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, dir, iova, len, pasid = null } = event
      return { caller: from, iova, len, pasid, write: dir === 'to_mem' }
    }),
    noRegisters: assign(({ context: { facts } }) => {
      const planned = plan(facts, engineRegisters)
      return { started: { ret: typeof planned === 'string' ? planned : 0 } }
    }),
    lock: emit(({ context: { memoryLock, task } }) => send(memoryLock, 'DOWN_READ', { task })),
    program: emit(({ context: { to, task } }) => send(to, 'START', { task })),
    keepStarted: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      const { ret, engine = false, isMaster = false } = event
      return { started: { ret, engine, isMaster } }
    }),
    unlock: emit(({ context: { memoryLock, task } }) => send(memoryLock, 'UP_READ', { task })),
    contents: emit(({ context: { engine, task, len } }) => send(engine, 'CONTENTS', { task, len })),
    keepContents: assign(({ event }) => {
      assertEvent(event, 'BYTES')
      return { bytes: event.bytes }
    }),
    translate: emit(({ context: { task, facts, iova, len, write, pasid } }) =>
      send('dmar', 'TRANSLATE', { task, device: facts.id, iova, len, write, ...(pasid !== null && { pasid }) }),
    ),
    keepPieces: assign(({ event }) => {
      assertEvent(event, 'TRANSLATED')
      return { pieces: event.pieces }
    }),
    request: emit(({ context: { task, facts, write }, event }) => {
      assertEvent(event, 'TRANSLATED')
      const { queue, ...asked } = event.asks!
      return send(queue, 'REQUEST', { task, device: facts.id, ...asked, write })
    }),
    allNowhere: assign({ pieces: ({ context: { len } }) => [{ page: null, offset: 0, len }] }),
    access: emit(({ context }) => access(context)),
    /** What was read is kept, what was written goes. */
    accessed: assign(({ context: { bytes, pieces, signals }, event }) => {
      const rest = pieces.slice(1)
      if (event.type === 'BYTES') return { bytes: bytes + event.bytes, pieces: rest }
      assertEvent(event, 'WRITTEN')
      return { bytes: bytes.slice(pieces[0]!.len), pieces: rest, signals: [...signals, ...(event.signals ?? [])] }
    }),
    nothing: assign(({ context: { bytes, pieces, write } }) => ({
      bytes: write ? bytes.slice(pieces[0]!.len) : bytes + zeros(pieces[0]!.len),
      pieces: pieces.slice(1),
    })),
    fill: emit(({ context: { engine, task, bytes } }) => send(engine, 'FILL', { task, bytes })),
    signal: emit(({ context: { signals, task } }) => send(signals[0]!, 'SIGNAL', { task })),
    signalled: assign({ signals: ({ context }) => context.signals.slice(1) }),
    finish: emit(({ context: { caller, task, started } }) =>
      send(caller!, 'RETURN', { task, ret: started.ret, ...(started.ret !== 0 && { at: 'reg' }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'eduDma',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [
        { guard: 'cannotProgram', target: 'idle', actions: ['noRegisters', 'finish', 'reset'] },
        { target: 'locking' },
      ],
    },
    locking: { entry: 'lock', on: { LOCKED: 'programming' } },
    programming: { entry: 'program', on: { ANSWER: { target: 'unlocking', actions: 'keepStarted' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'started' } },
    started: {
      always: [
        { guard: 'failed', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'hasEngine', target: 'running' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    running: { always: [{ guard: 'writes', target: 'taking contents' }, { target: 'addressing' }] },
    'taking contents': { entry: 'contents', on: { BYTES: { target: 'addressing', actions: 'keepContents' } } },
    addressing: {
      always: [
        { guard: 'isMaster', target: 'translating' },
        { target: 'copying', actions: 'allNowhere' },
      ],
    },
    translating: {
      entry: 'translate',
      on: {
        TRANSLATED: [
          { guard: 'mustAsk', target: 'waiting', actions: ['keepPieces', 'request'] },
          { target: 'copying', actions: 'keepPieces' },
        ],
      },
    },
    waiting: { on: { RESPONSE: [{ guard: 'isThere', target: 'translating' }, { target: 'copying' }] } },
    copying: {
      always: [
        { guard: 'isThrough', target: 'copied' },
        { guard: 'isNowhere', target: 'copying', reenter: true, actions: 'nothing' },
        { guard: 'isZeros', target: 'copying', reenter: true, actions: 'nothing' },
        { target: 'accessing' },
      ],
    },
    accessing: {
      entry: 'access',
      on: {
        BYTES: { target: 'copying', actions: 'accessed' },
        WRITTEN: { target: 'copying', actions: 'accessed' },
      },
    },
    copied: {
      always: [
        { guard: 'signals', target: 'signalling' },
        { guard: 'writes', target: 'idle', actions: ['finish', 'reset'] },
        { target: 'filling' },
      ],
    },
    signalling: { entry: 'signal', on: { SIGNALLED: { target: 'copied', actions: 'signalled' } } },
    filling: { entry: 'fill', on: { FILLED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
