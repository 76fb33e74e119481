/**
 * How the hardware finds the memory that a device means by a PASID: the IOMMU's table of PASIDs with the page tables of processes behind
 * it, and what the IOTLB and the ATCs of the devices hold of them. The kernel's half of the page tables is kernel-walks.ts.
 *
 * A process has one page, which is in (FAULT_IN) or not (ZAP). What is cached is believed, whatever the table says meanwhile: that is why
 * unbinding invalidates. An invalidation may time out; then everything stays as it was.
 *
 * `unbound` is nobody's but the story's: that the unbind of a pair of a device and an address space was answered, until it is bound again.
 * It names the address space and does not point to it: nothing is kept alive by being remembered.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017) with the rest of its series, PCI Express ATS,
 * drivers/iommu/iommu-sva.c.
 * Left out: addresses and permissions, more than one page, large pages, an IOTLB that forgets by itself, walk caches of user page tables.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { isSame, named, type Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

export interface TranslationInput {
  /** How many invalidations time out before one works. */
  readonly failures?: number
}

interface Pair {
  readonly device: string
  readonly pasid: number
}

/** Whose memory a device means by a PASID. */
type Entry = Pair & { readonly mm: Pointer }

interface TranslationContext {
  /** What the drivers wrote. */
  readonly entries: readonly Entry[]
  /** What IOTLB and ATCs hold. */
  readonly cached: readonly Entry[]
  /** Whose page is in. */
  readonly present: readonly string[]
  /** Pairs of a device and an address space. */
  readonly unbound: readonly string[]
  readonly failures: number
}

type TranslationEvent =
  | (Heard & Entry & { readonly type: 'SET_ENTRY' })
  | (Heard & Pair & { readonly type: 'CLEAR_ENTRY' | 'INVALIDATE' | 'TRANSLATE' })
  | (Heard & { readonly type: 'FAULT_IN' | 'ZAP'; readonly mm: Pointer })
  | (Heard & { readonly type: 'UNBOUND'; readonly device: string; readonly mm: Pointer })

interface Step {
  readonly context: TranslationContext
  readonly event: TranslationEvent
}

const isOf =
  (pair: Pair) =>
  (entry: Entry): boolean =>
    entry.device === pair.device && entry.pasid === pair.pasid

/** In the order of devices and PASIDs: who came first makes no difference. */
const sorted = (entries: readonly Entry[]): readonly Entry[] =>
  entries.toSorted((one, other) =>
    one.device === other.device ? one.pasid - other.pasid : one.device < other.device ? -1 : 1,
  )

const without = (entries: readonly Entry[], pair: Pair): readonly Entry[] =>
  entries.filter((entry) => !isOf(pair)(entry))

const pairOf = ({ event }: Step): Pair => {
  assertEvent(event, ['SET_ENTRY', 'CLEAR_ENTRY', 'INVALIDATE', 'TRANSLATE'])
  return event
}

const mmOf = ({ event }: Step): Pointer => {
  assertEvent(event, ['SET_ENTRY', 'FAULT_IN', 'ZAP', 'UNBOUND'])
  return event.mm
}

const bondOf = (device: string, mm: Pointer): string => `${device} ${named(mm)}`

/** What is cached for a PASID, and what the table says of it. */
const cachedFor = (step: Step): Entry | undefined => step.context.cached.find(isOf(pairOf(step)))
const entryFor = (step: Step): Entry | undefined => step.context.entries.find(isOf(pairOf(step)))

const isPresent = ({ context }: Step, { mm }: Entry): boolean => context.present.includes(named(mm))

const isUnbound = ({ unbound }: TranslationContext, { device, mm }: Entry): boolean =>
  unbound.includes(bondOf(device, mm))

const found = (step: Step, ret: 'hit' | 'miss', entry: Entry): Said =>
  answer(step.event, 'ANSWER', { ret, mm: entry.mm, unbound: isUnbound(step.context, entry) })

const deviceOf = ({ event }: Step): string => {
  assertEvent(event, 'UNBOUND')
  return event.device
}

export const translation = setup({
  types: {
    context: {} as TranslationContext,
    events: {} as TranslationEvent,
    emitted: {} as Said,
    input: {} as TranslationInput,
  },
  guards: {
    timesOut: ({ context }) => context.failures > 0,
    isCached: (step) => cachedFor(step) !== undefined,
    isIn: (step) => {
      const entry = entryFor(step)
      return entry !== undefined && isPresent(step, entry)
    },
    isEntered: (step) => entryFor(step) !== undefined,
  },
  actions: {
    enter: assign((step) => {
      const { device, pasid } = pairOf(step)
      const mm = mmOf(step)
      const { entries, unbound } = step.context
      return {
        entries: sorted([...without(entries, { device, pasid }), { device, pasid, mm }]),
        unbound: unbound.filter((bond) => bond !== bondOf(device, mm)),
      }
    }),
    clear: assign((step) => ({ entries: without(step.context.entries, pairOf(step)) })),
    invalidate: assign((step) => ({ cached: without(step.context.cached, pairOf(step)) })),
    countDown: assign({ failures: ({ context }) => context.failures - 1 }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    timedOut: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ETIMEDOUT' })),

    hitCached: emit((step) => found(step, 'hit', cachedFor(step)!)),
    /** What was found in the page tables is kept. */
    hitAndCache: enqueueActions(({ context, event, enqueue }) => {
      const step = { context, event }
      const entry = entryFor(step)!
      enqueue.assign({ cached: sorted([...context.cached, entry]) })
      enqueue.emit(found(step, 'hit', entry))
    }),
    miss: emit((step) => found(step, 'miss', entryFor(step)!)),
    abort: emit(({ event }) => answer(event, 'ANSWER', { ret: 'abort', mm: null, unbound: false })),

    faultIn: assign((step) => ({ present: [...new Set([...step.context.present, named(mmOf(step))])].sort() })),
    zap: assign((step) => {
      const mm = mmOf(step)
      return {
        present: step.context.present.filter((name) => name !== named(mm)),
        cached: step.context.cached.filter((entry) => !isSame(entry.mm, mm)),
      }
    }),
    rememberUnbound: assign((step) => ({
      unbound: [...new Set([...step.context.unbound, bondOf(deviceOf(step), mmOf(step))])].sort(),
    })),
  },
}).createMachine({
  id: 'translation',
  context: ({ input: { failures = 0 } }) => ({ entries: [], cached: [], present: [], unbound: [], failures }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        SET_ENTRY: { actions: ['enter', 'done'] },
        CLEAR_ENTRY: { actions: ['clear', 'done'] },
        INVALIDATE: [{ guard: 'timesOut', actions: ['countDown', 'timedOut'] }, { actions: ['invalidate', 'done'] }],
        TRANSLATE: [
          { guard: 'isCached', actions: 'hitCached' },
          { guard: 'isIn', actions: 'hitAndCache' },
          { guard: 'isEntered', actions: 'miss' },
          { actions: 'abort' },
        ],
        FAULT_IN: { actions: ['faultIn', 'done'] },
        ZAP: { actions: ['zap', 'done'] },
        UNBOUND: { actions: ['rememberUnbound', 'done'] },
      },
    },
  },
})
