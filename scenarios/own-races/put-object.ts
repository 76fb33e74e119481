/** An object whose lock is let go of by whoever is through with it, while whoever waited for that frees it. */
import {
  call,
  down_read_trylock,
  down_write,
  field,
  kernel,
  kfree,
  not,
  object,
  pointer,
  procedure,
  READ_ONCE,
  refcount_dec,
  refcount_dec_and_test,
  refcount_inc_not_zero,
  refcount_read,
  refcount_t,
  ret,
  rw_semaphore,
  sometimes,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  up_read,
  up_write,
  wait_event,
  wait_queue_head,
  wake_up_all,
  when,
  WRITE_ONCE,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const xa_lock = spinlock('xa_lock')

/** As in 6.2 to 6.6: who uses the object holds `destroy_rwsem` for reading, who destroys it takes that for writing. */
const rwsem = () => {
  const iommufd_object = struct('iommufd_object', { destroy_rwsem: rw_semaphore(), users: refcount_t(1), used: 0 })
  const obj = pointer(iommufd_object)
  const objects = field<typeof obj>('objects', object('ioas', iommufd_object))
  const put = procedure('iommufd_put_object', { obj }, [refcount_dec('obj->users'), up_read('obj->destroy_rwsem')])
  const map = procedure('iommufd_ioas_map', { obj, ok: false }, [
    spin_lock(xa_lock),
    READ_ONCE(objects, 'obj'),
    when('obj', [
      down_read_trylock('obj->destroy_rwsem', 'ok'),
      when('ok', [refcount_inc_not_zero('obj->users', 'ok'), when(not('ok'), [up_read('obj->destroy_rwsem')])]),
    ]),
    spin_unlock(xa_lock),
    when(not('ok'), [ret('-ENOENT')]),
    WRITE_ONCE('obj->used', 1),
    call(put, { with: ({ obj }) => ({ obj }) }),
  ])
  const destroy = procedure('iommufd_destroy', { obj, users: 0 }, [
    spin_lock(xa_lock),
    READ_ONCE(objects, 'obj'),
    spin_unlock(xa_lock),
    down_write('obj->destroy_rwsem'),
    spin_lock(xa_lock),
    refcount_read('obj->users', 'users'),
    when(({ users }) => users > 1, [spin_unlock(xa_lock), up_write('obj->destroy_rwsem'), ret('-EBUSY')]),
    WRITE_ONCE(objects, null),
    up_write('obj->destroy_rwsem'),
    spin_unlock(xa_lock),
    kfree('obj'),
  ])
  return { map, destroy }
}

/** As repaired: a count of those who use it for a short time, and a queue that lies in what outlives the object. */
const counted = () => {
  const iommufd_object = struct('iommufd_object', { shortterm_users: refcount_t(1), users: refcount_t(1), used: 0 })
  const obj = pointer(iommufd_object)
  const objects = field<typeof obj>('objects', object('ioas', iommufd_object))
  const destroy_wait = wait_queue_head('destroy_wait')
  const put = procedure('iommufd_put_object', { obj, last: false }, [
    refcount_dec('obj->users'),
    refcount_dec_and_test('obj->shortterm_users', 'last'),
    when('last', [wake_up_all(destroy_wait)]),
  ])
  const map = procedure('iommufd_ioas_map', { obj, ok: false }, [
    spin_lock(xa_lock),
    READ_ONCE(objects, 'obj'),
    when('obj', [
      refcount_inc_not_zero('obj->users', 'ok'),
      when('ok', [refcount_inc_not_zero('obj->shortterm_users', 'ok'), when(not('ok'), [refcount_dec('obj->users')])]),
    ]),
    spin_unlock(xa_lock),
    when(not('ok'), [ret('-ENOENT')]),
    WRITE_ONCE('obj->used', 1),
    call(put, { with: ({ obj }) => ({ obj }) }),
  ])
  const destroy = procedure('iommufd_destroy', { obj, last: false, n: 0 }, [
    spin_lock(xa_lock),
    READ_ONCE(objects, 'obj'),
    WRITE_ONCE(objects, null),
    refcount_dec_and_test('obj->shortterm_users', 'last'),
    spin_unlock(xa_lock),
    when(not('last'), [
      wait_event(destroy_wait, { look: [refcount_read('obj->shortterm_users', 'n')], until: ({ n }) => n === 0 }),
    ]),
    kfree('obj'),
  ])
  return { map, destroy }
}

export const putObject = scenarioOf({
  name: 'put-object',
  family: 'own-races',
  source:
    'Linux commit 6f9c4d8c468c ("iommufd: Do not UAF during iommufd_put_object()", 6.7), after a report of a use-after-free in up_read() by syzbot.',
  why: 'Who is through with an object lets go of a lock that lies in it. Whoever waits for that lock may have it, and free the object, before the other has come back from up_read().',
  options: { protocol: { values: ['posted', 'repaired'] } },
  tasks: { least: 1, most: 3 },
  world: ({ protocol, tasks }) => {
    const { map, destroy } = protocol === 'posted' ? rwsem() : counted()
    const users = Array.from({ length: tasks }, (_, n) => [`user${n}`, map] as const)
    return kernel({ threads: { ...Object.fromEntries(users), destroyer: destroy } })
  },
  properties: [
    sometimes('it is used', (w) => w.thread('user0').returned === 0),
    sometimes('it is not found any more', (w) => w.thread('user0').returned === '-ENOENT'),
  ],
  expected: [
    { protocol: 'posted', tasks: 1, findings: ['use-after-free in iommufd_put_object'], states: 81 },
    { protocol: 'posted', tasks: 2, findings: ['use-after-free in iommufd_put_object'], states: 528 },
    { protocol: 'repaired', tasks: 1, findings: [], states: 65 },
    { protocol: 'repaired', tasks: 2, findings: [], states: 471 },
  ],
})
