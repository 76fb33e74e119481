/**
 * What a type1 answers to VFIO_CHECK_EXTENSION. iommu->lock is taken where the answer depends on which groups are in the
 * container, so not without a backend.
 *
 * Source: vfio_iommu_type1_check_extension, Linux 5.15 and 6.1.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface BackendExtensionInput {
  readonly task: string
  readonly at: { readonly lock: string; readonly type1: string }
}

type Asked = { readonly ext: bigint; readonly backend: Pointer | null }
type BackendExtensionContext = BackendExtensionInput & {
  readonly caller: string | null
  readonly asked: Asked | null
  readonly ret: number
}
type BackendExtensionEvent =
  | (Heard & Asked & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

/** VFIO_DMA_CC_IOMMU and VFIO_UPDATE_VADDR. */
const dependent = [4n, 10n]

const start = ({ task, at }: BackendExtensionInput): BackendExtensionContext => ({
  ...{ task, at },
  ...{ caller: null, asked: null, ret: 0 },
})

export const backendExtension = setup({
  types: {
    context: {} as BackendExtensionContext,
    events: {} as BackendExtensionEvent,
    emitted: {} as Said,
    input: {} as BackendExtensionInput,
  },
  guards: {
    takesLock: ({ context: { asked } }) => asked!.backend !== null && dependent.includes(asked!.ext),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, asked: { ext: event.ext, backend: event.backend } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    ask: emit(({ context: { at, task, asked } }) => send(at.type1, 'EXTENSION', { task, ...asked! })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret }
    }),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'backendExtension',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: { always: [{ guard: 'takesLock', target: 'locking' }, { target: 'asking' }] },
    locking: { entry: 'lock', on: { LOCKED: 'asking' } },
    asking: { entry: 'ask', on: { ANSWER: { target: 'answered', actions: 'keep' } } },
    answered: {
      always: [
        { guard: 'takesLock', target: 'unlocking' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
