/**
 * An intrusive list (list_head): which objects are on it, the head first. It holds pointers and no references: whether the life a pointer
 * was taken from still goes on is the slab's to say, when somebody follows it.
 *
 * A walk is a step from each entry to the next, so that others may change the list in between. Whoever stands at an entry that was
 * taken off meanwhile finds no next one, and is told that what he follows is poison; if it was taken off by list_del_rcu, he finds
 * what was the next one then.
 *
 * Of a list that has a name each access of its links is told: who changes it writes the link that readers follow as one marked access, and the
 * one back as a plain one.
 *
 * Source: list_add, list_del, list_for_each_entry; CONFIG_DEBUG_LIST says what corrupts a list.
 * Left out: splicing.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { complain, crash, used, type Heard, type Observed, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { isSame, named, pointerCalled, type Pointer } from '../heap/pointer.ts'

interface ListContext {
  readonly name?: string
  readonly ptrs: readonly Pointer[]
  /** Taken off by list_del_rcu: what was next to it. By name, for it leads nobody there who was not on his way. */
  readonly left?: Left
}

type Left = Readonly<Record<string, string | null>>

/** How the links are accessed, and by which function. */
interface Accessed extends Pick<Observed, 'marked' | 'order' | 'site'> {}

type ListEvent =
  /** `tail`: at the end. */
  | (Heard & Accessed & { readonly type: 'ADD'; readonly ptr: Pointer; readonly tail?: boolean })
  /** `rcu`: whoever stands there finds his way on. */
  | (Heard & Accessed & { readonly type: 'DEL'; readonly ptr: Pointer; readonly rcu?: true })
  | (Heard & { readonly type: 'READ' })
  /** `after` null: the first. */
  | (Heard & Accessed & { readonly type: 'NEXT'; readonly after: Pointer | null })

interface Step {
  readonly context: ListContext
  readonly event: ListEvent
}

/** The entry that is to be added or deleted. */
const entry = ({ event }: Step): Pointer => {
  assertEvent(event, ['ADD', 'DEL'])
  return event.ptr
}

const nextTo = ({ ptrs, left = {} }: ListContext, after: Pointer): Pointer | null => {
  const at = ptrs.findIndex((ptr) => isSame(ptr, after))
  if (at >= 0) return ptrs[at + 1] ?? null
  const next = left[named(after)] ?? null
  return next === null ? null : pointerCalled(next)
}

const nextOf = ({ context, event }: Step): Pointer | null => {
  assertEvent(event, 'NEXT')
  return event.after === null ? (context.ptrs[0] ?? null) : nextTo(context, event.after)
}

/** Without those that had this address. */
const forgetting = ({ left }: ListContext, { id }: Pointer): { readonly left?: Left } =>
  left === undefined
    ? {}
    : { left: Object.fromEntries(Object.entries(left).filter(([name]) => pointerCalled(name).id !== id)) }

const leaving = ({ context, event }: Step): { readonly left?: Left } => {
  assertEvent(event, 'DEL')
  const others = forgetting(context, event.ptr)
  if (!event.rcu) return others
  const next = nextTo(context, event.ptr)
  return { left: { ...others.left, [named(event.ptr)]: next && named(next) } }
}

/** What is told of it, if somebody asks: the list has a name. */
const seen = ({ context: { name }, event }: Step): Observed | undefined => {
  if (name === undefined || event.type === 'READ') return undefined
  const { site = '', marked, order } = event
  const access = event.type === 'NEXT' ? 'read' : 'write'
  const how = { ...(marked && { marked }), ...(order && { order }) }
  return used(name, 'list_head', { site, live: true, bytes: 8, access, ...how })
}

const isForTail = ({ event }: Step): boolean => event.type === 'ADD' && event.tail === true

/** The entry that the walk stands at is not on the list any more. */
const isTakenOff = ({ context: { ptrs, left = {} }, event }: Step): boolean => {
  assertEvent(event, 'NEXT')
  const { after } = event
  return after !== null && !(named(after) in left) && !ptrs.some((ptr) => isSame(ptr, after))
}

const observe = (step: Step & { readonly enqueue: { readonly emit: (said: Observed) => void } }): void => {
  const observed = seen(step)
  if (observed) step.enqueue.emit(observed)
}

export const list = setup({
  types: {
    context: {} as ListContext,
    events: {} as ListEvent,
    emitted: {} as Said,
    input: {} as { readonly name?: string; readonly ptrs?: readonly Pointer[] },
  },
  guards: {
    isOnIt: (step) => step.context.ptrs.some((ptr) => isSame(ptr, entry(step))),
  },
  actions: {
    add: assign((step) => {
      const { ptrs } = step.context
      return {
        ptrs: isForTail(step) ? [...ptrs, entry(step)] : [entry(step), ...ptrs],
        ...forgetting(step.context, entry(step)),
      }
    }),
    del: assign((step) => ({
      ptrs: step.context.ptrs.filter((ptr) => !isSame(ptr, entry(step))),
      ...leaving(step),
    })),
    done: enqueueActions((step) => {
      observe(step)
      step.enqueue.emit(answer(step.event, 'ANSWER', { ret: 0 }))
    }),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { ptrs: context.ptrs })),
    tellNext: enqueueActions((step) => {
      observe(step)
      const poisoned = isTakenOff(step) && { poisoned: true }
      step.enqueue.emit(answer(step.event, 'ANSWER', { ptr: nextOf(step), ...poisoned }))
    }),
    doubleAdd: emit((step) => crash('bug', 'list_add double add', { object: named(entry(step)) })),
    /** CONFIG_LIST_HARDENED: the entry stays where it is not, and its owner goes on. */
    corruption: emit((step) => complain('warn', 'list_del corruption', { object: named(entry(step)) })),
  },
}).createMachine({
  id: 'list',
  context: ({ input: { name, ptrs = [] } }) => ({ ...(name !== undefined && { name }), ptrs }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ADD: [{ guard: 'isOnIt', actions: 'doubleAdd' }, { actions: ['add', 'done'] }],
        DEL: [{ guard: 'isOnIt', actions: ['del', 'done'] }, { actions: ['corruption', 'done'] }],
        READ: { actions: 'tell' },
        NEXT: { actions: 'tellNext' },
      },
    },
  },
})
