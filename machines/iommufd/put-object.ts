/**
 * A call is through with an IOAS. Its reference is dropped first; what tells whoever waits to free the object comes last: a count and a
 * queue that outlives the object, or, up to 6.6 (`rwsem`), a lock that lies in it, which up_read() still looks at when the other may have
 * it already.
 *
 * Source: iommufd_put_object (6.2 to 7.x), changed by 6f9c4d8c468c (6.7).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import { destroyRwsem, objectOf, type ObjectInput } from './get-object.ts'

type PutObjectContext = ObjectInput & { readonly caller: string | null; readonly ioas: string | null }
type PutObjectEvent =
  | (Heard & { readonly type: 'CALL'; readonly ioas: string })
  | (Heard & { readonly type: 'NOTED' | 'UNLOCKED' | 'ANSWER' })

const start = ({ task, context, form }: ObjectInput): PutObjectContext => ({
  ...{ task, context, form, caller: null, ioas: null },
})

export const putObject = setup({
  types: {
    context: {} as PutObjectContext,
    events: {} as PutObjectEvent,
    emitted: {} as Said,
    input: {} as ObjectInput,
  },
  guards: {
    holdsLock: ({ context }) => context.form === 'rwsem',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, ioas: event.ioas }
    }),
    put: emit(({ context: { task, context, ioas } }) => send(context, 'PUT', { task, ioas })),
    drop: emit(({ context: { task, ioas } }) => send(objectOf(ioas!), 'DROP', { task })),
    unlock: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'UP_READ', { task })),
    touch: emit(({ context: { task, ioas } }) => send(objectOf(ioas!), 'TOUCH', { task, site: 'iommufd_put_object' })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'putObject',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'putting', actions: 'begin' } } },
    putting: {
      entry: 'put',
      on: { NOTED: [{ guard: 'holdsLock', target: 'unlocking' }, { target: 'dropping' }] },
    },
    dropping: { entry: 'drop', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'touching' } },
    touching: { entry: 'touch', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
