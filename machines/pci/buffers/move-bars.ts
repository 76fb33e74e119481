/**
 * Tells those who imported a device's dma-bufs that its memory is off, or on again, or gone with its file. What was imported is taken out of the page
 * tables; the addresses stay taken.
 *
 * Source: vfio_pci_dma_buf_move, vfio_pci_dma_buf_cleanup, iopt_revoke_notify, iopt_dmabuf_unmap (7.x). Called under memory_lock.
 * Left out: dma_resv and pages->mutex, which nobody else takes here.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface MoveBarsInput {
  readonly task: string
  readonly device: string
  /** The dma-bufs that there can be, of any device, and IOASes that they can be mapped in. */
  readonly buffers: readonly string[]
  readonly ioases: readonly string[]
}

interface Range {
  readonly iova: bigint
  readonly size: bigint
}

interface Lost {
  readonly domain: string
  readonly area: Range
}

type MoveBarsContext = MoveBarsInput & {
  readonly caller: string | null
  readonly how: { readonly isRevoked: boolean; readonly isOver: boolean }
  readonly todo: readonly string[]
  /** IOASes still to be looked through for the buffer. */
  readonly places: readonly string[]
  readonly lost: readonly Lost[]
}

type MoveBarsEvent =
  | (Heard & { readonly type: 'CALL'; readonly isRevoked: boolean; readonly isOver: boolean })
  | (Heard & { readonly type: 'MOVED'; readonly loses: boolean })
  | (Heard & { readonly type: 'AREAS_ARE'; readonly areas: readonly Range[] })
  | (Heard & { readonly type: 'UNMAPPED' })

const start = ({ task, device, buffers, ioases }: MoveBarsInput): MoveBarsContext => ({
  ...{ task, device, buffers, ioases, caller: null, how: { isRevoked: false, isOver: false } },
  ...{ todo: [], places: [], lost: [] },
})

export const moveBars = setup({
  types: {
    context: {} as MoveBarsContext,
    events: {} as MoveBarsEvent,
    emitted: {} as Said,
    input: {} as MoveBarsInput,
  },
  guards: {
    isDone: ({ context }) => context.todo.length === 0,
    loses: ({ event }) => event.type === 'MOVED' && event.loses,
    hasLost: ({ context }) => context.lost.length > 0,
    hasPlaces: ({ context }) => context.places.length > 0,
  },
  actions: {
    begin: assign(({ context: { buffers }, event }) => {
      assertEvent(event, 'CALL')
      const { from, isRevoked, isOver } = event
      return { caller: from, how: { isRevoked, isOver }, todo: buffers }
    }),
    move: emit(({ context: { task, device, todo, how } }) => send(todo[0]!, 'MOVE', { task, device, ...how })),
    lookEverywhere: assign({ places: ({ context }) => context.ioases }),
    look: emit(({ context: { task, todo, places } }) => send(places[0]!, 'FILLED_AREAS', { task, file: todo[0] })),
    keepLost: assign(({ context: { places }, event }) => {
      assertEvent(event, 'AREAS_ARE')
      return { places: places.slice(1), lost: event.areas.map((area) => ({ domain: places[0]!, area })) }
    }),
    unmap: emit(({ context: { task, lost } }) => {
      const { domain, area } = lost[0]!
      return send('dmar', 'UNMAP', { task, domain, iova: area.iova, size: area.size })
    }),
    unmapped: assign({ lost: ({ context }) => context.lost.slice(1) }),
    next: assign({ todo: ({ context }) => context.todo.slice(1) }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'moveBars',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'going on', actions: 'begin' } } },
    'going on': {
      always: [{ guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] }, { target: 'moving' }],
    },
    moving: {
      entry: 'move',
      on: {
        MOVED: [
          { guard: 'loses', target: 'looking on', actions: 'lookEverywhere' },
          { target: 'going on', actions: 'next' },
        ],
      },
    },
    'looking on': {
      always: [
        { guard: 'hasLost', target: 'unmapping' },
        { guard: 'hasPlaces', target: 'looking' },
        { target: 'going on', actions: 'next' },
      ],
    },
    looking: { entry: 'look', on: { AREAS_ARE: { target: 'looking on', actions: 'keepLost' } } },
    unmapping: { entry: 'unmap', on: { UNMAPPED: { target: 'looking on', actions: 'unmapped' } } },
  },
})
