/**
 * Finds an IOAS for a call, by its number or because it stands for the container, and counts the call as one of its users for as long as
 * it takes. Finding and counting are one in the kernel, under xa_lock; in between nobody can see it here but whoever removes the object,
 * and then it is not found.
 *
 * Up to 6.6 (`rwsem`) the call also holds a lock that lies in the object, obj->destroy_rwsem, so that whoever destroys it waits.
 *
 * Source: iommufd_get_object, iommufd_lock_obj (6.2 to 7.x), get_compat_ioas.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Profile } from '../profile.ts'
import { send, type Heard, type Said } from '../say.ts'

export interface ObjectInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
  readonly form: Profile['iommufdObjects']
}

type GetObjectContext = ObjectInput & {
  readonly caller: string | null
  readonly ioas: string | null
  /** What it is when there is none. */
  readonly none: string
  readonly ret: number | string
  readonly told: Readonly<Record<string, unknown>>
}
type GetObjectEvent =
  /** Whatever else is asked for goes to the file, and what it tells besides comes back. */
  | (Heard & { readonly type: 'CALL'; readonly ioas?: number })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null; readonly ret?: number | string })
  | (Heard & { readonly type: 'GOT'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'BUSY' | 'UNLOCKED' | 'ANSWER' })

const start = ({ task, context, form }: ObjectInput): GetObjectContext => ({
  ...{ task, context, form, caller: null, ioas: null, none: '', ret: 0, told: {} },
})

const fieldsOf = <T extends Heard>({ type: _type, from: _from, task: _task, ...fields }: T) => fields

/** As an object of iommufd. */
export const objectOf = (ioas: string): string => `${ioas}.object`
export const destroyRwsem = (ioas: string): string => `${ioas}.destroy_rwsem`

export const getObject = setup({
  types: {
    context: {} as GetObjectContext,
    events: {} as GetObjectEvent,
    emitted: {} as Said,
    input: {} as ObjectInput,
  },
  guards: {
    isNone: ({ event }) => event.type === 'IOAS' && event.ioas === null,
    holdsLock: ({ context }) => context.form === 'rwsem',
    failed: ({ event }) => event.type === 'GOT' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, none: event.ioas === undefined ? '-ENODEV' : '-ENOENT' }
    }),
    find: emit(({ context: { task, context }, event }) => {
      assertEvent(event, 'CALL')
      return send(context, event.ioas === undefined ? 'COMPAT' : 'FIND', { task, ...fieldsOf(event) })
    }),
    keepIoas: assign(({ context, event }) => {
      assertEvent(event, 'IOAS')
      const { ioas, ret, ...told } = fieldsOf(event)
      return { ioas, none: ioas === null && typeof ret === 'string' ? ret : context.none, told }
    }),
    tryLock: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'TRY_READ', { task })),
    unlock: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'UP_READ', { task })),
    get: emit(({ context: { task, context, ioas } }) => send(context, 'GET', { task, ioas })),
    take: emit(({ context: { task, ioas } }) => send(objectOf(ioas!), 'TAKE', { task })),
    none: assign({ ret: ({ context }) => context.none, ioas: null }),
    finish: emit(({ context: { caller, task, ret, ioas, told } }) =>
      send(caller!, 'RETURN', { ...told, task, ret, ioas }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'getObject',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'finding', actions: ['begin', 'find'] } } },
    finding: {
      on: {
        IOAS: [
          { guard: 'isNone', target: 'idle', actions: ['keepIoas', 'none', 'finish', 'reset'] },
          { guard: 'holdsLock', target: 'trying', actions: 'keepIoas' },
          { target: 'getting', actions: 'keepIoas' },
        ],
      },
    },
    trying: {
      entry: 'tryLock',
      on: { LOCKED: 'getting', BUSY: { target: 'idle', actions: ['none', 'finish', 'reset'] } },
    },
    getting: {
      entry: 'get',
      on: {
        GOT: [
          { guard: 'failed', target: 'too late' },
          { guard: 'holdsLock', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'taking' },
        ],
      },
    },
    'too late': {
      always: [
        { guard: 'holdsLock', target: 'unlocking' },
        { target: 'idle', actions: ['none', 'finish', 'reset'] },
      ],
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['none', 'finish', 'reset'] } } },
    taking: { entry: 'take', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
