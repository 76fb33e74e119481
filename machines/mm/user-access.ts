/**
 * Loads and stores of a process: the page tables say which pages are meant; what is missing is brought in under mmap_lock (a page fault); then
 * the bytes are moved, from or to memory or the registers of a device.
 *
 * `peek` and `poke` are one instruction: nothing is stored when part of it faults. `fill` (memset) and `copy` (copy_to_user,
 * copy_from_user) have moved everything before the fault. In device memory it matters how they are cut: a fill into up to 8 bytes that cross
 * no multiple of 8; a copy, wherever it begins, into 8 bytes while so many are left and then single bytes, from 64 bytes on into single bytes
 * (seen on Linux 6.1.192, a processor with ERMS and without FSRM).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import { deviceOf, isZero, pageBytes, unknownByte, type Extent, type Page } from './extent.ts'
import type { Reached } from './faults.ts'

export interface UserAccessInput {
  readonly task: string
  readonly mm: string
  readonly how: 'peek' | 'poke' | 'fill' | 'copy'
}

/** Bytes that are moved at once. */
interface Part {
  readonly page: Page
  readonly offset: number
  readonly len: number
}

interface UserAccessContext extends UserAccessInput {
  readonly caller: string | null
  readonly vaddr: bigint
  readonly len: number
  readonly write: boolean
  /** What is written: all of it, or (fill) the byte that is repeated. */
  readonly text: string
  readonly parts: readonly Part[]
  /** How many of them were moved. */
  readonly nth: number
  readonly done: number
  readonly bytes: string
  readonly stopped: Reached['stopped']
  readonly signals: readonly string[]
}

type UserAccessEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly vaddr: bigint
      readonly size?: number
      readonly len?: number | bigint
      readonly val?: number | bigint
      readonly write?: boolean
      readonly bytes?: string
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'WRITTEN' | 'SIGNALLED' })
  | (Heard & {
      readonly type: 'ACCESSED'
      readonly extents: readonly Extent[]
      readonly stopped: Reached['stopped']
      readonly offset: number
    })
  | (Heard & { readonly type: 'BYTES'; readonly bytes: string })
  | (Heard & {
      readonly type: 'MMIO'
      readonly ret: number | string
      /** What a load got; null when nobody knows. */
      readonly val?: bigint | null
      /** What a store made the device signal: eventfds. */
      readonly signals?: readonly string[]
    })

const start = ({ task, mm, how }: UserAccessInput): UserAccessContext => ({
  task,
  mm,
  how,
  caller: null,
  vaddr: 0n,
  len: 0,
  write: false,
  text: '',
  parts: [],
  nth: 0,
  done: 0,
  bytes: '',
  stopped: null,
  signals: [],
})

/** Little-endian. */
const bytesOf = (value: bigint, size: number): string =>
  Array.from({ length: size }, (_, index) => String.fromCharCode(Number((value >> BigInt(8 * index)) & 0xffn))).join('')

const valueOf = (bytes: string): bigint =>
  [...bytes].reduceRight((value, byte) => (value << 8n) | BigInt(byte.charCodeAt(0)), 0n)

/** How long the next access to device memory is: `from` this place on, with so much left of the page and of the whole. */
type Cut = (from: number, left: number) => number

/** At most `most` bytes that cross no multiple of it. */
const aligned =
  (most: number): Cut =>
  (from, left) =>
    Math.min(most - (from % most), left)

/** As a processor with fast string copies moves it; by length alone. */
const copied =
  (len: number): Cut =>
  (_from, left) =>
    len < 64 && left >= 8 ? 8 : 1

const cutOf = ({ how, len }: Pick<UserAccessContext, 'how' | 'len'>): Cut => {
  if (how === 'copy') return copied(len)
  return aligned(how === 'fill' ? 8 : len)
}

/** Runs of bytes; in device memory, single accesses. */
const partsOf = (extents: readonly Extent[], offset: number, len: number, cut: Cut): Part[] => {
  const parts: Part[] = []
  let left = len
  let from = offset
  for (const extent of extents) {
    const all = Math.min(left, extent.pages * pageBytes - from)
    if (deviceOf(extent) === null) parts.push({ page: { in: extent.in, n: extent.n }, offset: from, len: all })
    else {
      for (let at = from; at < from + all;) {
        const part = cut(at, from + all - at)
        parts.push({ page: { in: extent.in, n: extent.n }, offset: at, len: part })
        at += part
      }
    }
    left -= all
    from = 0
  }
  return parts.filter((part) => part.len > 0)
}

const next = ({ parts, nth }: Pick<UserAccessContext, 'parts' | 'nth'>): Part => parts[nth]!

/** What the next part is stored from. */
const nextText = ({ how, text, done, ...context }: UserAccessContext): string => {
  const { len } = next(context)
  return how === 'fill' ? text.repeat(len) : text.slice(done, done + len)
}

/** `edu1.pci` has the register; the rest says which. */
const registerOf = ({ page, offset, len }: Part) => {
  const { device, bar } = deviceOf(page)!
  return { pci: `${device}.pci`, register: { bar, offset: page.n * pageBytes + offset, size: len } }
}

const bytesRead = (event: UserAccessEvent, len: number): string => {
  if (event.type === 'BYTES') return event.bytes
  if (event.type !== 'MMIO' || event.val === undefined) return ''
  return event.val === null ? unknownByte.repeat(len) : bytesOf(event.val, len)
}

export const userAccess = setup({
  types: {
    context: {} as UserAccessContext,
    events: {} as UserAccessEvent,
    emitted: {} as Said,
    input: {} as UserAccessInput,
  },
  guards: {
    misses: ({ event }) => event.type === 'ACCESSED' && event.stopped === 'page missing',
    signals: ({ context }) => context.signals.length > 0,
    isThrough: ({ context }) => context.nth >= context.parts.length,
    isZeros: ({ context }) => !context.write && isZero(next(context).page),
    isRegister: ({ context }) => deviceOf(next(context).page) !== null,
    isBusError: ({ event }) => event.type === 'MMIO' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ context: { how }, event }) => {
      assertEvent(event, 'CALL')
      const { from, vaddr, size = 4, val = 0 } = event
      const given = { caller: from, vaddr }
      if (how === 'peek') return { ...given, len: size, write: false }
      if (how === 'poke') return { ...given, len: size, write: true, text: bytesOf(BigInt(val), size) }
      const len = Number(event.len ?? 0)
      if (how === 'fill') return { ...given, len, write: true, text: bytesOf(BigInt(val), 1) }
      return { ...given, len, write: event.write === true, text: event.bytes ?? '' }
    }),
    access: emit(({ context: { mm, task, vaddr, len, write } }) => send(mm, 'ACCESS', { task, vaddr, len, write })),
    lock: emit(({ context: { mm, task } }) => send(`${mm}.mmap_lock`, 'DOWN_READ', { task })),
    fault: emit(({ context: { mm, task, vaddr, len, write } }) => send(mm, 'FAULT', { task, vaddr, len, write })),
    unlock: emit(({ context: { mm, task } }) => send(`${mm}.mmap_lock`, 'UP_READ', { task })),
    keepPages: assign(({ context, event }) => {
      assertEvent(event, 'ACCESSED')
      const { extents, stopped, offset } = event
      const { how, len } = context
      const isOne = how === 'peek' || how === 'poke'
      return { stopped, parts: isOne && stopped !== null ? [] : partsOf(extents, offset, len, cutOf(context)) }
    }),
    readZeros: assign(({ context }) => {
      const { bytes, done, nth } = context
      const { len } = next(context)
      return { bytes: bytes + '\0'.repeat(len), done: done + len, nth: nth + 1 }
    }),
    move: emit(({ context }) => {
      const { task, write } = context
      const { page, offset, len } = next(context)
      return write
        ? send('ram', 'WRITE', { task, page, offset, bytes: nextText(context) })
        : send('ram', 'READ', { task, page, offset, len })
    }),
    moveRegister: emit(({ context }) => {
      const { task, write } = context
      const { pci, register } = registerOf(next(context))
      return write
        ? send(pci, 'MMIO_WRITE', { task, ...register, val: valueOf(nextText(context)) })
        : send(pci, 'MMIO_READ', { task, ...register })
    }),
    moved: assign(({ context, event }) => {
      const { bytes, done, nth } = context
      const { len } = next(context)
      const signals = event.type === 'MMIO' ? (event.signals ?? []) : []
      return { bytes: bytes + bytesRead(event, len), nth: nth + 1, done: done + len, signals }
    }),
    signal: emit(({ context: { task, signals } }) => send(signals[0]!, 'SIGNAL', { task })),
    signalled: assign({ signals: ({ context }) => context.signals.slice(1) }),
    busError: assign({ parts: [], nth: 0, stopped: 'nothing behind it' }),
    finish: emit(({ context: { caller, task, how, write, done, bytes, stopped } }) => {
      if (how === 'copy') {
        const ret = stopped === null ? 0 : '-EFAULT'
        return send(caller!, 'RETURN', { task, ret, done, ...(!write && { bytes }) })
      }
      if (stopped !== null) {
        return send(caller!, 'RETURN', { task, ret: stopped === 'nothing behind it' ? 'SIGBUS' : 'SIGSEGV' })
      }
      if (how !== 'peek') return send(caller!, 'RETURN', { task, ret: 0 })
      if (bytes.includes(unknownByte)) return send(caller!, 'RETURN', { task, ret: 0, val: 0n, unknown: ['val'] })
      return send(caller!, 'RETURN', { task, ret: 0, val: valueOf(bytes) })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'userAccess',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'reaching', actions: 'begin' } } },
    reaching: {
      entry: 'access',
      on: {
        ACCESSED: [
          { guard: 'misses', target: 'locking' },
          { target: 'moving', actions: 'keepPages' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'faulting' } },
    faulting: { entry: 'fault', on: { ACCESSED: { target: 'unlocking', actions: 'keepPages' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'moving' } },
    moving: {
      always: [
        { guard: 'signals', target: 'signalling' },
        { guard: 'isThrough', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isZeros', target: 'moving', reenter: true, actions: 'readZeros' },
        { guard: 'isRegister', target: 'moving a register' },
        { target: 'moving bytes' },
      ],
    },
    'moving bytes': {
      entry: 'move',
      on: { BYTES: { target: 'moving', actions: 'moved' }, WRITTEN: { target: 'moving', actions: 'moved' } },
    },
    signalling: { entry: 'signal', on: { SIGNALLED: { target: 'moving', actions: 'signalled' } } },
    'moving a register': {
      entry: 'moveRegister',
      on: {
        MMIO: [
          { guard: 'isBusError', target: 'moving', actions: 'busError' },
          { target: 'moving', actions: 'moved' },
        ],
      },
    },
  },
})
