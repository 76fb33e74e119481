/** Softirqs, tasklets and timers: they come between two steps of a thread that has them on, and are a class in the order of locks. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  field,
  kernel,
  kfree,
  kzalloc,
  local_bh_disable,
  local_bh_enable,
  mod_timer,
  mutex,
  mutex_lock,
  mutex_unlock,
  pointer,
  preempt_disable,
  preempt_enable,
  procedure,
  raise_softirq,
  READ_ONCE,
  softirq,
  sometimes,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
  spinlock,
  struct,
  tasklet_kill,
  tasklet_schedule,
  tasklet_setup,
  tasklet_struct,
  timer_delete,
  timer_list,
  timer_setup,
  timer_shutdown,
  timer_shutdown_sync,
  WRITE_ONCE,
  type KernelDescription,
  type Step,
} from '../../kernel/index.ts'

const [s, t, m, x] = [spinlock('s'), spinlock('t'), mutex('m'), field('x', 0)]
const takes = procedure('takes', [spin_lock(s), spin_unlock(s)])
const steps = (...all: readonly Step[]) => procedure('run', all)
const plain = [spin_lock(s), spin_unlock(s)]
const withBh = [spin_lock_bh(s), spin_unlock_bh(s)]
const usage = 'inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage of s'

const look = async (description: KernelDescription) => {
  const { findings, exhaustive } = await explore(kernel(description))
  expect(exhaustive).toBe(true)
  return findings.map(({ title, judged }) => (judged ? [title, judged.verdict] : [title]))
}

describe('a lock that a softirq takes', () => {
  test.each(['a timer', 'a tasklet', 'a softirq'])(
    '%s, and a thread with softirqs on, is told whoever runs where',
    async (what) => {
      const timer = timer_list('timer', takes)
      const tasklet = tasklet_struct('tasklet', takes)
      const rx = softirq('NET_RX_SOFTIRQ', takes)
      const starts = {
        'a timer': mod_timer(timer),
        'a tasklet': tasklet_schedule(tasklet),
        'a softirq': raise_softirq(rx),
      }
      const start = starts[what as 'a timer']
      expect(await look({ threads: { a: steps(start, ...plain) } })).toEqual([[usage, 'refuted']])
      expect(await look({ threads: { a: steps(start, ...withBh) } })).toEqual([])
      const saves = procedure('run', { flags: 0 }, [
        start,
        spin_lock_irqsave(s, 'flags'),
        spin_unlock_irqrestore(s, 'flags'),
      ])
      expect(await look({ threads: { a: saves } })).toEqual([])
      expect(await look({ threads: { a: steps(start, local_bh_disable(), ...plain, local_bh_enable()) } })).toEqual([])
    },
  )
  test('hangs on the processor of the thread that it interrupts', async () => {
    const rx = softirq('rx', takes, { on: 'cpu0' })
    const world = (...of: readonly Step[]) => ({ threads: { a: { run: steps(raise_softirq(rx), ...of), on: 'cpu0' } } })
    const hangs = [[usage, 'confirmed'], ['deadlock at cpu0 and s']]
    expect(await look(world(...plain))).toEqual(hangs)
    expect(await look(world(...withBh))).toEqual([])
    expect(await look(world(preempt_disable(), ...plain, preempt_enable()))).toEqual(hangs)
  })
  test('is told as a chain when the other takes it under one that is taken in it', async () => {
    const timer = timer_list('timer', takes)
    const first = steps(mod_timer(timer), spin_lock_bh(s), spin_lock(t), spin_unlock(t), spin_unlock_bh(s))
    const other = procedure('other', [spin_lock(t), spin_unlock(t)])
    expect(await look({ threads: { a: first, b: other } })).toEqual([
      ['SOFTIRQ-safe -> SOFTIRQ-unsafe lock order s → t', 'refuted'],
    ])
  })
})

describe('a softirq', () => {
  const sets = procedure('sets', [WRITE_ONCE(x, 1)])
  test('comes between two steps of a thread with preemption off, not with softirqs off', async () => {
    const rx = softirq('rx', sets, { on: 'cpu0' })
    const seen = sometimes('it has come in between', (w: { field(name: string): unknown }) => w.field('got') === 1)
    const got = field('got', 0)
    const reads = (off: Step, on: Step) =>
      procedure('run', { n: 0 }, [
        raise_softirq(rx),
        off,
        READ_ONCE(x, 'n'),
        WRITE_ONCE(x, ({ n }) => n),
        READ_ONCE(x, 'n'),
        WRITE_ONCE(got, ({ n }) => n),
        WRITE_ONCE(x, 0),
        on,
      ])
    const isSeen = async (off: Step, on: Step) =>
      (await explore(kernel({ threads: { a: { run: reads(off, on), on: 'cpu0' } } }), [seen])).properties[0]!.verdict
    expect(await isSeen(preempt_disable(), preempt_enable())).toBe('seen')
    const early = procedure('run', { n: 0 }, [
      local_bh_disable(),
      WRITE_ONCE(x, 0),
      raise_softirq(rx),
      READ_ONCE(x, 'n'),
      WRITE_ONCE(got, ({ n }) => n),
      local_bh_enable(),
    ])
    const report = await explore(kernel({ threads: { a: { run: early, on: 'cpu0' } } }), [
      seen,
      sometimes('it comes', (w) => w.field('x') === 1),
    ])
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['unseen', 'seen'])
  })
  test('is interrupted by an interrupt, and hangs for what that wants', async () => {
    const rx = softirq('rx', takes, { on: 'cpu0' })
    const idle = procedure('idle', [raise_softirq(rx)])
    const handler = procedure('handler', [spin_lock(s), spin_unlock(s)])
    expect(
      await look({ threads: { a: { run: idle, on: 'cpu0' } }, interrupts: { nic: { on: 'cpu0', handler } } }),
    ).toEqual([['inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage of s', 'confirmed'], ['deadlock at cpu0 and s']])
  })
  test('may not sleep', async () => {
    const rx = softirq('rx', procedure('p', [mutex_lock(m), mutex_unlock(m)]))
    expect(await look({ threads: { a: steps(raise_softirq(rx)) } })).toEqual([
      ['BUG: sleeping function called from invalid context in p: mutex_lock(m)'],
    ])
  })
})

describe('a tasklet in an object', () => {
  const dev = struct('dev', { tasklet: tasklet_struct(), n: 0 })
  const runs = procedure('runs', { dev: pointer(dev), n: 0 }, [READ_ONCE('dev->n', 'n')])
  const d = { d: pointer(dev) }
  const removes = (...of: readonly Step<typeof d>[]) =>
    procedure('remove', d, [
      kzalloc(dev, 'd'),
      tasklet_setup('d->tasklet', runs),
      tasklet_schedule('d->tasklet'),
      ...of,
      kfree('d'),
    ])
  test('runs when the object is gone, unless it was killed', async () => {
    expect(await look({ threads: { a: removes() } })).toEqual([['use-after-free in runs']])
    expect(await look({ threads: { a: removes(tasklet_kill<typeof d>('d->tasklet')) } })).toEqual([])
  })
})

describe('a timer that arms itself', () => {
  const dev = struct('dev', { timer: timer_list(), n: 0 })
  const tick = procedure('tick', { dev: pointer(dev), n: 0 }, [READ_ONCE('dev->n', 'n'), mod_timer('dev->timer')])
  const d = { d: pointer(dev) }
  const stops = (stop: Step<typeof d>) =>
    procedure('stop', d, [kzalloc(dev, 'd'), timer_setup('d->timer', tick), mod_timer('d->timer'), stop, kfree('d')])
  const titles = async (stop: Step<typeof d>) =>
    (await look({ threads: { a: stops(stop) } })).map(([title]) => title).sort()
  test('is through when it is shut down and waited for', async () => {
    expect(await titles(timer_shutdown_sync<typeof d>('d->timer'))).toEqual([])
    expect(await titles(timer_delete<typeof d>('d->timer'))).toEqual([
      'ODEBUG: free active (active state 0) object type: timer_list',
      'use-after-free in tick',
    ])
    expect(await titles(timer_shutdown<typeof d>('d->timer'))).toEqual(['use-after-free in tick'])
  })
  test('is armed by nobody afterwards, until it is made anew', async () => {
    const by = timer_list('by', procedure('sets', [WRITE_ONCE(x, 1)]))
    const arms = procedure('arms', { was: false }, [timer_shutdown_sync(by), mod_timer(by, 'was')])
    const { properties } = await explore(kernel({ threads: { a: arms } }), [
      sometimes('it goes off', (w) => w.field('x') === 1),
    ])
    expect(properties[0]!.verdict).toBe('unseen')
  })
})
