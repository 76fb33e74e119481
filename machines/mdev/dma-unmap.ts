/**
 * A vendor driver's dma_unmap callback (the notifier block of 4.10, vfio_device_ops.dma_unmap of 6.0, the access's
 * unmap of iommufd), as one task runs it. The contract asks it to unpin every page in the range before it returns;
 * drivers differ:
 *
 *   unpins-all         looks up its pins in the range under its own lock, unpins and forgets them; with `logs` it also
 *                      writes down what it was told
 *   unpins-first-page  does that for the lowest pinned page only
 *   unpins-nothing     returns at once (M-1, libvfio-user #23)
 *   mirrors            pins nothing, keeps a copy of the mappings and drops the range from it (M-3, libvfio-user #50)
 *   no-notifier        registered nothing: a call is a mistake in the world, and is ignored, so it shows
 *
 * Source: v13 11/22 and c086de818dd8 for the duty to unpin; in-tree drivers take their own lock inside the callback.
 * Left out: stopping the device; the callback's return value means nothing to its caller.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export type Behaviour = 'unpins-all' | 'unpins-first-page' | 'unpins-nothing' | 'mirrors' | 'no-notifier'

export interface DmaUnmapInput {
  readonly task: string
  readonly device: string
  readonly behaviour: Behaviour
  readonly logs?: boolean
  readonly at: { readonly driver: string; readonly driverLock: string; readonly unpin: string }
}

type DmaUnmapContext = Required<DmaUnmapInput> & {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
  readonly iovas: readonly bigint[]
}
type DmaUnmapEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'PINS'; readonly iovas: readonly bigint[] })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FORGOTTEN' | 'UNMIRRORED' | 'RETURN' })

const start = ({ task, device, behaviour, logs = false, at }: DmaUnmapInput): DmaUnmapContext => ({
  task,
  device,
  behaviour,
  logs,
  at,
  caller: null,
  iova: 0n,
  size: 0n,
  iovas: [],
})

export const dmaUnmap = setup({
  types: {
    context: {} as DmaUnmapContext,
    events: {} as DmaUnmapEvent,
    emitted: {} as Said,
    input: {} as DmaUnmapInput,
  },
  guards: {
    unpinsNothing: ({ context }) => context.behaviour === 'unpins-nothing',
    mirrors: ({ context }) => context.behaviour === 'mirrors',
    unpins: ({ context }) => context.behaviour.startsWith('unpins-'),
    hasNoPins: ({ event }) => event.type === 'PINS' && event.iovas.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova, size: event.size }
    }),
    lock: emit(({ context: { at, task } }) => send(at.driverLock, 'LOCK', { task })),
    askPins: emit(({ context: { at, task, logs, iova, size } }) =>
      send(at.driver, 'PINS_IN', { task, iova, size, ...(logs && { log: true }) }),
    ),
    choose: assign(({ context, event }) => {
      assertEvent(event, 'PINS')
      return { iovas: context.behaviour === 'unpins-first-page' ? event.iovas.slice(0, 1) : event.iovas }
    }),
    unpin: emit(({ context: { at, task, device, iovas } }) => send(at.unpin, 'CALL', { task, device, iovas })),
    forget: emit(({ context: { at, task, iovas } }) => send(at.driver, 'FORGET', { task, iovas })),
    unlock: emit(({ context: { at, task } }) => send(at.driverLock, 'UNLOCK', { task })),
    unmirror: emit(({ context: { at, task, iova, size } }) => send(at.driver, 'UNMIRROR', { task, iova, size })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    /** What is asked for is over: runs that differ only in that become one. */
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'dmaUnmap',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'unpinsNothing', actions: ['begin', 'finish', 'reset'] },
          { guard: 'mirrors', target: 'unmirroring', actions: 'begin' },
          { guard: 'unpins', target: 'locking', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'asking' } },
    asking: {
      entry: 'askPins',
      on: {
        PINS: [
          { guard: 'hasNoPins', target: 'unlocking' },
          { target: 'unpinning', actions: 'choose' },
        ],
      },
    },
    unpinning: { entry: 'unpin', on: { RETURN: 'forgetting' } },
    forgetting: { entry: 'forget', on: { FORGOTTEN: 'unlocking' } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    unmirroring: { entry: 'unmirror', on: { UNMIRRORED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
