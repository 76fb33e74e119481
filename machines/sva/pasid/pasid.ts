/**
 * The life of one PASID: what tells the address spaces apart that a device may use.
 *
 *   free                     nobody's
 *   bound                    an address space has it, on one device or on several
 *   stopping                 the device is told, or was told, to stop using it
 *   waiting for stop marker  the device said it was flushed: requests of the old owner may still be under way, and a stop marker comes
 *                            behind them
 *   leaked                   nobody knows whether the device still uses it, so nobody gets it any more: by design
 *
 * Who releases it says which: `clean` (no request is under way), `flushed` (a marker comes behind the last) or nothing (`unknown`). A marker
 * belongs to the life in which it arrives; who has it too early takes a later owner's requests for his own. One that finds nobody to wait for
 * it has no effect. Where the queue lost markers, it says so once it is through with what it did not lose (DRAINED), and nobody waits for one
 * any more. While the device is being stopped, the marker may be among those: it counts as having come, since nothing of this PASID is in the
 * queue then, and who drains the queue before he releases the PASID meets what comes after.
 *
 * A PASID keeps no address space alive: it knows the name of its owner and has no pointer to it.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017) for clean, flushed and neither; PCI Express, Stop Marker
 * Message, which names a PASID and nothing more. That an address space has one PASID for all devices: the same series. iommu-sva.c for FREE,
 * which asks no device.
 * Left out: how a PASID is found (an IDR, ioasid, an IDA); privileged PASIDs.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { note, type Heard, type Said } from '../../say.ts'

export interface PasidInput {
  readonly pasid: number
  readonly waitsForMarker: boolean
}

interface PasidContext extends PasidInput {
  /** Whose it is: `mm0#1`. */
  readonly mm: string | null
  /** The stop markers that came in this life, less those that were promised. */
  readonly markers: number
  /** One of several devices did not say how it left. */
  readonly unknown: boolean
}

type PasidEvent =
  | (Heard & { readonly type: 'ALLOC'; readonly mm: Pointer })
  | (Heard & { readonly type: 'STOP' | 'KEEP' | 'MARKER' | 'DRAINED' | 'FREE' })
  /** `others`: the bonds that are left with this PASID, or one that could not be unbound after all. */
  | (Heard & { readonly type: 'RELEASE'; readonly how: 'clean' | 'flushed' | 'unknown'; readonly others?: number })

interface Step {
  readonly context: PasidContext
  readonly event: PasidEvent
}

const start = ({ pasid, waitsForMarker }: PasidInput): PasidContext => ({
  ...{ pasid, waitsForMarker },
  ...{ mm: null, markers: 0, unknown: false },
})

/** How things stand once a RELEASE is through. */
const released = ({ context: { markers, unknown }, event }: Step): Pick<PasidContext, 'markers' | 'unknown'> => {
  assertEvent(event, 'RELEASE')
  return {
    markers: event.how === 'flushed' ? markers - 1 : markers,
    unknown: unknown || event.how === 'unknown',
  }
}

const called = ({ pasid }: PasidContext): string => `pasid${pasid}`

export const pasid = setup({
  types: {
    context: {} as PasidContext,
    events: {} as PasidEvent,
    emitted: {} as Said,
    input: {} as PasidInput,
  },
  guards: {
    isUsedElsewhere: ({ event }) => event.type === 'RELEASE' && (event.others ?? 0) > 0,
    isUnknown: (step) => released(step).unknown,
    lacksMarker: (step) => step.context.waitsForMarker && released(step).markers < 0,
    isLastMarker: ({ context }) => context.markers === -1,
  },
  actions: {
    give: assign(({ event }) => {
      assertEvent(event, 'ALLOC')
      return { mm: named(event.mm) }
    }),
    release: assign((step) => released(step)),
    remember: assign({ markers: ({ context }) => context.markers + 1 }),
    /** What was promised and did not come by now was lost. */
    mend: assign({ markers: ({ context }) => Math.max(0, context.markers) }),
    disown: assign({ mm: null }),
    forget: assign(({ context }) => start(context)),

    given: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, pasid: context.pasid })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    busy: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBUSY' })),
    nobody: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ESRCH' })),

    noteGiven: emit(({ context }) => note(called(context), `given to ${context.mm}`)),
    noteStopping: emit(({ context }) => note(called(context), 'stopping')),
    noteKept: emit(({ context }) => note(called(context), 'bound again')),
    noteUsed: emit(({ context }) => note(called(context), 'still in use')),
    noteMarker: emit(({ context }) => note(called(context), 'stop marker')),
    noteStray: emit(({ context }) => note(called(context), 'stray stop marker')),
    noteWaiting: emit(({ context }) => note(called(context), 'waits for its stop marker')),
    noteLeaked: emit(({ context }) => note(called(context), 'leaked by design')),
    noteFree: emit(({ context }) => note(called(context), 'free')),
  },
}).createMachine({
  id: 'pasid',
  context: ({ input }) => start(input),
  initial: 'free',
  states: {
    free: {
      on: {
        ALLOC: { target: 'bound', actions: ['give', 'noteGiven', 'given'] },
        MARKER: { actions: ['noteStray', 'done'] },
        STOP: { actions: 'nobody' },
        KEEP: { actions: 'nobody' },
        RELEASE: { actions: 'nobody' },
        DRAINED: { actions: 'done' },
        FREE: { actions: 'done' },
      },
    },
    bound: {
      on: {
        ALLOC: { actions: 'busy' },
        STOP: { target: 'stopping', actions: ['noteStopping', 'done'] },
        RELEASE: [
          { guard: 'isUsedElsewhere', actions: ['release', 'noteUsed', 'done'] },
          { guard: 'isUnknown', target: 'leaked', actions: ['forget', 'noteLeaked', 'done'] },
          {
            guard: 'lacksMarker',
            target: 'waiting for stop marker',
            actions: ['release', 'disown', 'noteWaiting', 'done'],
          },
          { target: 'free', actions: ['forget', 'noteFree', 'done'] },
        ],
        MARKER: { actions: ['remember', 'noteMarker', 'done'] },
        FREE: { target: 'free', actions: ['forget', 'noteFree', 'done'] },
        KEEP: { actions: 'nobody' },
        DRAINED: { actions: ['mend', 'done'] },
      },
    },
    stopping: {
      on: {
        ALLOC: { actions: 'busy' },
        STOP: { actions: 'busy' },
        KEEP: { target: 'bound', actions: ['noteKept', 'done'] },
        RELEASE: [
          { guard: 'isUsedElsewhere', target: 'bound', actions: ['release', 'noteUsed', 'done'] },
          { guard: 'isUnknown', target: 'leaked', actions: ['forget', 'noteLeaked', 'done'] },
          {
            guard: 'lacksMarker',
            target: 'waiting for stop marker',
            actions: ['release', 'disown', 'noteWaiting', 'done'],
          },
          { target: 'free', actions: ['forget', 'noteFree', 'done'] },
        ],
        MARKER: { actions: ['remember', 'noteMarker', 'done'] },
        FREE: { target: 'free', actions: ['forget', 'noteFree', 'done'] },
        DRAINED: { actions: ['mend', 'remember', 'done'] },
      },
    },
    'waiting for stop marker': {
      on: {
        ALLOC: { actions: 'busy' },
        MARKER: [
          { guard: 'isLastMarker', target: 'free', actions: ['noteMarker', 'forget', 'noteFree', 'done'] },
          { actions: ['remember', 'noteMarker', 'done'] },
        ],
        DRAINED: { target: 'free', actions: ['forget', 'noteFree', 'done'] },
        FREE: { target: 'free', actions: ['forget', 'noteFree', 'done'] },
        STOP: { actions: 'nobody' },
        KEEP: { actions: 'nobody' },
        RELEASE: { actions: 'nobody' },
      },
    },
    leaked: {
      on: {
        ALLOC: { actions: 'busy' },
        MARKER: { actions: ['noteStray', 'done'] },
        STOP: { actions: 'nobody' },
        KEEP: { actions: 'nobody' },
        RELEASE: { actions: 'nobody' },
        DRAINED: { actions: 'done' },
        FREE: { actions: 'done' },
      },
    },
  },
})
