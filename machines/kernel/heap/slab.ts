/**
 * A slab: where objects of one kind are allocated, used and freed. What a pointer leads to is asked by a message, so whoever follows a
 * pointer whose life is over is seen: the slab says what happened to which life, the sanitizer what is wrong with that. An address that
 * was freed is given out again, the lowest first.
 *
 * A count in an object is a refcount_t. It is changed in one step, because the processor does: two tasks that share no lock may both do
 * so. One that went wrong is saturated and stays so.
 *
 * Source: kmalloc and kfree, as KASAN sees them; lib/refcount.c; refcount_inc_not_zero.
 * Left out: allocations that fail, the quarantine that would keep an address from being used again soon.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { allocated, counted, freed, used, type Heard, type Observed, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { HeapFacts } from './heap-facts.ts'
import {
  countOf as countedBy,
  gotFrom,
  isRead,
  perform,
  refcountSum,
  seenAs,
  type Access,
} from '../variables/operations.ts'
import { isSame, named, type Pointer } from './pointer.ts'
import { nextPointer, withLife, type Lives } from './slots.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Allocated {
  readonly ptr: Pointer
  readonly fields: Fields
}

interface SlabContext {
  /** What the objects are called: `pfnmap`. */
  readonly name: string
  /** By their addresses. */
  readonly objects: readonly Allocated[]
  readonly lives: Lives
}

export interface SlabInput {
  readonly name: string
  /** Objects that are there from the start, at the first addresses. */
  readonly objects?: readonly Fields[]
  /** Objects that are there from the start and have addresses of their own, which nobody gets after them. */
  readonly standing?: readonly Allocated[]
}

type SlabEvent =
  | (Heard & { readonly type: 'ALLOC'; readonly fields: Fields; readonly site?: string })
  | (Heard & { readonly type: 'USE' | 'FREE'; readonly ptr: Pointer; readonly site: string })
  | (Heard & { readonly type: 'SET'; readonly ptr: Pointer; readonly site: string; readonly fields: Fields })
  | (Heard & {
      readonly type: 'ADD'
      readonly ptr: Pointer
      readonly site: string
      readonly field: string
      readonly by: number
      /** refcount_dec, not refcount_dec_and_test. */
      readonly untested?: true
    })
  | (Heard & { readonly type: 'INC_NOT_ZERO'; readonly ptr: Pointer; readonly site: string; readonly field: string })
  /** Any access of one field. */
  | (Heard & Access & { readonly type: 'ACCESS'; readonly ptr: Pointer; readonly field: string })

interface Step {
  readonly context: SlabContext
  readonly event: SlabEvent
}

const pointedAt = ({ event }: Step) => {
  assertEvent(event, ['USE', 'SET', 'ADD', 'INC_NOT_ZERO', 'ACCESS', 'FREE'])
  return event
}

const found = (step: Step): Fields | undefined =>
  step.context.objects.find(({ ptr }) => isSame(ptr, pointedAt(step).ptr))?.fields

const changed = (step: Step, fields: Fields): Partial<SlabContext> => ({
  objects: step.context.objects.map((each) =>
    isSame(each.ptr, pointedAt(step).ptr) ? { ...each, fields: { ...each.fields, ...fields } } : each,
  ),
})

const byAddress = (one: Allocated, other: Allocated): number => (one.ptr.id < other.ptr.id ? -1 : 1)

const countIn = ({ event }: Step) => {
  assertEvent(event, ['ADD', 'INC_NOT_ZERO'])
  const { field } = event
  if (event.type === 'INC_NOT_ZERO') return { field, by: 1 }
  return { field, by: event.by, ...(event.untested && { untested: event.untested }) }
}

/** What the count in an object is before it changes. */
const countOf = (step: Step): number => found(step)![countIn(step).field] as number

const accessed = (step: Step) => {
  assertEvent(step.event, 'ACCESS')
  return perform(found(step)![step.event.field], step.event)
}

/** What an access is to memory; the count of ADD and INC_NOT_ZERO is written, too. */
const seen = (step: Step): Observed => {
  const event = pointedAt(step)
  const [object, cache] = [named(event.ptr), step.context.name]
  const { site } = event
  const live = found(step) !== undefined
  if (event.type === 'FREE') return freed(object, cache, { site, live })
  if (event.type === 'ACCESS') {
    const { field } = event
    const old = found(step)?.[field]
    const count = live ? countedBy(field, old, event) : undefined
    const as = live ? seenAs(old, event) : { access: isRead(event) ? ('read' as const) : ('write' as const) }
    if (count) return counted(object, cache, count, { site, field, ...as })
    return used(object, cache, { site, live, field, ...as })
  }
  return used(object, cache, { site, live, access: event.type === 'USE' ? 'read' : 'write' })
}

export const slab = setup({
  types: {
    context: {} as SlabContext,
    events: {} as SlabEvent,
    emitted: {} as Said,
    input: {} as SlabInput,
  },
  guards: {
    isFreed: (step) => found(step) === undefined,
    isZero: (step) => countOf(step) === 0,
  },
  actions: {
    alloc: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'ALLOC')
      const { name, objects, lives } = context
      const used = objects.map(({ ptr }) => ptr)
      const ptr = nextPointer(name, used, lives)
      enqueue.assign({
        objects: [...objects, { ptr, fields: event.fields }].sort(byAddress),
        lives: withLife(name, lives, ptr),
      })
      enqueue.emit(allocated(named(ptr), name, event.site === undefined ? {} : { site: event.site }))
      enqueue.emit(answer(event, 'ANSWER', { ptr }))
    }),
    use: emit((step) => answer(step.event, 'ANSWER', { fields: found(step)! })),
    set: assign((step) => {
      assertEvent(step.event, 'SET')
      return changed(step, step.event.fields)
    }),
    addAndTell: enqueueActions(({ context, event, enqueue }) => {
      const step = { context, event }
      const change = countIn(step)
      const { field, by } = change
      const { ptr, site } = pointedAt(step)
      const from = countOf(step)
      const value = refcountSum(from, by, change.untested ? 1 : 0)
      enqueue.emit(counted(named(ptr), context.name, { ...change, from }, { site }))
      enqueue.assign(changed(step, { [field]: value }))
      enqueue.emit(answer(event, 'ANSWER', { value }))
    }),
    tellZero: emit(({ event }) => answer(event, 'ANSWER', { value: 0 })),
    free: assign((step) => ({
      objects: step.context.objects.filter(({ ptr }) => !isSame(ptr, pointedAt(step).ptr)),
    })),
    access: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'ACCESS')
      const step = { context, event }
      const done = accessed(step)
      if (done.now !== undefined) enqueue.assign(changed(step, { [event.field]: done.now }))
      enqueue.emit(answer(event, 'ANSWER', gotFrom(done)))
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    observe: emit(seen),
  },
}).createMachine({
  id: 'slab',
  context: ({ input: { name, objects = [], standing = [] } }) => ({
    name,
    objects: [...standing, ...objects.map((fields, slot) => ({ ptr: { id: `${name}${slot}`, gen: 1 }, fields }))],
    lives: objects.map(() => 1),
  }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ALLOC: { actions: 'alloc' },
        USE: [{ guard: 'isFreed', actions: 'observe' }, { actions: ['observe', 'use'] }],
        SET: [{ guard: 'isFreed', actions: 'observe' }, { actions: ['observe', 'set', 'done'] }],
        ADD: [{ guard: 'isFreed', actions: 'observe' }, { actions: 'addAndTell' }],
        INC_NOT_ZERO: [
          { guard: 'isFreed', actions: 'observe' },
          { guard: 'isZero', actions: ['observe', 'tellZero'] },
          { actions: 'addAndTell' },
        ],
        ACCESS: [{ guard: 'isFreed', actions: 'observe' }, { actions: ['observe', 'access'] }],
        FREE: [{ guard: 'isFreed', actions: 'observe' }, { actions: ['observe', 'free', 'done'] }],
      },
    },
  },
})

export const slabFacts: HeapFacts<SlabContext> = {
  cache: ({ name }) => name,
  allocated: ({ objects }) => objects,
}
