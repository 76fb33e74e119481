/** A function that is called with interrupts off lets go of its lock as if they had been on. */
import {
  field,
  kernel,
  procedure,
  read,
  call,
  sometimes,
  spin_lock,
  spin_lock_irq,
  spin_unlock,
  spin_unlock_irq,
  spinlock,
  write,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const sync_timeline_list_lock = spinlock('sync_timeline_list_lock')
  const lock = spinlock('timeline_lock')
  const signaled = field('signaled', 0, { guardedBy: lock })
  const print = procedure('sync_print_obj', { n: 0 }, [
    spin_lock(lock),
    read(signaled, 'n'),
    protocol === 'posted' ? spin_unlock_irq(lock) : spin_unlock(lock),
  ])
  const show = procedure('sync_debugfs_show', [
    spin_lock_irq(sync_timeline_list_lock),
    call(print),
    call(print),
    spin_unlock_irq(sync_timeline_list_lock),
  ])
  const signal = procedure('sync_timeline_signal', { n: 0 }, [
    spin_lock(lock),
    read(signaled, 'n'),
    write(signaled, ({ n }) => n + 1),
    spin_unlock(lock),
  ])
  const inc = procedure('sw_sync_ioctl_inc', { n: 0 }, [
    spin_lock_irq(lock),
    read(signaled, 'n'),
    write(signaled, ({ n }) => n + 1),
    spin_unlock_irq(lock),
  ])
  return kernel({
    threads: { cat: { run: show, on: 'cpu0' }, user: inc },
    interrupts: { fence: { on: 'cpu0', handler: signal } },
  })
}

export const syncPrint = scenarioOf({
  name: 'sync-print',
  family: 'own-races',
  source:
    'Linux commit b79491896151 ("dma-buf/sw-sync: do not enable IRQ from sync_print_obj()", 6.10), CVE-2024-38780.',
  why: 'spin_unlock_irq() switches interrupts on, whoever had them off. The second object is then printed with interrupts on under a lock that an interrupt on this processor takes, too.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    sometimes(
      'fences are signalled while they are printed',
      (w) => w.field('signaled') === 2 && !w.thread('cat').finished,
    ),
    sometimes('all is printed', (w) => w.thread('cat').finished),
  ],
  expected: [
    {
      protocol: 'posted',
      findings: [
        'deadlock at cpu0 and timeline_lock',
        'inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage of timeline_lock',
        'interrupts enabled unexpectedly in sync_print_obj: spin_unlock_irq(timeline_lock)',
      ],
      states: 245,
    },
    { protocol: 'repaired', findings: [], states: 137 },
  ],
})
