/**
 * A mediated device together with its vendor driver's own book-keeping: which iovas it has pinned (an iova pinned
 * twice is here twice), and, for a driver that mirrors mappings, its copy of them. A well-behaved driver touches this
 * only under its own lock.
 *
 * Source: the duty that v13 11/22 lays on users of vfio_pin_pages; libvfio-user #50 for the mirror (one that missed
 * an unmap refuses the next mapping of that range, -EEXIST).
 * Left out: what the device does with the pages, interrupts.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

interface Range {
  readonly iova: bigint
  readonly size: bigint
}
type MdevContext = {
  readonly id: string
  readonly pins: readonly bigint[]
  readonly mirror: readonly Range[]
}
type MdevEvent =
  | (Heard & Range & { readonly type: 'PINS_IN' | 'MIRROR' | 'UNMIRROR' })
  | (Heard & { readonly type: 'RECORD'; readonly iova: bigint })
  | (Heard & { readonly type: 'FORGET'; readonly iovas: readonly bigint[] })

const contains = (range: Range, iova: bigint) => range.iova <= iova && iova < range.iova + range.size
const overlap = (a: Range, b: Range) => a.iova < b.iova + b.size && b.iova < a.iova + a.size
const ascending = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)

/** Takes each iova away once; one that is not there is no news. */
const without = (pins: readonly bigint[], iovas: readonly bigint[]) =>
  iovas.reduce((left, iova) => (left.includes(iova) ? left.toSpliced(left.indexOf(iova), 1) : left), pins)

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
  },
  actions: {
    pins: emit(({ context, event }) => {
      assertEvent(event, 'PINS_IN')
      return answer(event, 'PINS', { iovas: context.pins.filter((iova) => contains(event, iova)) })
    }),
    record: assign(({ context, event }) => {
      assertEvent(event, 'RECORD')
      return { pins: [...context.pins, event.iova].sort(ascending) }
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
  },
}).createMachine({
  id: 'mdev',
  context: ({ input }) => ({
    id: input.id,
    pins: (input.pins ?? []).toSorted(ascending),
    mirror: (input.mirror ?? []).toSorted((a, b) => ascending(a.iova, b.iova)),
  }),
  initial: 'present',
  states: {
    present: {
      on: {
        PINS_IN: { actions: 'pins' },
        RECORD: { actions: ['record', 'recorded'] },
        FORGET: { actions: ['forget', 'forgotten'] },
        MIRROR: [
          { guard: 'isMirrored', actions: { type: 'mirrored', params: { ret: '-EEXIST' } } },
          { actions: ['mirror', { type: 'mirrored', params: { ret: 0 } }] },
        ],
        UNMIRROR: { actions: ['unmirror', 'unmirrored'] },
      },
    },
  },
})
