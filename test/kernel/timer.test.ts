/** Timers: a function that is called some time later. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  del_timer_sync,
  field,
  kernel,
  kfree,
  kzalloc,
  mod_timer,
  pointer,
  procedure,
  ret,
  sometimes,
  spin_lock,
  spin_lock_bh,
  spin_unlock,
  spin_unlock_bh,
  spinlock,
  struct,
  timer_delete,
  timer_delete_sync,
  timer_list,
  timer_setup,
  write,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

const n = field('n', 0)
const lock = spinlock('lock')
const titles = async (...threads: readonly Procedure[]) => {
  const world = kernel({ threads: Object.fromEntries(threads.map((each, nth) => [`t${nth}`, each])) })
  const report = await explore(world)
  expect(report.exhaustive).toBe(true)
  return report.findings.map(({ title }) => title).sort()
}

describe('a timer in an object', () => {
  const ctx = struct('ctx', { timer: timer_list(), n: 0 })
  const dev = pointer(ctx)
  const expires = procedure('expires', { dev }, [write('dev->n', 1)])
  const again = procedure('again', { dev }, [write('dev->n', 1), mod_timer('dev->timer')])
  const stops = (calls: Procedure, ...stop: readonly Step<{ dev: typeof dev }>[]) =>
    procedure('stops', { dev }, [
      kzalloc(ctx, 'dev'),
      timer_setup('dev->timer', calls),
      mod_timer('dev->timer'),
      ...stop,
      kfree('dev'),
    ])
  const active = 'ODEBUG: free active (active state 0) object type: timer_list'

  test('goes off when its object is gone', async () => {
    expect(await titles(stops(expires))).toEqual([active, 'use-after-free in expires'])
  })
  test('does so still, if it is deleted while its function runs', async () => {
    expect(await titles(stops(expires, timer_delete('dev->timer')))).toEqual(['use-after-free in expires'])
  })
  test('does not, if that is waited for, even if its function arms it again', async () => {
    expect(await titles(stops(expires, timer_delete_sync('dev->timer')))).toEqual([])
    expect(await titles(stops(again, del_timer_sync('dev->timer')))).toEqual([])
    expect(await titles(stops(again, timer_delete('dev->timer')))).toEqual([active, 'use-after-free in again'])
  })
})

test('to wait for its function with a lock in hand that it wants is a deadlock', async () => {
  const timer = timer_list('timer', procedure('expires', [spin_lock(lock), spin_unlock(lock)]))
  const stops = (...steps: readonly Step[]) => procedure('stops', [mod_timer(timer), ...steps])
  expect(await titles(stops(spin_lock_bh(lock), timer_delete_sync(timer), spin_unlock_bh(lock)))).toEqual([
    'deadlock at lock and timer',
    'lock order ((&timer)) → lock → ((&timer))',
  ])
  expect(await titles(stops(spin_lock_bh(lock), spin_unlock_bh(lock), timer_delete_sync(timer)))).toEqual([])
})

test('armed twice it goes off once or twice, and whoever arms it is told whether it was', async () => {
  const timer = timer_list('timer', procedure('expires', [write(n, 1)]))
  const arms = procedure('arms', { was: false }, [
    mod_timer(timer),
    mod_timer(timer, 'was'),
    ret(({ was }) => `${was}`),
  ])
  const report = await explore(kernel({ threads: { a: arms } }), [
    sometimes('it was', (w) => w.thread('a').returned === 'true'),
    sometimes('it was not', (w) => w.thread('a').returned === 'false'),
    always('it goes off', (w) => w.field('n') === 1, { when: (w) => w.thread('a').returned === 'false' }),
  ])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'violated'])
})
