/** Three who each hold what the next one wants, none of whom knows of the other two. */
import {
  atomic_inc,
  atomic_t,
  down_read,
  down_write,
  field,
  kernel,
  kfree,
  kfree_rcu,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  pointer,
  procedure,
  READ_ONCE,
  rcu_assign_pointer,
  rcu_dereference,
  rcu_head,
  rcu_read_lock,
  rcu_read_unlock,
  rw_semaphore,
  sometimes,
  struct,
  up_read,
  up_write,
  when,
  type Step,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const igate = mutex('igate')
  const memory_lock = rw_semaphore('memory_lock')
  const pci_bus_sem = rw_semaphore('pci_bus_sem')
  const eventfd = struct('eventfd', { rcu: rcu_head(), count: atomic_t('', 0) })
  const trigger = pointer(eventfd)
  const err_trigger = field<typeof trigger>('err_trigger', object('first', eventfd))
  const withIgate = protocol === 'posted'
  const peek: readonly Step<{ trigger: typeof trigger }>[] = withIgate
    ? [mutex_lock(igate), READ_ONCE(err_trigger, 'trigger')]
    : [rcu_read_lock(), rcu_dereference(err_trigger, 'trigger')]
  const setIrqs = procedure('vfio_pci_set_irqs_ioctl', { old: trigger }, [
    mutex_lock(igate),
    READ_ONCE(err_trigger, 'old'),
    rcu_assign_pointer(err_trigger, null),
    when('old', [withIgate ? kfree('old') : kfree_rcu('old', 'rcu')]),
    down_write(memory_lock),
    up_write(memory_lock),
    mutex_unlock(igate),
  ])
  const hotReset = procedure('vfio_pci_ioctl_pci_hot_reset', [
    down_write(memory_lock),
    down_read(pci_bus_sem),
    up_read(pci_bus_sem),
    up_write(memory_lock),
  ])
  const detected = procedure('vfio_pci_aer_err_detected', { trigger }, [
    down_read(pci_bus_sem),
    ...peek,
    when('trigger', [atomic_inc('trigger->count')]),
    withIgate ? mutex_unlock(igate) : rcu_read_unlock(),
    up_read(pci_bus_sem),
  ])
  const plug = procedure('pci_device_add', [down_write(pci_bus_sem), up_write(pci_bus_sem)])
  return kernel({ threads: { vmm: setIrqs, reset: hotReset, aer: detected, hotplug: plug } })
}

export const circularEventfd = scenarioOf({
  name: 'circular-eventfd',
  family: 'own-races',
  source: 'Linux commit 98693e0897f7 ("vfio/pci: Use RCU for error/request triggers to avoid circular locking").',
  why: 'SET_IRQS holds igate and wants memory_lock, a hot reset holds memory_lock and wants pci_bus_sem, and whoever reports an error holds pci_bus_sem and wants igate. It hangs once a fourth waits to write what two of them read.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [sometimes('all come through', (w) => w.finished)],
  expected: [
    {
      protocol: 'posted',
      findings: [
        'deadlock at igate and memory_lock and pci_bus_sem',
        'lock order igate → memory_lock → pci_bus_sem → igate',
      ],
      states: 860,
    },
    { protocol: 'repaired', findings: [], states: 6720 },
  ],
})
