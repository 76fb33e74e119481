/** Counts of references, each with what refcount_t has to say about it. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  field,
  kernel,
  kfree,
  kref,
  kref_get,
  kref_get_unless_zero,
  kref_put,
  kref_put_lock,
  kref_put_mutex,
  mutex,
  mutex_lock,
  mutex_unlock,
  not,
  object,
  pointer,
  procedure,
  read,
  refcount_dec,
  refcount_dec_and_lock,
  refcount_dec_and_mutex_lock,
  refcount_dec_and_test,
  refcount_inc,
  refcount_inc_not_zero,
  refcount_set,
  refcount_t,
  ret,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  when,
  write,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

const titles = async (...threads: readonly (readonly Step[])[]) => {
  const run = threads.map((steps, n) => [`t${n}`, procedure(`p${n}`, steps)] as const)
  const { findings, exhaustive } = await explore(kernel({ threads: Object.fromEntries(run) }))
  expect(exhaustive).toBe(true)
  return findings.map(({ title }) => title)
}

describe('a refcount_t by itself', () => {
  test.each([
    ['is warned of when it is added to on 0', 0, refcount_inc, 'refcount_t: addition on 0; use-after-free.'],
    ['is warned of when refcount_dec takes the last', 1, refcount_dec, 'refcount_t: decrement hit 0; leaking memory.'],
    ['is warned of when it overflows', 2 ** 31 - 1, refcount_inc, 'refcount_t: saturated; leaking memory.'],
  ] as const)('%s', async (_, references, word, title) => {
    expect(await titles([word(refcount_t('users', references))])).toEqual([title])
  })

  test('is warned of when more is put than was got, by whichever thread comes last', async () => {
    const users = refcount_t('users', 1)
    const put = procedure('put', { last: false }, [refcount_dec_and_test(users, 'last')])
    const { findings } = await explore(kernel({ threads: { a: put, b: put } }))
    expect(findings.map(({ title }) => title)).toEqual(['refcount_t: underflow; use-after-free.'])
  })

  test('stays saturated, and says so again', async () => {
    const users = refcount_t('users', 0)
    expect(await titles([refcount_inc(users), refcount_inc(users)])).toEqual([
      'refcount_t: addition on 0; use-after-free.',
      'refcount_t: saturated; leaking memory.',
    ])
  })

  test('is fine with pairs, and with a set', async () => {
    const users = refcount_t('users', 1)
    expect(
      await titles([refcount_inc(users), refcount_dec(users)], [refcount_inc(users), refcount_dec(users)]),
    ).toEqual([])
    expect(await titles([refcount_set(users, 2), refcount_dec(users)])).toEqual([])
  })
})

describe('a kref in an object', () => {
  const request = struct('request', { ref: kref(1) })
  const shared = object('req', request, { ref: 2 })
  const release = procedure('release', { req: pointer(request) }, [kfree('req')])

  test('frees it with the last put, whoever makes that', async () => {
    const put = procedure('put', { req: shared }, [kref_put('req->ref', release, { with: ({ req }) => ({ req }) })])
    const report = await explore(kernel({ threads: { a: put, b: put } }))
    expect(report).toMatchObject({ exhaustive: true, findings: [], reduction: 'on', states: 6 })
  })

  test('is counted up from 0, or in memory that is gone, by who got it without holding one', async () => {
    const req = object('req', request)
    const put = procedure('put', { req }, [kref_put('req->ref', release, { with: ({ req }) => ({ req }) })])
    const get = procedure('get', { req }, [kref_get('req->ref')])
    const report = await explore(kernel({ threads: { a: put, b: get } }))
    expect(report.findings.map(({ title }) => title)).toEqual([
      'refcount_t: addition on 0; use-after-free.',
      'use-after-free in get',
    ])
  })

  test('helps nobody who asks whether it is 0 in memory that is gone', async () => {
    const req = object('req', request)
    const put = procedure('put', { req }, [kref_put('req->ref', release, { with: ({ req }) => ({ req }) })])
    const get = procedure('get', { req, got: false }, [kref_get_unless_zero('req->ref', 'got')])
    const report = await explore(kernel({ threads: { a: put, b: get } }))
    expect(report.findings.map(({ title }) => title)).toEqual(['use-after-free in get'])
  })

  test('is not had by who comes when it is 0', async () => {
    const users = refcount_t('users', 0)
    const late = procedure('late', { got: false }, [
      refcount_inc_not_zero(users, 'got'),
      when(not('got'), [ret('-ENOENT')]),
      refcount_dec(users),
    ])
    const report = await explore(kernel({ threads: { a: late } }))
    expect(report.findings).toEqual([])
  })
})

describe('the last reference is let go of with a lock in hand', () => {
  const table = mutex('table')
  const item = struct('item', { ref: kref(1), users: refcount_t(1), n: 0 })
  const it = pointer(item)
  const first = object('first', item)
  const current = field<typeof it>('current', first)
  const release = procedure('release', { it }, [write(current, null), kfree('it'), mutex_unlock(table)])
  /** Takes a reference, if it is there still; who looks holds the lock. */
  const looks = procedure('looks', { it }, [
    mutex_lock(table),
    read(current, 'it'),
    when('it', [kref_get('it->ref')]),
    mutex_unlock(table),
    when('it', [write('it->n', 1), kref_put_mutex('it->ref', release, table, { with: (v) => ({ it: v.it }) })]),
  ])
  const titles = async (puts: Procedure) => {
    const report = await explore(kernel({ threads: { a: puts, b: looks } }))
    expect(report).toMatchObject({ exhaustive: true, reduction: 'on' })
    return [report.findings.map(({ title }) => title).sort(), report.states]
  }

  test('so that nobody finds an object without one', async () => {
    const puts = procedure('puts', { it: first }, [
      kref_put_mutex('it->ref', release, table, { with: (v) => ({ it: v.it }) }),
    ])
    expect(await titles(puts)).toEqual([[], 23])
  })
  test('while who lets go of it first lets somebody count up from zero', async () => {
    const frees = procedure('frees', { it }, [
      mutex_lock(table),
      write(current, null),
      kfree('it'),
      mutex_unlock(table),
    ])
    const puts = procedure('puts', { it: first }, [kref_put('it->ref', frees, { with: (v) => ({ it: v.it }) })])
    expect(await titles(puts)).toEqual([
      [
        'refcount_t: addition on 0; use-after-free.',
        'refcount_t: underflow; use-after-free.',
        'use-after-free in looks',
      ],
      25,
    ])
  })

  const s = spinlock('s')
  const users = refcount_t('users', 2)
  test.each([
    ['a mutex', refcount_dec_and_mutex_lock(users, table, 'last'), mutex_unlock(table)],
    ['a spinlock', refcount_dec_and_lock(users, s, 'last'), spin_unlock(s)],
  ] as const)('with %s: one of two has it, and holds the lock', async (_, puts, unlock) => {
    const run = procedure('run', { last: false }, [puts, when('last', [unlock, ret(1)])])
    const report = await explore(kernel({ threads: { a: run, b: run } }), [
      always('one was the last', (w) => w.threads.filter((each) => w.thread(each).returned === 1).length === 1, {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ findings: [], exhaustive: true, properties: [{ verdict: 'holds' }] })
  })
  test('with a spinlock, nobody finds an object without one either', async () => {
    const list = spinlock('list')
    const drops = procedure('drops', { it }, [write(current, null), kfree('it'), spin_unlock(list)])
    const seeks = procedure('seeks', { it }, [
      spin_lock(list),
      read(current, 'it'),
      when('it', [kref_get('it->ref')]),
      spin_unlock(list),
      when('it', [write('it->n', 1), kref_put_lock('it->ref', drops, list, { with: (v) => ({ it: v.it }) })]),
    ])
    const puts = procedure('puts', { it: first }, [
      kref_put_lock('it->ref', drops, list, { with: (v) => ({ it: v.it }) }),
    ])
    const report = await explore(kernel({ threads: { a: puts, b: seeks } }))
    expect(report).toMatchObject({ exhaustive: true, findings: [], states: 23 })
  })

  test('which is one more lock to be held in order', async () => {
    const run = procedure('run', { last: false }, [
      mutex_lock(table),
      refcount_dec_and_mutex_lock(refcount_t('user', 1), table, 'last'),
    ])
    const { findings } = await explore(kernel({ threads: { a: run } }))
    expect(findings.map(({ title }) => title).sort()).toEqual(['deadlock at table', 'recursive locking of table'])
  })
})
