/**
 * A driver's notifier joins the chain of a backend, or leaves it: vfio_iommu_type1_register_notifier and _unregister_notifier, with the
 * device's own open holding the container.
 *
 * Source: Linux 4.10 to 5.19. The rwsem of the chain is taken for write, so leaving waits for callbacks that run.
 * Left out: the short-term container user around it (register-notifier.ts has it).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface ListenInput {
  readonly task: string
  readonly how: 'ADD' | 'DELETE'
  readonly at: { readonly chain: string; readonly rwsem: string }
}

type ListenContext = ListenInput & { readonly caller: string | null; readonly nb: string | null }
type ListenEvent =
  | (Heard & { readonly type: 'CALL'; readonly nb: string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ADDED' | 'DELETED' })

const start = ({ task, how, at }: ListenInput): ListenContext => ({ ...{ task, how, at }, caller: null, nb: null })

export const listen = setup({
  types: {
    context: {} as ListenContext,
    events: {} as ListenEvent,
    emitted: {} as Said,
    input: {} as ListenInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, nb: event.nb }
    }),
    lock: emit(({ context: { at, task } }) => send(at.rwsem, 'DOWN_WRITE', { task })),
    change: emit(({ context: { at, task, how, nb } }) => send(at.chain, how, { task, nb })),
    unlock: emit(({ context: { at, task } }) => send(at.rwsem, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'listen',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'changing' } },
    changing: { entry: 'change', on: { ADDED: 'unlocking', DELETED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
