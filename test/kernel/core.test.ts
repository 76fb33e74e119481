/** Races written in the kernel's words: what the first of them find, with how many states. */
import { describe, expect, test } from 'vitest'
import { explore, start } from '../../index.ts'
import type { Report } from '../../explore/outcome/report.ts'
import {
  always,
  call,
  field,
  goto,
  kernel,
  kfree,
  kzalloc,
  label,
  loop,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  not,
  pointer,
  procedure,
  read,
  ret,
  set,
  statechart,
  struct,
  when,
  write,
  type Procedure,
} from '../../kernel/index.ts'
import { task } from '../../machines/kernel/tasks/task.ts'

const titles = ({ findings }: Report) => findings.map(({ title }) => title)
const verdicts = ({ properties }: Report) => Object.fromEntries(properties.map(({ name, verdict }) => [name, verdict]))

const bothCount = always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished })

const counting = (window: boolean) => {
  const m = mutex('m')
  const counter = field('counter', 0, { guardedBy: m })
  const inc = procedure('inc', { n: 0 }, [
    mutex_lock(m),
    read(counter, 'n'),
    ...(window ? [mutex_unlock(m), mutex_lock(m)] : []),
    write(counter, ({ n }) => n + 1),
    mutex_unlock(m),
  ])
  return kernel({ threads: { a: inc, b: inc } })
}

describe('two threads over one lock and one counter', () => {
  test('an update is lost where the lock is dropped between read and write', async () => {
    const report = await explore(counting(true), [bothCount])
    expect(verdicts(report)).toEqual({ 'both count': 'violated' })
    expect(report).toMatchObject({ exhaustive: true, reduction: 'on', states: 43 })
  })

  test('none is lost where it is kept', async () => {
    const report = await explore(counting(false), [bothCount])
    expect(verdicts(report)).toEqual({ 'both count': 'holds' })
    expect(report).toMatchObject({ exhaustive: true, findings: [], reduction: 'on', states: 24 })
  })
})

describe('a pointer that was read under a lock and is used without it', () => {
  const request = struct('request', { lock: mutex(), len: 1 })
  const m = mutex('m')
  const current = field('current', pointer(request))
  const req = pointer(request)
  const submit = procedure('submit', { req }, [
    kzalloc(request, 'req'),
    mutex_lock('req->lock'),
    write('req->len', 7),
    mutex_unlock('req->lock'),
    mutex_lock(m),
    write(current, ({ req }) => req),
    mutex_unlock(m),
  ])
  const take = [mutex_lock(m), read(current, 'req' as never), mutex_unlock(m)]
  const complete = procedure('complete', { req, n: 0 }, [
    ...take,
    when(not('req'), [ret('-ENOENT')]),
    read('req->len', 'n'),
    mutex_lock(m),
    write(current, null),
    mutex_unlock(m),
    kfree('req'),
    ret(({ n }) => n),
  ])

  test('is used after another thread freed the object, or freed twice', async () => {
    const report = await explore(kernel({ threads: { a: [submit, complete], b: complete } }))
    expect(titles(report)).toEqual(['use-after-free in complete', 'double-free in complete'])
    expect(report).toMatchObject({ exhaustive: true, reduction: 'on' })
  })

  test('is fine while nobody else has it', async () => {
    const report = await explore(kernel({ threads: { a: [submit, complete] } }), [
      always('it reads what was written', (w) => w.thread('a').returned === 7, {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ exhaustive: true, findings: [] })
    expect(verdicts(report)).toEqual({ 'it reads what was written': 'holds' })
  })

  test('leaks the object when it is forgotten', async () => {
    const forget = procedure('forget', { req }, [kzalloc(request, 'req')])
    expect(titles(await explore(kernel({ threads: { a: forget } })))).toEqual(['unreferenced object request'])
  })

  test('leads nowhere while it is NULL', async () => {
    const careless = procedure('careless', { req }, [mutex_lock('req->lock')])
    expect(titles(await explore(kernel({ threads: { a: careless } })))).toEqual([
      'kernel NULL pointer dereference in careless',
    ])
  })
})

describe('the way through a procedure', () => {
  const m = mutex('m')
  const n = field('n', 0)

  test('goes round as long as the condition holds, out by goto, and returns what it says', () => {
    const count = procedure('count', { i: 0, seen: 0 }, [
      mutex_lock(m),
      loop(
        ({ i }) => i < 3,
        [write(n, ({ i }) => i), set('i', ({ i }) => i + 1), when(({ i }) => i === 2, [goto('out')])],
      ),
      ret('-EINVAL'),
      label('out'),
      mutex_unlock(m),
      read(n, 'seen'),
      ret(({ seen }) => seen + 40),
    ])
    const run = start(kernel({ threads: { a: count } })).settle()
    expect(run.state.thread('a')).toMatchObject({ finished: true, returned: 41 })
  })

  test('leads through other procedures on behalf of the same thread, with arguments and what they return', () => {
    const add = procedure('add', { to: 0, by: 1 }, [ret(({ to, by }) => to + by)])
    const twice = procedure('twice', { sum: 1 }, [
      call(add, { with: ({ sum }) => ({ to: sum, by: 2 }), into: 'sum' }),
      call(add, { with: ({ sum }) => ({ to: sum }), into: 'sum' }),
      ret(({ sum }) => sum),
    ])
    expect(
      start(kernel({ threads: { a: twice } }))
        .settle()
        .state.thread('a').returned,
    ).toBe(4)
  })

  test('is open to who only tries a lock', async () => {
    const attempt = procedure('attempt', { got: false }, [
      mutex_trylock(m, 'got'),
      when(not('got'), [ret('-EBUSY')]),
      mutex_unlock(m),
    ])
    const report = await explore(kernel({ threads: { a: attempt, b: attempt } }), [
      always('one gets it', (w) => w.threads.some((t) => w.thread(t).returned === 0), {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ exhaustive: true, findings: [] })
    expect(verdicts(report)).toEqual({ 'one gets it': 'holds' })
  })
})

describe('a description that does not fit says where and what would', () => {
  const x = field('x', 0)

  test.each([
    ['a loop that waits for nothing', () => procedure('spin', { i: 0 }, [loop('i', [set('i', 1)])]), /round for ever/],
    ['a goto to no label', () => procedure('p', [goto('out')]), /leads nowhere.*Labels: none/s],
    ['a path through no pointer', () => procedure('p', [mutex_lock('req->lock' as never)]), /no local "req"/],
    [
      'a procedure that calls itself by way of another',
      () => {
        const calls: Procedure[] = []
        const one = statechart('one', task, { calls })
        calls.push(statechart('other', task, { calls: [one] }))
        return kernel({ threads: { a: one } })
      },
      /one calls other calls one: a procedure cannot be entered again/,
    ],
    [
      'two things of one name',
      () => kernel({ threads: { x: procedure('p', { n: 0 }, [read(x, 'n')]) } }),
      /Two things are called "x"/,
    ],
    ['a name that is none', () => field('1st', 0), /is no name/],
    [
      'a word that was not called',
      () => procedure('p', [mutex_lock as never]),
      /Procedure p: steps\[0\] cannot be a func/,
    ],
    ['a word that is not there', () => procedure('p', [undefined as never]), /Procedure p: steps\[0\] is missing/],
    [
      'the same inside another',
      () => procedure('p', { n: 0 }, [when('n', [mutex_lock as never])]),
      /Procedure p: steps\[0\] cannot be a function/,
    ],
    ['a world without threads', () => kernel({} as never), /threads is missing/],
    ['a world in which nobody runs', () => kernel({ threads: {} }), /there is no thread/],
    ['a thread that runs no procedure', () => kernel({ threads: { a: 5 as never } }), /threads.a cannot be 5/],
    ['a field that is misspelt', () => kernel({ thread: {} } as never), /Did you mean "threads"/],
    [
      'an argument that every message has',
      () =>
        start(
          kernel({
            threads: { a: procedure('p', [call(procedure('q', { task: 0 }, []), { with: () => ({ task: 1 }) })]) },
          }),
        ).settle(),
      /q\(\) cannot be given an argument called "task"/,
    ],
    [
      'a function that changes what it is given',
      () =>
        start(
          kernel({ threads: { a: procedure('p', { n: 0 }, [set('n', (v) => ((v as { n: number }).n = 1))]) } }),
        ).settle(),
      /Procedure p: The function of `n = .*` threw/,
    ],
  ])('%s', (_, make, says) => {
    expect(make).toThrow(says)
  })
})
