/** A reset that comes while the state of a device is being changed is done by whoever changes it, when that is through. */
import {
  always,
  call,
  field,
  goto,
  kernel,
  label,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  not,
  procedure,
  read,
  ret,
  sometimes,
  spin_lock,
  spin_unlock,
  spinlock,
  when,
  write,
  type Step,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

type Form = 'posted' | 'dropped' | 'repaired'

const world = (protocol: Form, resets: number) => {
  const state_mutex = mutex('state_mutex')
  const files = mutex('lm_file')
  const [spinning, sleeping] = [spinlock('reset_lock'), mutex('reset_mutex')]
  const [lock, unlock]: readonly [Step, Step] =
    protocol === 'repaired'
      ? [mutex_lock(sleeping), mutex_unlock(sleeping)]
      : [spin_lock(spinning), spin_unlock(spinning)]
  const guardedBy = protocol === 'repaired' ? sleeping : spinning
  const deferred_reset = field('deferred_reset', false, { guardedBy })
  const asked = field('asked', 0, { guardedBy })
  const done = field('done', 0, { guardedBy })
  const putFiles = [mutex_lock(files), mutex_unlock(files)]
  const unlockState = procedure('pds_vfio_state_mutex_unlock', { deferred: false, wanted: 0 }, [
    label('again'),
    lock,
    read(deferred_reset, 'deferred'),
    when('deferred', [
      read(asked, 'wanted'),
      ...(protocol === 'dropped' ? [unlock, ...putFiles, lock] : putFiles),
      write(deferred_reset, false),
      write(done, ({ wanted }) => wanted),
      unlock,
      goto('again'),
    ]),
    mutex_unlock(state_mutex),
    unlock,
  ])
  const setState = procedure('pds_vfio_set_device_state', [mutex_lock(state_mutex), call(unlockState)])
  const reset = procedure('pds_vfio_reset', { n: 0, got: false }, [
    lock,
    read(asked, 'n'),
    write(asked, ({ n }) => n + 1),
    write(deferred_reset, true),
    mutex_trylock(state_mutex, 'got'),
    unlock,
    when(not('got'), [ret()]),
    call(unlockState),
  ])
  const resetting = Array.from({ length: resets }, (_, n) => [`reset${n}`, reset] as const)
  return kernel({ threads: { user: setState, ...Object.fromEntries(resetting) } })
}

export const deferredReset = scenarioOf({
  name: 'deferred-reset',
  family: 'own-races',
  source:
    'Linux commit ae2667cd8a47 ("vfio/pds: Fix possible sleep while in atomic context", 6.7); the form that lets go of the lock in between is ours.',
  why: 'What is left to do after a reset takes a mutex, and was done under a spinlock. To let go of the spinlock for that long ends the warning, and loses a reset that comes meanwhile.',
  options: { protocol: { values: ['posted', 'dropped', 'repaired'] } },
  // With one nothing is lost.
  tasks: { least: 1, most: 2, byDefault: 2 },
  world: ({ protocol, tasks }) => world(protocol, tasks),
  properties: [
    always('every reset is done', (w) => w.field('done') === w.field('asked'), { when: (w) => w.finished }),
    sometimes('a reset is left to whoever holds the state', (w) => w.thread('user').finished && w.field('done') === 1),
  ],
  expected: [
    {
      protocol: 'posted',
      tasks: 1,
      findings: [
        'BUG: sleeping function called from invalid context in pds_vfio_state_mutex_unlock: mutex_lock(lm_file)',
      ],
      states: 64,
    },
    {
      protocol: 'posted',
      tasks: 2,
      findings: [
        'BUG: sleeping function called from invalid context in pds_vfio_state_mutex_unlock: mutex_lock(lm_file)',
      ],
      states: 588,
    },
    { protocol: 'dropped', tasks: 1, findings: [], states: 70 },
    { protocol: 'dropped', tasks: 2, findings: [], verdicts: { 'every reset is done': 'violated' }, states: 840 },
    { protocol: 'repaired', tasks: 1, findings: [], states: 64 },
    { protocol: 'repaired', tasks: 2, findings: [], states: 588 },
  ],
})
