/** What lockdep says about interrupts, in the shape of the kernel's. */
import { expect, test } from 'vitest'
import { explore, lockdepOf, replay } from '../../index.ts'
import {
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  spin_lock,
  spin_lock_irq,
  spin_unlock,
  spin_unlock_irq,
  spinlock,
  tasklet_schedule,
  tasklet_struct,
  type KernelDescription,
} from '../../kernel/index.ts'
import { wrongContextLines } from '../../report/lockdep-irqs.ts'
import { inversionLines } from '../../report/lockdep.ts'

const [s, t, m] = [spinlock('s'), spinlock('t'), mutex('m')]
const takes = procedure('takes', [spin_lock(s), spin_unlock(s)])

const ordersIn = async (description: KernelDescription) => {
  const world = kernel(description)
  return lockdepOf(await explore(world), (schedule) => replay(world, schedule))
}
const told = async (description: KernelDescription) => {
  const order = await ordersIn(description)
  return order.inversions.map((inversion) => inversionLines(inversion, order, 'relock').join('\n'))
}

test('a lock that a tasklet takes and a thread with softirqs on', async () => {
  const tasklet = tasklet_struct('tasklet', takes, { on: 'cpu0' })
  const ioctl = procedure('ioctl', [tasklet_schedule(tasklet), spin_lock(s), spin_unlock(s)])
  const [splat = '', ...others] = await told({ threads: { a: { run: ioctl, on: 'cpu0' } } })
  expect(others).toEqual([])
  for (const line of [
    'WARNING: inconsistent lock state',
    'inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.',
    's (s){+.?.}-{3:3}, at: takes',
    '{SOFTIRQ-ON-W} state was registered at:',
    ['       CPU0', '       ----', '  lock(s);', '  <Interrupt>', '    lock(s);', '', ' *** DEADLOCK ***'].join('\n'),
  ])
    expect(splat).toContain(line)
})

test('a lock under one that a handler takes, and which is taken with interrupts on', async () => {
  const first = procedure('first', [spin_lock_irq(s), spin_lock(t), spin_unlock(t), spin_unlock_irq(s)])
  const other = procedure('other', [spin_lock(t), spin_unlock(t)])
  const [splat = '', ...others] = await told({
    threads: { a: first, b: other },
    interrupts: { nic: { on: 'cpu0', handler: takes } },
  })
  expect(others).toEqual([])
  for (const line of [
    'WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected',
    'which would create a new lock dependency:\n (s) -> (t)',
    'but this new dependency connects a HARDIRQ-irq-safe lock:\n (s){-...}-{3:3}',
    'to a HARDIRQ-irq-unsafe lock:\n (t){+.+.}-{3:3}',
    ' Possible interrupt unsafe locking scenario:',
    '                               local_irq_disable();',
  ])
    expect(splat).toContain(line)
})

test('a mutex under a spinlock', async () => {
  const order = await ordersIn({
    threads: { a: procedure('reset', [spin_lock(s), mutex_lock(m), mutex_unlock(m), spin_unlock(s)]) },
  })
  expect(order.inversions).toEqual([])
  const [splat = ''] = order.contexts.map((wrong) => wrongContextLines(wrong, 'relock', order).join('\n'))
  for (const line of [
    '[ BUG: Invalid wait context ]',
    'a is trying to lock:\nm (m){+.+.}-{4:4}, at: reset',
    'context-{5:5}',
    '1 lock held by a:\n #0: s (s){+.+.}-{3:3}, at: reset',
  ])
    expect(splat).toContain(line)
})
