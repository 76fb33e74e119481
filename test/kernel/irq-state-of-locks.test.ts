/** What lockdep says of a lock once it is held: interrupts that are switched on meanwhile count as if it had been taken with them on. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  kernel,
  local_bh_enable,
  local_irq_disable,
  local_irq_enable,
  procedure,
  softirq,
  raise_softirq,
  spin_lock,
  spin_lock_bh,
  spin_lock_irq,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irq,
  spinlock,
  type Step,
} from '../../kernel/index.ts'

const [s, t] = [spinlock('s'), spinlock('t')]
const takes = procedure('takes', [spin_lock(s), spin_unlock(s)])
const usage = 'inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage of s'

/** Titles and verdicts of a complete search of one thread, with a handler that takes the same lock. */
async function look(on: string | undefined, ...steps: readonly Step[]) {
  const run = procedure('run', steps)
  const world = kernel({
    threads: { a: on === undefined ? run : { run, on } },
    interrupts: { nic: { on: 'cpu0', handler: takes } },
  })
  const { exhaustive, findings } = await explore(world)
  expect(exhaustive).toBe(true)
  return findings.map(({ title, judged }) => (judged ? `${title}: ${judged.verdict}` : title))
}

describe('a lock that a handler takes', () => {
  const throughout = [spin_lock_irq(s), spin_unlock_irq(s)]
  const opened = [spin_lock_irq(s), local_irq_enable(), local_irq_disable(), spin_unlock_irq(s)]
  test('is held with interrupts off throughout', async () => {
    expect(await look('cpu0', ...throughout)).toEqual([])
    expect(await look(undefined, ...throughout)).toEqual([])
  })

  test('is held with interrupts off at first, and on later: the handler comes then, and hangs', async () => {
    const found = await look('cpu0', ...opened)
    expect(found).toContain(`${usage}: confirmed`)
    expect(found).toContain('deadlock at cpu0 and s')
  })

  test('the same on a processor of its own, where it does not come: told, and refuted', async () => {
    expect(await look(undefined, ...opened)).toContain(`${usage}: refuted`)
    expect(await look('cpu1', ...opened)).toContain(`${usage}: refuted`)
  })

  test('another lock is held when they go on: that one alone counts', async () => {
    const found = await look('cpu0', spin_lock_irq(t), spin_unlock_irq(t), ...throughout)
    expect(found).toEqual([])
  })
})

test('softirqs that are switched on while it is held count in the same way', async () => {
  const soft = softirq('soft', takes, { on: 'cpu0' })
  const early = procedure('run', [raise_softirq(soft), spin_lock_bh(s), local_bh_enable(), spin_unlock(s)])
  const { findings } = await explore(kernel({ threads: { a: { run: early, on: 'cpu0' } } }))
  const found = findings.map(({ title }) => title)
  expect(found).toContain('inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage of s')
  const fine = procedure('run', [raise_softirq(soft), spin_lock_bh(s), spin_unlock_bh(s)])
  expect((await explore(kernel({ threads: { a: { run: fine, on: 'cpu0' } } }))).findings).toEqual([])
})
