/**
 * A slab: where objects of one kind are allocated, used and freed. What a pointer leads to is asked by a message, so whoever follows a
 * pointer whose life is over is seen. An address that was freed is given out again, the lowest first.
 *
 * A count in an object (a kref) is changed in one step, because the processor does: two tasks that share no lock may both do so.
 *
 * Source: kmalloc and kfree, as KASAN sees them.
 * Left out: allocations that fail, the quarantine that would keep an address from being used again soon.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { crash, note, type Heard, type Said } from '../say.ts'
import { answer } from './answer.ts'
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

type SlabEvent =
  | (Heard & { readonly type: 'ALLOC'; readonly fields: Fields })
  | (Heard & { readonly type: 'USE' | 'FREE'; readonly ptr: Pointer; readonly site: string })
  | (Heard & { readonly type: 'SET'; readonly ptr: Pointer; readonly site: string; readonly fields: Fields })
  | (Heard & {
      readonly type: 'ADD'
      readonly ptr: Pointer
      readonly site: string
      readonly field: string
      readonly by: number
    })

interface Step {
  readonly context: SlabContext
  readonly event: SlabEvent
}

const pointedAt = ({ event }: Step) => {
  assertEvent(event, ['USE', 'SET', 'ADD', 'FREE'])
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

/** What a count in an object will be. */
const sum = (step: Step): number => {
  assertEvent(step.event, 'ADD')
  return (found(step)![step.event.field] as number) + step.event.by
}

export const slab = setup({
  types: {
    context: {} as SlabContext,
    events: {} as SlabEvent,
    emitted: {} as Said,
    input: {} as { readonly name: string },
  },
  guards: {
    isFreed: (step) => found(step) === undefined,
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
      enqueue.emit(note(named(ptr), 'allocated'))
      enqueue.emit(answer(event, 'ANSWER', { ptr }))
    }),
    use: emit((step) => answer(step.event, 'ANSWER', { fields: found(step)! })),
    set: assign((step) => {
      assertEvent(step.event, 'SET')
      return changed(step, step.event.fields)
    }),
    addAndTell: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'ADD')
      const value = sum({ context, event })
      enqueue.assign(changed({ context, event }, { [event.field]: value }))
      enqueue.emit(answer(event, 'ANSWER', { value }))
    }),
    free: assign((step) => ({
      objects: step.context.objects.filter(({ ptr }) => !isSame(ptr, pointedAt(step).ptr)),
    })),
    freed: emit((step) => note(named(pointedAt(step).ptr), 'freed')),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    useAfterFree: emit((step) => {
      const { site, ptr } = pointedAt(step)
      return crash('use-after-free', `use-after-free in ${site}`, { object: named(ptr) })
    }),
    doubleFree: emit((step) => {
      const { site, ptr } = pointedAt(step)
      return crash('double-free', `double-free in ${site}`, { object: named(ptr) })
    }),
  },
}).createMachine({
  id: 'slab',
  context: ({ input }) => ({ name: input.name, objects: [], lives: [] }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ALLOC: { actions: 'alloc' },
        USE: [{ guard: 'isFreed', actions: 'useAfterFree' }, { actions: 'use' }],
        SET: [{ guard: 'isFreed', actions: 'useAfterFree' }, { actions: ['set', 'done'] }],
        ADD: [{ guard: 'isFreed', actions: 'useAfterFree' }, { actions: 'addAndTell' }],
        FREE: [{ guard: 'isFreed', actions: 'doubleFree' }, { actions: ['freed', 'free', 'done'] }],
      },
    },
  },
})
