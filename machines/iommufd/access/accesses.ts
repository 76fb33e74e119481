/**
 * The accesses of an IOAS (iopt->access_list): one for each device with a vendor driver. Whoever notifies takes a
 * short-term reference on each in turn, in the order of their indices; destroying an access waits until nobody holds
 * one. So DELETE is answered late, by the step that drops the last reference: it is a lock in all but name, hence the
 * facts below.
 *
 * Source: iommufd_access_notify_unmap and iommufd_access_destroy (drivers/iommu/iommufd/device.c, Aug 2026).
 * TAKE_NEXT is one step because finding the next access and taking the reference both happen under xa_lock.
 * Left out: internal accesses (0dbcdf4473a6), the 60 s after which the wait gives up with a WARN, an access that
 * changes its IOAS.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { LockFacts } from '../../kernel/locks/lock-facts.ts'
import { lowestFree } from '../../kernel/lowest-free.ts'
import { send, type Heard, type Said } from '../../say.ts'

interface Access {
  readonly index: number
  readonly device: string
  /** Tasks that hold a short-term reference, sorted. */
  readonly users: readonly string[]
  /** Who wants to destroy it and has to wait. */
  readonly waiting: { readonly task: string; readonly from: string } | null
}

/** `accesses` sorted by index. */
type AccessesContext = { readonly accesses: readonly Access[] }
type AccessesEvent =
  | (Heard & { readonly type: 'ADD' | 'DELETE' | 'DROP'; readonly device: string })
  | (Heard & { readonly type: 'TAKE_NEXT'; readonly after: number })

const add = (accesses: readonly Access[], device: string): readonly Access[] => {
  const index = lowestFree((number) => accesses.some((each) => each.index === number))
  return [...accesses, { index, device, users: [], waiting: null }].sort((a, b) => a.index - b.index)
}

const next = ({ accesses }: AccessesContext, event: AccessesEvent): Access | undefined => {
  assertEvent(event, 'TAKE_NEXT')
  return accesses.find(({ index }) => index > event.after)
}

const named = ({ accesses }: AccessesContext, event: AccessesEvent): Access | undefined => {
  assertEvent(event, ['DELETE', 'DROP'])
  return accesses.find(({ device }) => device === event.device)
}

const change = ({ accesses }: AccessesContext, access: Access, changes: Partial<Access>): AccessesContext => ({
  accesses: accesses.map((each) => (each === access ? { ...each, ...changes } : each)),
})

export const accesses = setup({
  types: {
    context: {} as AccessesContext,
    events: {} as AccessesEvent,
    emitted: {} as Said,
    input: {} as { readonly devices?: readonly string[] },
  },
  guards: {
    isNone: ({ context, event }) => next(context, event) === undefined,
    isUnknown: ({ context, event }) => named(context, event) === undefined,
    isInUse: ({ context, event }) => named(context, event)!.users.length > 0,
    isLastAndAwaited: ({ context, event }) => {
      const access = named(context, event)
      return access !== undefined && access.users.length === 1 && access.waiting !== null
    },
  },
  actions: {
    add: assign(({ context, event }) => {
      assertEvent(event, 'ADD')
      return { accesses: add(context.accesses, event.device) }
    }),
    added: emit(({ event }) => answer(event, 'ADDED')),
    /** Before `take`. */
    taken: emit(({ context, event }) => {
      const { index, device } = next(context, event)!
      return answer(event, 'TAKEN', { index, device })
    }),
    take: assign(({ context, event }) => {
      const access = next(context, event)!
      return change(context, access, { users: [...access.users, event.task].sort() })
    }),
    noneTaken: emit(({ event }) => answer(event, 'TAKEN', { index: null, device: null })),
    drop: assign(({ context, event }) => {
      const access = named(context, event)!
      return change(context, access, { users: access.users.toSpliced(access.users.indexOf(event.task), 1) })
    }),
    dropped: emit(({ event }) => answer(event, 'DROPPED')),
    wait: assign(({ context, event }) => {
      const { task, from } = event
      return change(context, named(context, event)!, { waiting: { task, from } })
    }),
    /** Before `remove`: the waiting destroyer gets its answer. */
    deletedAtLast: emit(({ context, event }) => {
      const { task, from } = named(context, event)!.waiting!
      return send(from, 'DELETED', { task, ret: 0 })
    }),
    remove: assign(({ context, event }) => ({
      accesses: context.accesses.filter((access) => access !== named(context, event)),
    })),
    deleted: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'DELETED', { ret })),
  },
}).createMachine({
  id: 'accesses',
  context: ({ input }) => ({ accesses: (input.devices ?? []).reduce(add, []) }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ADD: { actions: ['add', 'added'] },
        TAKE_NEXT: [{ guard: 'isNone', actions: 'noneTaken' }, { actions: ['taken', 'take'] }],
        DROP: [
          { guard: 'isLastAndAwaited', actions: ['dropped', 'deletedAtLast', 'remove'] },
          { actions: ['drop', 'dropped'] },
        ],
        DELETE: [
          { guard: 'isUnknown', actions: { type: 'deleted', params: { ret: '-ENOENT' } } },
          { guard: 'isInUse', actions: 'wait' },
          { actions: ['remove', { type: 'deleted', params: { ret: 0 } }] },
        ],
      },
    },
  },
})

export const accessesFacts: LockFacts<AccessesContext> = {
  holders: ({ accesses }) => ({
    threads: [...new Set(accesses.flatMap(({ users }) => users))].sort(),
    exclusive: false,
  }),
  // Taking a reference never waits; destroying does.
  acquires: ['DELETE'],
  awaited: 'all',
  owes: ({ accesses }) => accesses.flatMap(({ waiting }) => (waiting === null ? [] : [waiting.from])),
}
