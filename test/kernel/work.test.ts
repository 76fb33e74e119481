/** Work that is done later: what may be gone by then, and who waits for it. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../index.ts'
import {
  alloc_ordered_workqueue,
  alloc_workqueue,
  always,
  atomic_inc,
  atomic_t,
  cancel_delayed_work_sync,
  cancel_work,
  cancel_work_sync,
  complete,
  completion,
  delayed_work,
  destroy_workqueue,
  field,
  flush_delayed_work,
  flush_work,
  flush_workqueue,
  INIT_DELAYED_WORK,
  INIT_WORK,
  kernel,
  kfree,
  kzalloc,
  mod_delayed_work,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  pointer,
  procedure,
  queue_delayed_work,
  queue_work,
  read,
  ret,
  schedule_work,
  sometimes,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  synchronize_rcu,
  system_wq,
  wait_for_completion,
  when,
  work_struct,
  write,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

const m = mutex('m')
const n = field('n', 0)
const under = (...steps: readonly Step[]) => [mutex_lock(m), ...steps, mutex_unlock(m)]

const look = async (...threads: readonly Procedure[]) => {
  const world = kernel({ threads: Object.fromEntries(threads.map((each, nth) => [`t${nth}`, each])), objects: [n] })
  const report = await explore(world)
  expect(report.exhaustive).toBe(true)
  return report.findings.map(({ title }) => title)
}

describe('work in an object', () => {
  const ctx = struct('ctx', { work: work_struct(), n: 0 })
  const dev = pointer(ctx)
  const resets = procedure('resets', { dev }, [write('dev->n', 1)])
  const removes = (...before: readonly Step<{ dev: typeof dev }>[]) =>
    procedure('removes', { dev }, [
      kzalloc(ctx, 'dev'),
      INIT_WORK('dev->work', resets),
      schedule_work('dev->work'),
      ...before,
      kfree('dev'),
    ])

  test('runs when its object is gone, if nobody waits for it', async () => {
    expect((await look(removes())).sort()).toEqual([
      'ODEBUG: free active (active state 0) object type: work_struct',
      'use-after-free in resets',
    ])
  })
  test.each([
    ['is cancelled', cancel_work_sync],
    ['is waited for', flush_work],
  ] as const)('does not, if it %s', async (_, ends) => {
    expect(await look(removes(ends('dev->work')))).toEqual([])
  })
  test('does, if it is cancelled without waiting while it runs', async () => {
    expect(await look(removes(cancel_work('dev->work')))).toEqual(['use-after-free in resets'])
  })
  test('is cancelled too early, if somebody may queue it after that', async () => {
    const current = field<typeof dev>('current', dev)
    const probe = procedure('probe', { dev }, [
      kzalloc(ctx, 'dev'),
      INIT_WORK('dev->work', resets),
      mutex_lock(m),
      write(current, (v: { dev: typeof dev }) => v.dev),
      mutex_unlock(m),
    ])
    const irq = procedure('irq', { dev }, [
      mutex_lock(m),
      read(current, 'dev'),
      when('dev', [schedule_work('dev->work')]),
      mutex_unlock(m),
    ])
    const remove = (first: 'cancel' | 'unpublish') => {
      const cancel = cancel_work_sync<{ dev: typeof dev }>('dev->work')
      return procedure('remove', { dev }, [
        mutex_lock(m),
        read(current, 'dev'),
        mutex_unlock(m),
        when('dev', [
          ...(first === 'cancel' ? [cancel] : []),
          mutex_lock(m),
          write(current, null),
          mutex_unlock(m),
          ...(first === 'cancel' ? [] : [cancel]),
          kfree('dev'),
        ]),
      ])
    }
    const titles = async (first: 'cancel' | 'unpublish') => {
      const threads = { a: [probe, remove(first)], b: irq }
      return (await explore(kernel({ threads }))).findings.map(({ title }) => title).sort()
    }
    expect(await titles('cancel')).toEqual([
      'ODEBUG: free active (active state 0) object type: work_struct',
      'use-after-free in resets',
    ])
    expect(await titles('unpublish')).toEqual([])
  })
  test('is made anew while it is queued, and that is told', async () => {
    expect(await look(removes(INIT_WORK('dev->work', resets), cancel_work_sync('dev->work')))).toEqual([
      'ODEBUG: init active (active state 0) object type: work_struct',
    ])
  })
  test('is not queued before it was made', async () => {
    const queues = procedure('queues', { dev }, [
      kzalloc(ctx, 'dev'),
      schedule_work('dev->work'),
      INIT_WORK('dev->work', resets),
      kfree('dev'),
    ])
    expect(await look(queues)).toEqual(['ODEBUG: activate not available (active state 0) object type: work_struct'])
  })
})

describe('who waits for work with a lock in his hand that the work wants', () => {
  const work = work_struct('work', procedure('works', under()))
  const waits = (wait: Step) => procedure('waits', [schedule_work(work), ...under(wait)])

  test.each([
    ['flush_work', flush_work(work)],
    ['cancel_work_sync', cancel_work_sync(work)],
  ])('%s: a circle of two, and an order of locks that a run confirms', async (_, wait) => {
    const world = kernel({ threads: { a: waits(wait) } })
    const { findings } = await explore(world)
    expect(findings.map(({ title, judged }) => [title, judged?.verdict])).toEqual([
      ['lock order (work_completion)(&work) → m → (work_completion)(&work)', 'confirmed'],
      ['deadlock at m and work', undefined],
    ])
    const { waiting } = replay(world, findings[1]!.schedule)
    expect(waiting.map(({ thread, on }) => [thread, on])).toEqual([
      ['a', ['kworker/work']],
      ['kworker/work', ['a']],
    ])
  })
  test('none, when it waits without the lock', async () => {
    expect(await look(procedure('waits', [schedule_work(work), ...under(), flush_work(work)]))).toEqual([])
  })
})

test('a driver’s work, its lock and its removal cost little to look at in every order', async () => {
  const ctx = struct('ctx', { work: work_struct(), lock: mutex(), n: 0 })
  const dev = object('dev', ctx)
  const resets = procedure('resets', { dev }, [mutex_lock('dev->lock'), write('dev->n', 1), mutex_unlock('dev->lock')])
  const user = procedure('user', { dev, n: 0 }, [
    mutex_lock('dev->lock'),
    read('dev->n', 'n'),
    mutex_unlock('dev->lock'),
  ])
  const queues = procedure('queues', { dev }, [
    INIT_WORK('dev->work', resets),
    schedule_work('dev->work'),
    cancel_work_sync('dev->work'),
  ])
  const world = kernel({ threads: { a: queues, b: user } })
  const [reduced, full] = [await explore(world), await explore(world, [], { reduction: false })]
  expect([reduced.findings, full.findings, reduced.reduction]).toEqual([[], [], 'on'])
  expect([reduced.states, full.states]).toEqual([131, 1661])
})

test.each([
  ['flush_work', flush_work(work_struct('work', procedure('works', [])))],
  ['cancel_work_sync', cancel_work_sync(work_struct('work', procedure('works', [])))],
  ['synchronize_rcu', synchronize_rcu()],
])('%s sleeps, which nobody may with a spinlock in hand', async (word, wait) => {
  const lock = spinlock('lock')
  const [title, ...more] = await look(procedure('waits', [spin_lock(lock), wait, spin_unlock(lock)]))
  expect(title).toMatch(`BUG: sleeping function called from invalid context in waits: ${word}(`)
  expect(more).toEqual([])
})

test('work that waits for itself waits for ever', async () => {
  const work = work_struct('work')
  const self = procedure('self', [flush_work(work)])
  expect((await look(procedure('queues', [INIT_WORK(work, self), schedule_work(work)]))).sort()).toEqual([
    'deadlock at work',
    'recursive locking of (work_completion)(&work)',
  ])
})

describe('work that queues itself again', () => {
  const ctx = struct('ctx', { work: work_struct(), n: 0 })
  const dev = pointer(ctx)
  const polls = procedure('polls', { dev }, [write('dev->n', 1), schedule_work('dev->work')])
  const stops = (stop: Step<{ dev: typeof dev }>) =>
    procedure('stops', { dev }, [
      kzalloc(ctx, 'dev'),
      INIT_WORK('dev->work', polls),
      schedule_work('dev->work'),
      stop,
      kfree('dev'),
    ])

  test('is over once it is cancelled', async () => {
    expect(await look(stops(cancel_work_sync('dev->work')))).toEqual([])
  })
  test('is not over once it was waited for', async () => {
    expect((await look(stops(flush_work('dev->work')))).sort()).toEqual([
      'ODEBUG: free active (active state 0) object type: work_struct',
      'use-after-free in polls',
    ])
  })
})

test('work is queued once until it runs, and runs beside itself never', async () => {
  const runs = atomic_t('runs', 0)
  const work = work_struct(
    'work',
    procedure('works', { n: 0 }, [read(n, 'n'), write(n, ({ n }) => n + 1), atomic_inc(runs)]),
  )
  const queues = procedure('queues', { got: false }, [
    queue_work(system_wq, work, 'got'),
    ret(({ got }) => Number(got)),
  ])
  const report = await explore(kernel({ threads: { a: queues, b: queues }, objects: [n] }), [
    always('none is lost', (w) => w.field('n') === 2, { when: (w) => w.field('runs') === 2 }),
    sometimes('both queue it', (w) => w.field('runs') === 2),
    sometimes('one does', (w) => w.thread('a').returned === 0),
  ])
  expect(report.findings).toEqual([])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds', 'seen', 'seen'])
})

test('work completes what somebody waits for, and is named in the deadlock if it does not', async () => {
  const done = completion('done')
  const work = (...first: readonly Step[]) => work_struct('work', procedure('works', [...first, complete(done)]))
  const waits = (it: ReturnType<typeof work>) =>
    procedure('waits', [schedule_work(it), ...under(wait_for_completion(done))])
  expect(await look(waits(work()))).toEqual([])
  expect(await look(waits(work(...under())))).toEqual([
    'deadlock at done and m',
    'lock order (completion)done → m → (completion)done',
  ])
})

describe('delayed work', () => {
  const poll = delayed_work('poll', procedure('polls', [write(n, 1)]))
  const verdicts = async (...steps: readonly Step[]) => {
    const report = await explore(kernel({ threads: { a: procedure('a', steps) }, objects: [n] }), [
      sometimes('it has run', (w) => w.thread('a').finished && w.field('n') === 1),
      sometimes('it has not', (w) => w.thread('a').finished && w.field('n') === 0),
    ])
    expect(report.findings).toEqual([])
    return report.properties.map(({ verdict }) => verdict)
  }
  const queue = queue_delayed_work(system_wq, poll)

  test('runs some time later, which may be at once', async () => {
    expect(await verdicts(queue)).toEqual(['seen', 'seen'])
  })
  test('is not waited for by flush_work while it is a timer, and is by flush_delayed_work', async () => {
    expect(await verdicts(queue, flush_work(poll))).toEqual(['seen', 'seen'])
    expect(await verdicts(queue, flush_delayed_work(poll))).toEqual(['seen', 'unseen'])
    expect(await verdicts(queue, mod_delayed_work(system_wq, poll), flush_delayed_work(poll))).toEqual([
      'seen',
      'unseen',
    ])
  })
  test('is over once it is cancelled', async () => {
    expect(await verdicts(queue, cancel_delayed_work_sync(poll))).toEqual(['seen', 'seen'])
  })
  test('in an object that is freed is an active timer', async () => {
    const ctx = struct('ctx', { poll: delayed_work() })
    const frees = procedure('frees', { dev: pointer(ctx) }, [
      kzalloc(ctx, 'dev'),
      INIT_DELAYED_WORK('dev->poll', procedure('nothing', [])),
      queue_delayed_work(system_wq, 'dev->poll'),
      kfree('dev'),
    ])
    expect(await look(frees)).toEqual(['ODEBUG: free active (active state 0) object type: timer_list'])
  })
})

describe('a workqueue of one’s own', () => {
  const pair = (wq: ReturnType<typeof alloc_workqueue>) => ({
    one: work_struct('one', procedure('first', [write(n, 1)]), { on: wq }),
    two: work_struct('two', procedure('second', { n: 0 }, [read(n, 'n'), when(({ n }) => n === 0, [write(n, 5)])]), {
      on: wq,
    }),
  })
  const verdictOf = async (wq: ReturnType<typeof alloc_workqueue>) => {
    const { one, two } = pair(wq)
    const queues = procedure('queues', [queue_work(wq, one), queue_work(wq, two), flush_workqueue(wq)])
    const report = await explore(kernel({ threads: { a: queues }, objects: [n] }), [
      always('the first was first', (w) => w.field('n') === 1, { when: (w) => w.finished }),
    ])
    const found = report.findings.filter(({ kind }) => kind !== 'wrong-result')
    return [report.properties[0]!.verdict, report.states, found.map(({ title }) => title)]
  }

  test('does what was queued first first, if it is ordered', async () => {
    expect(await verdictOf(alloc_ordered_workqueue('wq'))).toEqual(['holds', 21, []])
    expect(await verdictOf(alloc_workqueue('wq'))).toEqual(['violated', 56, ['data-race in first / second']])
  })
  test('has a place in the order of locks: work that waits for other work on an ordered one waits for itself', async () => {
    const wq = alloc_ordered_workqueue('wq')
    const two = work_struct('two', procedure('second', []), { on: wq })
    const one = work_struct('one', procedure('first', [queue_work(wq, two), flush_work(two)]), { on: wq })
    expect((await look(procedure('queues', [queue_work(wq, one)]))).sort()).toEqual([
      'deadlock at wq',
      'recursive locking of (wq_completion)wq',
    ])
  })
  test('is waited for with a lock in hand that its work wants', async () => {
    const wq = alloc_workqueue('wq')
    const work = work_struct('work', procedure('works', under()), { on: wq })
    expect((await look(procedure('flushes', [queue_work(wq, work), ...under(flush_workqueue(wq))]))).sort()).toEqual([
      'deadlock at m and wq',
      'lock order (wq_completion)wq → m → (wq_completion)wq',
    ])
  })
  test('takes nothing any more while it is destroyed, and is gone then', async () => {
    const wq = alloc_workqueue('wq')
    const work = work_struct('work', procedure('works', [write(n, 1)]), { on: wq })
    const queues = procedure('queues', [queue_work(wq, work)])
    const destroys = procedure('destroys', [queue_work(wq, work), destroy_workqueue(wq)])
    expect((await look(destroys, queues)).sort()).toEqual([
      'use-after-free in __queue_work',
      'workqueue: cannot queue on wq wq',
    ])
    expect(await look(destroys)).toEqual([])
  })
})

describe('slips', () => {
  const works = procedure('works', [])

  test('work that nobody says what to do with', () => {
    expect(() => kernel({ threads: { a: procedure('queues', [schedule_work(work_struct('work'))]) } })).toThrow(
      /work_struct work has nothing to do.[^]*INIT_WORK\(work, procedure\)/,
    )
  })
  test('a workqueue that it is not put on', () => {
    const [wq, other] = [alloc_workqueue('wq'), alloc_workqueue('other')]
    const work = work_struct('work', works, { on: wq })
    expect(() => queue_work(other, work)).toThrow(
      /queue_work\(other, work\): the work_struct work is not put on other, but on wq./,
    )
    expect(() => schedule_work(work)).toThrow(/is not put on system_wq, but on wq/)
  })
  test('to wait for all work there is', () => {
    expect(() => flush_workqueue(system_wq)).toThrow(/nobody waits for all work on system_wq/)
  })
})
