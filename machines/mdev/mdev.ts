/**
 * A mediated device together with its vendor driver's own book-keeping: which iovas it has pinned (an iova pinned
 * twice is here twice), for a driver that mirrors mappings its copy of them, and for one that keeps a log which ranges
 * it was told of since somebody last took the log, or opened the device. A well-behaved driver touches this only under
 * its own lock. `container` and `backend` are what device->group->container says while the device is open.
 *
 * Source: the duty that v13 11/22 lays on users of vfio_pin_pages; libvfio-user #50 for the mirror (one that missed
 * an unmap refuses the next mapping of that range, -EEXIST).
 * Left out: what the device does with the pages, interrupts.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Backend } from '../type1/pin/pages.ts'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'
import { pagesFrom } from '../type1/pin/page-range.ts'

interface Range {
  readonly iova: bigint
  readonly size: bigint
}
type MdevContext = {
  readonly id: string
  readonly pins: readonly bigint[]
  readonly mirror: readonly Range[]
  readonly log: readonly Range[]
  readonly container: string | null
  readonly backend: Backend | null
}
type MdevEvent =
  | (Heard & Range & { readonly type: 'PINS_IN'; readonly log?: true })
  | (Heard & Range & { readonly type: 'MIRROR' | 'UNMIRROR' })
  | (Heard & { readonly type: 'OPEN'; readonly container: string; readonly backend: Backend })
  | (Heard & { readonly type: 'INFO'; readonly argsz: number })
  | (Heard & { readonly type: 'IOCTL'; readonly req: bigint })
  | (Heard & { readonly type: 'WHERE' | 'TAKE_LOG' | 'NO_OPERATION' })
  | (Heard & { readonly type: 'RECORD'; readonly iova: bigint; readonly npage?: number })
  | (Heard & { readonly type: 'FORGET'; readonly iovas: readonly bigint[] })

const contains = (range: Range, iova: bigint) => range.iova <= iova && iova < range.iova + range.size
const overlap = (a: Range, b: Range) => a.iova < b.iova + b.size && b.iova < a.iova + a.size
const ascending = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)

/** Takes each iova away once; one that is not there is no news. */
const without = (pins: readonly bigint[], iovas: readonly bigint[]) => {
  const times = new Map<bigint, number>()
  for (const iova of iovas) times.set(iova, (times.get(iova) ?? 0) + 1)
  return pins.filter((iova) => {
    const left = times.get(iova) ?? 0
    times.set(iova, left - 1)
    return left <= 0
  })
}

/** sizeof(struct vfio_device_info) as it was at first. */
const infoSize = 16
/** Requests that read a structure of the user's: VFIO_DEVICE_GET_INFO, and VFIO_DEVICE_FEATURE (which the core answers). */
const takePointers = [15211n, 15221n]

export const mdev = setup({
  types: {
    context: {} as MdevContext,
    events: {} as MdevEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string; readonly pins?: readonly bigint[]; readonly mirror?: readonly Range[] },
  },
  guards: {
    isMirrored: ({ context, event }) => {
      assertEvent(event, 'MIRROR')
      return context.mirror.some((range) => overlap(range, event))
    },
    isTooSmall: ({ event }) => event.type === 'INFO' && event.argsz < infoSize,
    takesPointer: ({ event }) => event.type === 'IOCTL' && takePointers.includes(event.req),
    isLogged: ({ event }) => event.type === 'PINS_IN' && event.log === true,
  },
  actions: {
    pins: emit(({ context, event }) => {
      assertEvent(event, 'PINS_IN')
      return answer(event, 'PINS', { iovas: context.pins.filter((iova) => contains(event, iova)) })
    }),
    record: assign(({ context, event }) => {
      assertEvent(event, 'RECORD')
      return { pins: [...context.pins, ...pagesFrom(event.iova, event.npage)].sort(ascending) }
    }),
    recorded: emit(({ event }) => answer(event, 'RECORDED')),
    forget: assign(({ context, event }) => {
      assertEvent(event, 'FORGET')
      return { pins: without(context.pins, event.iovas) }
    }),
    forgotten: emit(({ event }) => answer(event, 'FORGOTTEN')),
    mirror: assign(({ context, event }) => {
      assertEvent(event, 'MIRROR')
      const range = { iova: event.iova, size: event.size }
      return { mirror: [...context.mirror, range].sort((a, b) => ascending(a.iova, b.iova)) }
    }),
    mirrored: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'MIRRORED', { ret })),
    unmirror: assign(({ context, event }) => {
      assertEvent(event, 'UNMIRROR')
      return { mirror: context.mirror.filter((range) => !overlap(range, event)) }
    }),
    unmirrored: emit(({ event }) => answer(event, 'UNMIRRORED')),
    log: assign(({ context, event }) => {
      assertEvent(event, 'PINS_IN')
      return { log: [...context.log, { iova: event.iova, size: event.size }] }
    }),
    logged: emit(({ context, event }) =>
      answer(event, 'ANSWER', { ret: 0, notified: context.log.map(({ iova, size }) => [iova, size]) }),
    ),
    clearLog: assign({ log: [] }),
    open: assign(({ event }) => {
      assertEvent(event, 'OPEN')
      return { container: event.container, backend: event.backend }
    }),
    opened: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    where: emit(({ context, event }) =>
      answer(event, 'IN', { container: context.container, backend: context.backend }),
    ),
    info: emit(({ event }) => answer(event, 'ANSWER', { ret: 0, flags: 0, num_regions: 0, num_irqs: 0 })),
    refuse: emit(({ event }, { ret }: { ret: string }) => answer(event, 'ANSWER', { ret })),
  },
}).createMachine({
  id: 'mdev',
  context: ({ input }) => ({
    id: input.id,
    pins: (input.pins ?? []).toSorted(ascending),
    mirror: (input.mirror ?? []).toSorted((a, b) => ascending(a.iova, b.iova)),
    log: [],
    container: null,
    backend: null,
  }),
  initial: 'present',
  states: {
    present: {
      on: {
        PINS_IN: [{ guard: 'isLogged', actions: ['log', 'pins'] }, { actions: 'pins' }],
        RECORD: { actions: ['record', 'recorded'] },
        FORGET: { actions: ['forget', 'forgotten'] },
        MIRROR: [
          { guard: 'isMirrored', actions: { type: 'mirrored', params: { ret: '-EEXIST' } } },
          { actions: ['mirror', { type: 'mirrored', params: { ret: 0 } }] },
        ],
        UNMIRROR: { actions: ['unmirror', 'unmirrored'] },
        TAKE_LOG: { actions: ['logged', 'clearLog'] },
        OPEN: { actions: ['open', 'clearLog', 'opened'] },
        WHERE: { actions: 'where' },
        INFO: [{ guard: 'isTooSmall', actions: { type: 'refuse', params: { ret: '-EINVAL' } } }, { actions: 'info' }],
        IOCTL: [
          { guard: 'takesPointer', actions: { type: 'refuse', params: { ret: '-EFAULT' } } },
          { actions: { type: 'refuse', params: { ret: '-ENOTTY' } } },
        ],
        NO_OPERATION: { actions: { type: 'refuse', params: { ret: '-EINVAL' } } },
      },
    },
  },
})
