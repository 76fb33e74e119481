/** IOMMU_DESTROY names a device while VFIO lets go of it, which destroys the object as well. */
import {
  always,
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
  WARN_ON,
  when,
  WRITE_ONCE,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const xa_lock = spinlock('xa_lock')
  // It is there, and VFIO has it.
  const iommufd_device = struct('iommufd_device', { destroy_rwsem: rw_semaphore(), users: refcount_t(2) })
  const obj = pointer(iommufd_device)
  const idev = object('idev', iommufd_device)
  const objects = field<typeof obj>('objects', idev)
  /** One reference of the caller's is put; it is destroyed if nobody else has one. */
  const destroyUser = procedure('iommufd_object_destroy_user', { obj, users: 0 }, [
    down_write('obj->destroy_rwsem'),
    spin_lock(xa_lock),
    refcount_dec('obj->users'),
    refcount_read('obj->users', 'users'),
    when(({ users }) => users !== 1, [spin_unlock(xa_lock), up_write('obj->destroy_rwsem'), ret(0)]),
    WRITE_ONCE(objects, null),
    spin_unlock(xa_lock),
    up_write('obj->destroy_rwsem'),
    kfree('obj'),
    ret(1),
  ])
  const posted = procedure('iommufd_destroy', { obj, ok: false, gone: 0 }, [
    spin_lock(xa_lock),
    READ_ONCE(objects, 'obj'),
    when('obj', [
      down_read_trylock('obj->destroy_rwsem', 'ok'),
      when('ok', [refcount_inc_not_zero('obj->users', 'ok'), when(not('ok'), [up_read('obj->destroy_rwsem')])]),
    ]),
    spin_unlock(xa_lock),
    when(not('ok'), [ret('-ENOENT')]),
    // The reference stays when the lock is let go of.
    up_read('obj->destroy_rwsem'),
    call(destroyUser, { with: ({ obj }) => ({ obj }), into: 'gone' }),
    when(not('gone'), [ret('-EBUSY')]),
  ])
  const repaired = procedure('iommufd_destroy', { obj, users: 0 }, [
    spin_lock(xa_lock),
    READ_ONCE(objects, 'obj'),
    when(not('obj'), [spin_unlock(xa_lock), ret('-ENOENT')]),
    refcount_read('obj->users', 'users'),
    when(({ users }) => users !== 1, [spin_unlock(xa_lock), ret('-EBUSY')]),
    WRITE_ONCE(objects, null),
    spin_unlock(xa_lock),
    kfree('obj'),
  ])
  const unbind = procedure('iommufd_device_unbind', { obj, destroyed: 0 }, [
    READ_ONCE(objects, 'obj'),
    call(destroyUser, { with: ({ obj }) => ({ obj }), into: 'destroyed' }),
    WARN_ON(not('destroyed')),
  ])
  return kernel({ threads: { vmm: protocol === 'posted' ? posted : repaired, closer: unbind } })
}

export const destroyedByTwo = scenarioOf({
  name: 'destroyed-by-two',
  family: 'iommufd',
  source:
    '99f98a7c0d69 "iommufd: IOMMUFD_DESTROY should not increase the refcount" (6.5, CVE-2023-53795), found by syzkaller: 6.2 to 6.4.7 warn. That DESTROY ' +
    'may then take the object itself, and that of two who destroy one after the other the first still holds a lock in it, is derived',
  why:
    'What holds a lock in the object while it counts as a user is waited for; IOMMU_DESTROY went on counting without the lock. VFIO, which lets ' +
    'go of its device at that moment and may not fail, finds another user, warns, and leaves the object behind, for DESTROY to take. Today ' +
    'DESTROY counts nothing: it looks and removes under one lock.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    always('DESTROY takes no device that VFIO bound', (w) => w.thread('vmm').returned !== 0, {
      finding: 'wrong-result',
    }),
    always('nothing is left of a device that VFIO let go of', (w) => w.objects('iommufd_device').length === 0, {
      when: (w) => w.thread('closer').finished,
      finding: 'leak',
    }),
    sometimes('DESTROY is told that it is busy', (w) => w.thread('vmm').returned === '-EBUSY'),
    sometimes('DESTROY finds nothing any more', (w) => w.thread('vmm').returned === '-ENOENT'),
    sometimes('both come through', (w) => w.finished),
  ],
  expected: [
    {
      protocol: 'posted',
      findings: [
        'DESTROY takes no device that VFIO bound',
        'WARNING in iommufd_device_unbind: !destroyed',
        'nothing is left of a device that VFIO let go of',
        'use-after-free in iommufd_object_destroy_user',
      ],
      verdicts: {
        'DESTROY takes no device that VFIO bound': 'violated',
        'nothing is left of a device that VFIO let go of': 'violated',
      },
      states: 189,
    },
    { protocol: 'repaired', findings: [], states: 64 },
  ],
})
