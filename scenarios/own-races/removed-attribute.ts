/** Whoever removes a file of sysfs waits for its readers, and a reader waits for a lock of his. */
import {
  atomic_dec_and_test,
  atomic_inc_not_zero,
  atomic_t,
  call,
  complete,
  completion,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  not,
  procedure,
  ret,
  sometimes,
  wait_for_completion,
  when,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const all_q_mutex = mutex('all_q_mutex')
  const sysfs_lock = mutex('sysfs_lock')
  const active = atomic_t('active', 1)
  const drained = completion('drained')
  const put = procedure('kernfs_put_active', { last: false }, [
    atomic_dec_and_test(active, 'last'),
    when('last', [complete(drained)]),
  ])
  const readersLock = protocol === 'posted' ? all_q_mutex : sysfs_lock
  const show = procedure('blk_mq_hw_sysfs_cpus_show', { got: false }, [
    atomic_inc_not_zero(active, 'got'),
    when(not('got'), [ret('-ENODEV')]),
    mutex_lock(readersLock),
    mutex_unlock(readersLock),
    call(put),
  ])
  const reinit = procedure('blk_mq_queue_reinit_notify', [
    mutex_lock(all_q_mutex),
    call(put),
    wait_for_completion(drained),
    mutex_lock(sysfs_lock),
    mutex_unlock(sysfs_lock),
    mutex_unlock(all_q_mutex),
  ])
  return kernel({ threads: { cat: show, hotplug: reinit } })
}

export const removedAttribute = scenarioOf({
  name: 'removed-attribute',
  family: 'own-races',
  source: 'Linux commit 60de074ba1e8 ("blk-mq: fix deadlock when reading cpu_list", 4.3).',
  why: 'A file of sysfs is removed when its last reader is through. One that waits for a lock of whoever removes it never is; no lock knows of the other, and lockdep only if it is told.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    sometimes('it is read', (w) => w.thread('cat').returned === 0),
    sometimes('it is gone already', (w) => w.thread('cat').returned === '-ENODEV'),
    sometimes('both come through', (w) => w.finished),
  ],
  expected: [
    { protocol: 'posted', findings: ['deadlock at all_q_mutex and drained'], states: 45 },
    { protocol: 'repaired', findings: [], states: 45 },
  ],
})
