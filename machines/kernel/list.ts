/**
 * An intrusive list (list_head): which objects are on it, the head first. It holds pointers and no references: whether the life a pointer
 * was taken from still goes on is the slab's to say, when somebody follows it.
 *
 * A walk is a step from each entry to the next, so that others may change the list in between. Whoever stands at an entry that was
 * taken off meanwhile finds no next one, and is told that what he follows is poison.
 *
 * Source: list_add, list_del, list_for_each_entry; CONFIG_DEBUG_LIST says what corrupts a list.
 * Left out: splicing.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { complain, crash, type Heard, type Said } from '../say.ts'
import { answer } from './answer.ts'
import { isSame, named, type Pointer } from './pointer.ts'

interface ListContext {
  readonly ptrs: readonly Pointer[]
}

type ListEvent =
  /** `tail`: at the end. */
  | (Heard & { readonly type: 'ADD' | 'DEL'; readonly ptr: Pointer; readonly tail?: boolean })
  | (Heard & { readonly type: 'READ' })
  /** `after` null: the first. */
  | (Heard & { readonly type: 'NEXT'; readonly after: Pointer | null })

interface Step {
  readonly context: ListContext
  readonly event: ListEvent
}

/** The entry that is to be added or deleted. */
const entry = ({ event }: Step): Pointer => {
  assertEvent(event, ['ADD', 'DEL'])
  return event.ptr
}

const nextOf = ({ context: { ptrs }, event }: Step): Pointer | null => {
  assertEvent(event, 'NEXT')
  const { after } = event
  if (after === null) return ptrs[0] ?? null
  const at = ptrs.findIndex((ptr) => isSame(ptr, after))
  return at < 0 ? null : (ptrs[at + 1] ?? null)
}

const isForTail = ({ event }: Step): boolean => event.type === 'ADD' && event.tail === true

/** The entry that the walk stands at is not on the list any more. */
const isTakenOff = ({ context: { ptrs }, event }: Step): boolean => {
  assertEvent(event, 'NEXT')
  const { after } = event
  return after !== null && !ptrs.some((ptr) => isSame(ptr, after))
}

export const list = setup({
  types: {
    context: {} as ListContext,
    events: {} as ListEvent,
    emitted: {} as Said,
    input: {} as { readonly ptrs?: readonly Pointer[] },
  },
  guards: {
    isOnIt: (step) => step.context.ptrs.some((ptr) => isSame(ptr, entry(step))),
  },
  actions: {
    add: assign((step) => {
      const { ptrs } = step.context
      return { ptrs: isForTail(step) ? [...ptrs, entry(step)] : [entry(step), ...ptrs] }
    }),
    del: assign((step) => ({ ptrs: step.context.ptrs.filter((ptr) => !isSame(ptr, entry(step))) })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { ptrs: context.ptrs })),
    tellNext: emit((step) =>
      answer(step.event, 'ANSWER', { ptr: nextOf(step), ...(isTakenOff(step) && { poisoned: true }) }),
    ),
    doubleAdd: emit((step) => crash('bug', 'list_add double add', { object: named(entry(step)) })),
    /** CONFIG_LIST_HARDENED: the entry stays where it is not, and its owner goes on. */
    corruption: emit((step) => complain('warn', 'list_del corruption', { object: named(entry(step)) })),
  },
}).createMachine({
  id: 'list',
  context: ({ input }) => ({ ptrs: input.ptrs ?? [] }),
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
