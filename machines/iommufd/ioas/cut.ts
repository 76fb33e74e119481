/**
 * Cuts areas so that a container of VFIO_TYPE1_IOMMU can unmap any part of them. Where large pages are allowed there is nothing
 * to do; that is looked up without a lock.
 *
 * Source: iommufd_vfio_unmap_dma, iopt_cut_iova (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface CutInput {
  readonly task: string
  readonly at: { readonly ioas: string; readonly iovaRwsem: string }
}

type CutContext = CutInput & {
  readonly caller: string | null
  readonly lasts: readonly bigint[]
  readonly ret: number | string
}
type CutEvent =
  | (Heard & { readonly type: 'CALL'; readonly lasts: readonly bigint[] })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string; readonly val?: number })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, at }: CutInput): CutContext => ({ task, at, caller: null, lasts: [], ret: 0 })

export const cut = setup({
  types: {
    context: {} as CutContext,
    events: {} as CutEvent,
    emitted: {} as Said,
    input: {} as CutInput,
  },
  guards: {
    areAllowed: ({ event }) => event.type === 'ANSWER' && event.val === 1,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, lasts: event.lasts }
    }),
    askLargePages: emit(({ context: { at, task } }) => send(at.ioas, 'LARGE_PAGES', { task })),
    lock: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    cut: emit(({ context: { at, task, lasts } }) => send(at.ioas, 'CUT', { task, lasts })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret }
    }),
    unlock: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'cut',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: {
      entry: 'askLargePages',
      on: {
        ANSWER: [{ guard: 'areAllowed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking' }],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'cutting' } },
    cutting: { entry: 'cut', on: { ANSWER: { target: 'unlocking', actions: 'keep' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
