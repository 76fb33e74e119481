/** Lists, tables, free choices, and objects whose allocation may fail: what each can lead to. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  call,
  choose,
  loop,
  mayFail,
  field,
  idr_alloc,
  idr_find,
  idr_remove,
  kernel,
  kfree,
  kzalloc,
  list_add,
  list_add_tail,
  list_del,
  list_empty,
  list_first_entry_or_null,
  list_for_each_entry,
  list_for_each_entry_safe,
  list_head,
  mutex,
  mutex_lock,
  mutex_unlock,
  not,
  object,
  pointer,
  procedure,
  read,
  xchg,
  ret,
  set,
  sometimes,
  struct,
  when,
  write,
  xa_alloc,
  xa_erase,
  xa_load,
  xa_store,
  xarray,
  type Procedure,
} from '../../kernel/index.ts'

const request = struct('request', { n: 0 })
const req = pointer(request)
const [one, two, three] = [1, 2, 3].map((n) => object(`req${n}`, request, { n }))

const look = async (threads: Readonly<Record<string, Procedure | readonly Procedure[]>>) => {
  const report = await explore(kernel({ threads }))
  expect(report.exhaustive).toBe(true)
  return report.findings.map(({ title }) => title)
}

/** What a thread that runs these may return. */
const returns = async (...run: readonly Procedure[]) => {
  const seen = new Set<unknown>()
  const spy = always('it', (w) => {
    const { returned } = w.thread('a')
    if (w.finished) seen.add(returned)
    return true
  })
  const report = await explore(kernel({ threads: { a: run } }), [spy])
  expect(report).toMatchObject({ exhaustive: true, findings: [] })
  return [...seen]
}

describe('a list', () => {
  const queue = list_head('queue')
  const fill = procedure('fill', { one: one!, two: two!, three: three! }, [
    list_add('two', queue),
    list_add('one', queue),
    list_add_tail('three', queue),
  ])

  test('is walked from its head to its end', async () => {
    const sum = procedure('sum', { req, n: 0, all: 0 }, [
      list_for_each_entry('req', queue, [read('req->n', 'n'), set('all', ({ all, n }) => all * 10 + n)]),
      when('req', [ret('not at the end')]),
      ret(({ all }) => all),
    ])
    expect(await returns(fill, sum)).toEqual([123])
  })

  test('is empty before and not behind', async () => {
    const is = (name: string) =>
      procedure(name, { empty: false }, [list_empty(queue, 'empty'), ret(({ empty }) => `${empty}`)])
    expect(await returns(is('before'))).toEqual(['true'])
    expect(await returns(fill, is('behind'))).toEqual(['false'])
  })

  test('gives its entries up, the first first', async () => {
    const first = procedure('first', { req, n: 0 }, [
      list_first_entry_or_null(queue, 'req'),
      list_del('req', queue),
      list_first_entry_or_null(queue, 'req'),
      read('req->n', 'n'),
      ret(({ n }) => n),
    ])
    expect(await returns(fill, first)).toEqual([2])
  })

  test('takes no entry twice, and gives up none that it does not have', async () => {
    const twice = procedure('twice', { one: one! }, [list_add('one', queue), list_add('one', queue)])
    expect(await look({ a: twice })).toEqual(['list_add double add'])
    const never = procedure('never', { one: one! }, [list_del('one', queue)])
    expect(await look({ a: never })).toEqual(['list_del corruption'])
  })

  test('that loses an entry while another thread stands at it leads that one to poison, or to freed memory', async () => {
    const walk = procedure('walk', { req, n: 0 }, [list_for_each_entry('req', queue, [read('req->n', 'n')])])
    const drop = procedure('drop', { two: two! }, [list_del('two', queue)])
    const free = procedure('free', { two: two! }, [list_del('two', queue), kfree('two')])
    expect(await look({ a: [fill, walk], b: drop })).toContain('general protection fault in walk: LIST_POISON1')
    expect(await look({ a: [fill, walk], b: free })).toContain('use-after-free in walk')
  })

  test('is emptied by one who looks ahead, not by one who does not', async () => {
    const careful = procedure('careful', { req, next: req }, [
      list_for_each_entry_safe('req', 'next', queue, [list_del('req', queue), kfree('req')]),
    ])
    const careless = procedure('careless', { req }, [
      list_for_each_entry('req', queue, [list_del('req', queue), kfree('req')]),
    ])
    expect(await look({ a: [fill, careful] })).toEqual([])
    expect(await look({ a: [fill, careless] })).toEqual(['use-after-free in careless'])
  })

  test('as a member of an object is one for each object', async () => {
    const ctx = struct('ctx', { queue: list_head() })
    const dev = object('dev', ctx)
    const run = procedure('run', { dev, one: one!, req }, [
      list_add('one', 'dev->queue'),
      list_first_entry_or_null('dev->queue', 'req'),
      ret(({ req }) => req?.id),
    ])
    expect(await returns(run)).toEqual(['req1'])
  })

  test('is what an object is reached by: on it, it has not leaked', async () => {
    const make = (keeps: boolean) =>
      procedure('make', { req }, [
        kzalloc(request, 'req'),
        ...(keeps ? [list_add<{ req: typeof req }>('req', queue)] : []),
      ])
    expect(await look({ a: make(true) })).toEqual([])
    expect(await look({ a: make(false) })).toEqual(['unreferenced object request'])
  })
})

describe('a table from numbers to pointers', () => {
  const table = xarray('table')

  test('gives what was stored, and the lowest number that is free', async () => {
    const run = procedure('run', { one: one!, two: two!, id: 0, got: req, gone: req }, [
      xa_alloc(table, 'one', 'id'),
      idr_alloc(table, 'two', 'id'),
      xa_erase(table, 0, 'gone'),
      xa_store(table, 7, 'one'),
      xa_load(table, ({ id }) => id, 'got'),
      when(({ got }) => got?.id !== 'req2', [ret('not what was stored')]),
      idr_find(table, 0, 'got'),
      when('got', [ret('still there')]),
      idr_remove(table, 7),
      xa_load(table, 7, 'got'),
      when('got', [ret('still there')]),
      idr_alloc(table, 'two', 'id'),
      ret(({ id, gone }) => `${id} ${gone?.id}`),
    ])
    expect(await returns(run)).toEqual(['0 req1'])
  })

  test('hands out a pointer that another may free: look-up and use are two steps', async () => {
    const make = procedure('make', { req, id: 0 }, [kzalloc(request, 'req'), xa_alloc(table, 'req', 'id')])
    const use = procedure('use', { req, n: 0 }, [
      xa_load(table, 0, 'req'),
      when(not('req'), [ret('-ENOENT')]),
      read('req->n', 'n'),
    ])
    const destroy = procedure('destroy', { req }, [xa_erase(table, 0, 'req'), kfree('req')])
    expect(await look({ a: [make, use], b: destroy })).toEqual(['use-after-free in use'])
    expect(await look({ a: [make, use, destroy] })).toEqual([])
  })
})

describe('what nobody decides', () => {
  const flag = field('flag', 0)

  test('goes either way', async () => {
    const run = procedure('run', { n: 0 }, [
      choose([set('n', 1)], [set('n', 2), write(flag, 1)], [ret('-EINTR')]),
      ret(({ n }) => n),
    ])
    expect((await returns(run)).sort()).toEqual(['-EINTR', 1, 2])
  })

  test('as often as it is asked', async () => {
    const digit = (place: number) => choose<{ n: number }>([], [set('n', ({ n }) => n + place)])
    const run = procedure('run', { n: 0 }, [digit(1), digit(2), digit(4), ret(({ n }) => n)])
    expect((await returns(run)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('each thread for itself, and in procedures that it calls', async () => {
    const maybe = procedure('maybe', [choose([ret(1)], [ret(0)])])
    const run = procedure('run', { got: 0 }, [call(maybe, { into: 'got' }), ret(({ got }) => got)])
    const report = await explore(kernel({ threads: { a: run, b: run } }), [
      sometimes('1 and 0', (w) => w.thread('a').returned === 1 && w.thread('b').returned === 0),
      sometimes('0 and 1', (w) => w.thread('a').returned === 0 && w.thread('b').returned === 1),
    ])
    expect(report).toMatchObject({ exhaustive: true, findings: [], reduction: 'on' })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
  })

  test('and is done, or fails and does nothing', async () => {
    const run = procedure('run', { n: 7 as number | string, seen: 0 }, [
      mayFail(xchg(flag, 1, 'n'), 'n', '-EINTR', -12),
      read(flag, 'seen'),
      ret(({ n, seen }) => `${n} ${seen}`),
    ])
    expect((await returns(run)).sort()).toEqual(['-12 0', '-EINTR 0', '0 1'])
  })

  test('again and again, in a circle of states', async () => {
    const run = procedure('run', [loop(() => true, [choose([write(flag, 1)], [write(flag, 0)])])])
    const { exhaustive, states, findings } = await explore(kernel({ threads: { a: run } }), [])
    expect({ exhaustive, states, findings }).toEqual({ exhaustive: true, states: 4, findings: [] })
  })

  test('is whether there is memory', async () => {
    const m = mutex('m')
    const forgets = procedure('forgets', { req }, [
      mutex_lock(m),
      kzalloc(request, 'req', { may: 'fail' }),
      write('req->n', 1),
      kfree('req'),
      mutex_unlock(m),
    ])
    const looks = procedure('looks', { req }, [
      kzalloc(request, 'req', { may: 'fail' }),
      when(not('req'), [ret('-ENOMEM')]),
      write('req->n', 1),
      kfree('req'),
    ])
    expect(await look({ a: forgets })).toEqual(['kernel NULL pointer dereference in forgets'])
    expect(await look({ a: looks, b: looks })).toEqual([])
  })
})
