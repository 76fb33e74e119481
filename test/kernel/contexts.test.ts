/** Where a thread must not sleep, and what it must leave as it was: preemption, softirqs, interrupts. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  call,
  down_read,
  field,
  kernel,
  kfree,
  kzalloc,
  local_bh_disable,
  local_bh_enable,
  local_irq_disable,
  local_irq_enable,
  local_irq_restore,
  local_irq_save,
  lockdep_assert_irqs_disabled,
  might_sleep,
  mutex,
  mutex_lock,
  mutex_lock_killable,
  mutex_trylock,
  mutex_unlock,
  pointer,
  preempt_disable,
  preempt_enable,
  procedure,
  raw_spin_lock,
  raw_spin_unlock,
  raw_spinlock,
  read,
  read_lock,
  read_unlock,
  rw_semaphore,
  rwlock,
  spin_lock,
  spin_lock_bh,
  spin_lock_irq,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irq,
  spin_unlock_irqrestore,
  spinlock,
  struct,
  when,
  write,
  always,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'
import { found } from './find.ts'

const whole = mutex('whole')
const [s, t, m, sem, rw, raw] = [
  spinlock('s'),
  spinlock('t'),
  mutex('m'),
  rw_semaphore('sem'),
  rwlock('rw'),
  raw_spinlock('raw'),
]
const asleep = (what: string, where = 'p0') => `BUG: sleeping function called from invalid context in ${where}: ${what}`

const foundIn = async (run: Procedure): Promise<readonly (readonly [title: string, detail?: string])[]> => {
  const { findings, exhaustive } = await explore(kernel({ threads: { a: run } }))
  expect(exhaustive).toBe(true)
  return findings.map(({ title, detail }) => (detail === undefined ? [title] : [title, detail]))
}

describe('a thread may not sleep', () => {
  const flags = { flags: 0 }
  const request = struct('request', { n: 0 })
  test.each<[string, readonly Step[], readonly Step[]]>([
    ['under a spinlock', [spin_lock(s)], [spin_unlock(s)]],
    ['under a spinlock that keeps interrupts out', [spin_lock_irq(s)], [spin_unlock_irq(s)]],
    ['under a spinlock that keeps softirqs out', [spin_lock_bh(s)], [spin_unlock_bh(s)]],
    ['under an rwlock', [read_lock(rw)], [read_unlock(rw)]],
    ['under a raw spinlock', [raw_spin_lock(raw)], [raw_spin_unlock(raw)]],
    ['with preemption off', [preempt_disable()], [preempt_enable()]],
    ['with softirqs off', [local_bh_disable()], [local_bh_enable()]],
    ['with interrupts off', [local_irq_disable()], [local_irq_enable()]],
  ])('%s', async (_, off, on) => {
    expect(await found([...off, mutex_lock(m), mutex_unlock(m), ...on])).toEqual([asleep('mutex_lock(m)')])
    expect(await found([...off, ...on, mutex_lock(m), mutex_unlock(m)])).toEqual([])
  })
  test('and each word that might is told, whether it would or not', async () => {
    const run = procedure('p0', { ...flags, err: 0, req: pointer(request) }, [
      spin_lock_irqsave(s, 'flags'),
      down_read(sem),
      mutex_lock_killable(m, 'err'),
      kzalloc(request, 'req'),
      kfree('req'),
      might_sleep(),
    ])
    expect((await foundIn(run)).map(([title]) => title).sort()).toEqual([
      'BUG: scheduling while atomic: p0',
      asleep('down_read(sem)'),
      asleep('err = mutex_lock_killable(m)'),
      asleep('might_sleep()'),
      asleep('req = kzalloc(request)'),
      'p0 left IRQs disabled',
    ])
  })
  test('but may do whatever does not sleep', async () => {
    const run = procedure('p0', { got: false, req: pointer(request) }, [
      spin_lock(s),
      mutex_trylock(m, 'got'),
      when('got', [mutex_unlock(m)]),
      kzalloc(request, 'req', { gfp: 'GFP_ATOMIC' }),
      kfree('req'),
      spin_lock(t),
      spin_unlock(t),
      spin_unlock(s),
    ])
    expect(await foundIn(run)).toEqual([])
  })
  test('which is told with the counts as the kernel prints them', async () => {
    const run = procedure('p0', { flags: 0 }, [
      local_bh_disable(),
      spin_lock_irqsave(s, 'flags'),
      mutex_lock(m),
      mutex_unlock(m),
      spin_unlock_irqrestore(s, 'flags'),
      local_bh_enable(),
    ])
    expect(await foundIn(run)).toEqual([
      [
        asleep('mutex_lock(m)'),
        'in_atomic(): 1, irqs_disabled(): 1, preempt_count: 201, expected: 0, RCU nest depth: 0; s held',
      ],
    ])
  })
  test('nor may what it calls', async () => {
    const inner = procedure('inner', [mutex_lock(m), mutex_unlock(m)])
    const outer = procedure('outer', [spin_lock(s), call(inner), spin_unlock(s), call(inner)])
    expect((await foundIn(outer)).map(([title]) => title)).toEqual([asleep('mutex_lock(m)', 'inner')])
  })
  test('and what is called may give back the lock of its caller', async () => {
    const lock = procedure('lock', [spin_lock_irq(s)])
    const unlock = procedure('unlock', [spin_unlock_irq(s)])
    const outer = procedure('outer', [call(lock), call(unlock), mutex_lock(m), mutex_unlock(m)])
    expect(await foundIn(outer)).toEqual([])
  })
  test('unless the lock was not had', async () => {
    const run = procedure('p0', { got: false }, [
      spin_trylock(s, 'got'),
      when('got', [spin_unlock(s)]),
      mutex_lock(m),
      mutex_unlock(m),
    ])
    expect(await foundIn(run)).toEqual([])
  })
})

describe('a mutex under a spinlock, in a deferred reset', () => {
  test.each([
    ['free', [] as readonly Step[]],
    ['not free', [mutex_lock(m), mutex_unlock(m)]],
  ])('is one finding, whether or not the mutex is %s', async (_, other) => {
    const reset = [spin_lock(s), mutex_lock(m), mutex_unlock(m), spin_unlock(s)]
    expect(await found(reset, other)).toEqual([asleep('mutex_lock(m)')])
  })

  const [pending, asked, served] = [field('pending', false), field('asked', 0), field('served', 0)]
  const asks = (lock: Step, unlock: Step) =>
    procedure('asks', { n: 0 }, [lock, read(asked, 'n'), write(asked, ({ n }) => n + 1), write(pending, true), unlock])
  /** `around` opens and closes the window in which the spinlock is dropped. */
  const resets = (lock: Step, unlock: Step, around: readonly Step[], clears: 'before' | 'behind') =>
    procedure('resets', { n: 0, is: false }, [
      lock,
      read(pending, 'is'),
      when('is', [
        read(asked, 'n'),
        ...(clears === 'before' ? [write(pending, false)] : []),
        ...around,
        write(served, ({ n }) => n),
        ...(clears === 'behind' ? [write(pending, false)] : []),
      ]),
      unlock,
    ])
  const dropped = [spin_unlock(s), mutex_lock(m), mutex_unlock(m), spin_lock(s)]
  const [lock, unlock] = [spin_lock(s), spin_unlock(s)]
  const [sleeps, wakes] = [mutex_lock(whole), mutex_unlock(whole)]
  test.each([
    [
      'that is cleared behind the window loses the second of two requests',
      'violated',
      220,
      asks(lock, unlock),
      resets(lock, unlock, dropped, 'behind'),
    ],
    [
      'that is cleared before the window loses none',
      'holds',
      212,
      asks(lock, unlock),
      resets(lock, unlock, dropped, 'before'),
    ],
    [
      'under a mutex instead of the spinlock loses none',
      'holds',
      184,
      asks(sleeps, wakes),
      resets(sleeps, wakes, [mutex_lock(m), mutex_unlock(m)], 'behind'),
    ],
  ] as const)('a flag %s', async (_, verdict, states, request, reset) => {
    const report = await explore(kernel({ threads: { a: request, b: reset, c: request } }), [
      always('a request is served, or waits', (w) => w.field('pending') || w.field('served') === w.field('asked'), {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ exhaustive: true, properties: [{ verdict }], states })
    expect(report.findings).toEqual([])
  })
})

describe('interrupts', () => {
  const inner = procedure('inner', [spin_lock(s), spin_unlock_irq(s)])
  test('that a caller had off are not to be switched on', async () => {
    const saves = procedure('outer', { flags: 0 }, [local_irq_save('flags'), call(inner), local_irq_restore('flags')])
    expect(await foundIn(saves)).toEqual([
      ['interrupts enabled unexpectedly in inner: spin_unlock_irq(s)', 'outer has switched them off and counts on it'],
      ['raw_local_irq_restore() called with IRQs enabled in outer'],
    ])
    const disables = procedure('outer', [local_irq_disable(), call(inner), lockdep_assert_irqs_disabled()])
    expect((await foundIn(disables)).map(([title]) => title)).toEqual([
      'interrupts enabled unexpectedly in inner: spin_unlock_irq(s)',
      'WARNING in outer: IRQs not disabled as expected',
    ])
    const locks = procedure('outer', [spin_lock_irq(t), call(inner), spin_unlock_irq(t)])
    expect(await foundIn(locks)).toEqual([
      [
        'interrupts enabled unexpectedly in inner: spin_unlock_irq(s)',
        'outer has switched them off with t and counts on it',
      ],
    ])
  })
  test('are as they were when the local says how they were', async () => {
    const right = procedure('right', { flags: 0 }, [spin_lock_irqsave(s, 'flags'), spin_unlock_irqrestore(s, 'flags')])
    const saves = procedure('outer', { flags: 0 }, [
      local_irq_save('flags'),
      call(right),
      lockdep_assert_irqs_disabled(),
      local_irq_restore('flags'),
      might_sleep(),
    ])
    expect(await foundIn(saves)).toEqual([])
  })
  test('stay off when two sections keep how they were in one local', async () => {
    const run = procedure('run', { flags: 0 }, [
      spin_lock_irqsave(s, 'flags'),
      spin_lock_irqsave(t, 'flags'),
      spin_unlock_irqrestore(t, 'flags'),
      spin_unlock_irqrestore(s, 'flags'),
    ])
    expect(await foundIn(run)).toEqual([['run left IRQs disabled']])
  })
  test('may be switched on with another lock than they were switched off with', async () => {
    const run = procedure('run', [spin_lock_irq(s), spin_lock(t), spin_unlock(s), spin_unlock_irq(t), might_sleep()])
    expect(await foundIn(run)).toEqual([])
  })
})

test('a spinlock under a raw one is a wait in the wrong context, and the other way round is none', async () => {
  expect(await found([raw_spin_lock(raw), spin_lock(s), spin_unlock(s), raw_spin_unlock(raw)])).toEqual([
    'Invalid wait context: s under raw',
  ])
  expect(await found([spin_lock(s), raw_spin_lock(raw), raw_spin_unlock(raw), spin_unlock(s)])).toEqual([])
})

test('a lock that a thread returns with is told, with what it has left of preempt_count', async () => {
  const run = procedure('run', [spin_lock(s), preempt_disable()])
  expect(await foundIn(run)).toEqual([['BUG: scheduling while atomic: run', 'preempt_count: 2; s held']])
})
