/** Work that an interrupt schedules, while whoever frees what it works on believes that it was cancelled for good. */
import {
  cancel_work_sync,
  disable_irq,
  disable_irq_nosync,
  field,
  kernel,
  kfree,
  object,
  pointer,
  procedure,
  READ_ONCE,
  schedule_work,
  sometimes,
  spin_lock,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_irqrestore,
  spinlock,
  struct,
  work_struct,
  WRITE_ONCE,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const bin_bo = struct('bin_bo', { slots: 0 })
  const job_lock = spinlock('job_lock')
  const bo = pointer(bin_bo)
  const binner = field<typeof bo>('binner', object('bo', bin_bo))
  const overflow = procedure('vc4_overflow_mem_work', { bo, flags: 0 }, [
    spin_lock_irqsave(job_lock, 'flags'),
    READ_ONCE(binner, 'bo'),
    WRITE_ONCE('bo->slots', 1),
    spin_unlock_irqrestore(job_lock, 'flags'),
  ])
  const overflow_mem_work = work_struct('overflow_mem_work', overflow)
  const handler = procedure('vc4_irq', [spin_lock(job_lock), spin_unlock(job_lock), schedule_work(overflow_mem_work)])
  const uninstall = procedure('vc4_irq_uninstall', { bo }, [
    protocol === 'repaired' ? disable_irq('vc4') : disable_irq_nosync('vc4'),
    cancel_work_sync(overflow_mem_work),
    READ_ONCE(binner, 'bo'),
    WRITE_ONCE(binner, null),
    kfree('bo'),
  ])
  return kernel({
    threads: { unbind: uninstall },
    interrupts: { vc4: { on: 'cpu0', handler } },
  })
}

export const lateOverflow = scenarioOf({
  name: 'late-overflow',
  family: 'own-races',
  source: 'Linux commit "drm/vc4: Account for interrupts in flight" (4.16).',
  why: 'To cancel work helps as long as nobody schedules it again. An interrupt that was on its way when it was switched off does, and the work then finds nothing to work on.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [sometimes('the device is gone', (w) => w.finished)],
  expected: [
    {
      protocol: 'posted',
      findings: ['kernel NULL pointer dereference in vc4_overflow_mem_work', 'use-after-free in vc4_overflow_mem_work'],
      states: 148,
    },
    { protocol: 'repaired', findings: [], states: 70 },
  ],
})
