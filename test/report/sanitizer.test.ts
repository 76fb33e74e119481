/** What is wrong with memory, in the kernel's own words: KASAN's, refcount_t's and kmemleak's. */
import { describe, expect, test } from 'vitest'
import { assign, emit, setup } from 'xstate'
import { slabCalled } from '../../actors/world/heaps.ts'
import { toSystem } from '../../actors/running/system.ts'
import type { ActorSpec } from '../../actors/world/world.ts'
import { explore, replay } from '../../explore/index.ts'
import type { System } from '../../explore/system.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { send, type Heard, type Said } from '../../machines/say.ts'
import { sanitizerLog } from '../../report/formats/sanitizer.ts'
import { wrongIn } from '../../report/sides.ts'
import { splat } from '../../report/splat.ts'
import { makePage } from '../../report/style.ts'
import { tellRun } from '../../report/text.ts'

type Ask = { readonly type: string; readonly [field: string]: unknown }

/** Asks a slab one thing after the other. */
const asker = setup({
  types: {
    context: {} as { readonly asks: readonly Ask[] },
    events: {} as Heard,
    emitted: {} as Said,
    input: {} as readonly Ask[],
  },
  guards: { isDone: ({ context }) => context.asks.length === 0 },
  actions: {
    ask: emit(({ context, event }) => {
      const { type, ...fields } = context.asks[0]!
      return send('tasks', type, { task: event.task, ...fields })
    }),
    next: assign({ asks: ({ context }) => context.asks.slice(1) }),
  },
}).createMachine({
  id: 'asker',
  context: ({ input }) => ({ asks: input }),
  initial: 'idle',
  states: {
    idle: { on: { GO: { target: 'asking', actions: ['ask', 'next'] } } },
    asking: { on: { ANSWER: [{ guard: 'isDone', target: 'idle' }, { actions: ['ask', 'next'] }] } },
  },
})

const ptr = { id: 'vfio_task0', gen: 1 }
const put = { type: 'ADD', ptr, site: 'vfio_task_put', field: 'refs', by: -1 }
const free = { type: 'FREE', ptr, site: 'kfree' }

/** One thread after the other, and what they ask. */
const threads = (...asks: readonly (readonly Ask[])[]): System => {
  const actors = asks.map((input, n): ActorSpec => ({ id: `vmm${n}`, machine: asker, input, thread: `vmm${n}` }))
  return toSystem({
    name: 'tasks',
    actors: [...actors, slabCalled('tasks', 'vfio_task')],
    start: actors.map(({ id }) => ({ to: id, message: { type: 'GO', from: 'env', task: id } })),
    view: () => ({}),
  })
}

const runTo = async (system: System, title: string): Promise<Trace> => {
  const { findings } = await explore(system)
  const found = findings.find((each) => each.title === title)
  if (!found) throw new Error(`not found: ${title}, but ${findings.map((each) => each.title).join(', ')}`)
  return replay(system, found.schedule)
}

const page = makePage({ columns: 80 })
const told = (trace: Trace, title: string): string => splat(trace, wrongIn(trace, title)!, page).join('\n')

const alloc = { type: 'ALLOC', fields: { refs: 1 } }

describe('in the shape of', () => {
  test('KASAN: who used it, who had allocated it, who had freed it', async () => {
    const title = 'use-after-free in vfio_task_pgtable'
    const use = { type: 'USE', ptr, site: 'vfio_task_pgtable' }
    const trace = await runTo(threads([alloc, use], [{ ...free, site: 'vfio_task_free' }]), title)
    expect(told(trace, title)).toMatchInlineSnapshot(`
      "==================================================================
      BUG: relock: use-after-free in vfio_task_pgtable

      ① use vfio_task0#1 by vmm0 at step 6, at tasks
      ② vfio_task0#1 freed by vmm1 at step 4, with kfree vfio_task0#1 at tasks

      BUG: KASAN: slab-use-after-free in vfio_task_pgtable
      Read of vfio_task0#1 by task vmm0

      Call trace:
       vfio_task_pgtable             step 6
       vmm0                          step 1

      Allocated by task vmm0, step 3:
       vmm0                          step 1

      Freed by task vmm1:
       vfio_task_free                step 4
       vmm1                          step 2

      The buggy address belongs to the object vfio_task0#1
       which belongs to the cache vfio_task
      =================================================================="
    `)
    expect(told(trace, title)).not.toContain('Life of')
  })

  test('KASAN: freed twice', async () => {
    const title = 'double-free in kfree'
    const trace = await runTo(threads([alloc, free, free]), title)
    expect(told(trace, title)).toMatchInlineSnapshot(`
      "==================================================================
      BUG: relock: double-free in kfree

      ① kfree vfio_task0#1 by vmm0 at step 6, at tasks
        it has this pointer from tasks, which answered kzalloc at step 3
      ② vfio_task0#1 freed by vmm0 at step 4, with kfree vfio_task0#1 at tasks
        the same thread as ①

      BUG: KASAN: double-free in kfree
      Free of vfio_task0#1 by task vmm0

      Call trace:
       kfree                         step 6
       vmm0                          step 1

      Allocated by task vmm0, step 2:
       vmm0                          step 1

      Freed by task vmm0:
       kfree                         step 4
       vmm0                          step 1

      The buggy address belongs to the object vfio_task0#1
       which belongs to the cache vfio_task
      =================================================================="
    `)
  })

  test('refcount_t', async () => {
    const title = 'refcount_t: underflow; use-after-free.'
    const trace = await runTo(threads([alloc, put, put]), title)
    expect(told(trace, title)).toMatchInlineSnapshot(`
      "==================================================================
      BUG: relock: refcount_t: underflow; use-after-free.

      ① vfio_task0#1->refs -1 by vmm0 at step 6, at tasks

      ------------[ cut here ]------------
      refcount_t: underflow; use-after-free.
      WARNING: at refcount_warn_saturate, by task vmm0
      refs of vfio_task0#1 (cache vfio_task) was 0 and is changed by -1

      Call trace:
       vfio_task_put                 step 6
       vmm0                          step 1

      ---[ end trace ]---
      =================================================================="
    `)
  })

  test('kmemleak: all that is left, and who had it last', async () => {
    const title = 'unreferenced object vfio_task'
    const trace = await runTo(
      threads(
        [
          { ...alloc, site: 'vfio_task_alloc' },
          { ...put, by: 1 },
        ],
        [alloc],
      ),
      title,
    )
    expect(told(trace, title)).toMatchInlineSnapshot(`
      "==================================================================
      BUG: relock: leak: unreferenced object vfio_task

      unreferenced object vfio_task0#1 (cache vfio_task):
        comm "vmm0"
        backtrace:
          vfio_task_alloc               step 3
          vmm0                          step 1
        last used by "vmm0":
          vfio_task_put                 step 6
          vmm0                          step 1

      unreferenced object vfio_task1#1 (cache vfio_task):
        comm "vmm1", step 4
        backtrace:
          vmm1                          step 2
      =================================================================="
    `)
  })
})

test('a leak marks no step as its cause, and the story keeps what the object went through', async () => {
  const title = 'unreferenced object vfio_task'
  const trace = await runTo(threads([alloc], [{ type: 'ALLOC', fields: {} }]), title)
  const story = tellRun(trace, page, { wrong: wrongIn(trace, title), intro: 'A run' }).join('\n')
  expect(story).toContain('kzalloc tasks → vfio_task0#1')
  expect(story).not.toMatch(/[①②]/)
})

test('all reports of a run, as they would stand in the log', async () => {
  const title = 'double-free in kfree'
  const log = sanitizerLog(await runTo(threads([alloc, put, put, free, free]), title))
  const [head, ...reports] = log.split('\n\n===')
  expect(head).toMatch(/^tasks #[0-9a-f]{12}: 1 object, 2 reports$/)
  expect(reports.join()).toContain('refcount_t: underflow; use-after-free.')
  expect(reports.join()).toContain('BUG: KASAN: double-free in kfree')
  expect(sanitizerLog(replay(threads(), []))).toMatch(/: 0 objects, 0 reports\n$/)
})

test('no line is too wide', async () => {
  const site = 'a_function_with_a_very_long_name_that_nobody_would_ever_give_to_a_function'
  const title = `double-free in ${site}`
  const lines = told(await runTo(threads([alloc, free, { ...free, site }]), title), title).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
})
