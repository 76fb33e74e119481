/** Interrupts: they come to a processor at any moment when they are on there, and what they interrupt goes on afterwards. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  call,
  complete,
  completion,
  disable_irq,
  disable_irq_nosync,
  enable_irq,
  field,
  free_irq,
  kernel,
  kfree,
  local_irq_disable,
  local_irq_enable,
  local_irq_restore,
  local_irq_save,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  preempt_disable,
  preempt_enable,
  procedure,
  read,
  READ_ONCE,
  ret,
  sometimes,
  spin_lock,
  spin_lock_irq,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_irq,
  spin_unlock_irqrestore,
  spinlock,
  struct,
  synchronize_irq,
  wait_for_completion,
  write,
  WRITE_ONCE,
  type Interrupt,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

const [s, t, m, x] = [spinlock('s'), spinlock('t'), mutex('m'), field('x', 0)]
const usage = 'inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage of s'
const hangs = 'deadlock at cpu0 and s'

/** One thread on a processor to which one interrupt comes. */
const world = (thread: Procedure, handler: Procedure, more: Partial<Interrupt> = {}) =>
  kernel({ threads: { a: { run: thread, on: 'cpu0' } }, interrupts: { nic: { on: 'cpu0', handler, ...more } } })

const look = async (...[thread, handler, more]: Parameters<typeof world>) => {
  const { findings, exhaustive, states } = await explore(world(thread, handler, more))
  expect(exhaustive).toBe(true)
  return [states, findings.map(({ title }) => title)]
}
const titles = async (...what: Parameters<typeof world>) => (await look(...what))[1]
const steps = (name: string, ...all: readonly Step[]) => procedure(name, all)
const takes = steps('takes', spin_lock(s), spin_unlock(s))

describe('a handler that takes the lock of the thread it interrupts', () => {
  test('hangs on it for ever', async () => {
    expect(await look(steps('run', spin_lock(s), spin_unlock(s)), takes)).toEqual([38, [usage, hangs]])
  })
  test('does not come while the thread has interrupts off', async () => {
    expect(await look(steps('run', spin_lock_irq(s), spin_unlock_irq(s)), takes)).toEqual([28, []])
    const saves = procedure('run', { flags: 0 }, [spin_lock_irqsave(s, 'flags'), spin_unlock_irqrestore(s, 'flags')])
    expect(await look(saves, takes)).toEqual([28, []])
  })
  test('comes after all where a callee has switched them on for a caller who had them off', async () => {
    const inner = steps('inner', spin_lock(t), spin_unlock_irq(t))
    const outer = procedure('outer', { flags: 0 }, [
      spin_lock_irqsave(s, 'flags'),
      call(inner),
      spin_unlock_irqrestore(s, 'flags'),
    ])
    expect(await look(outer, takes)).toEqual([
      33,
      [
        'interrupts enabled unexpectedly in inner: spin_unlock_irq(t)',
        hangs,
        usage,
        'raw_local_irq_restore() called with IRQs enabled in outer',
      ],
    ])
  })
  test('on another processor only waits for it, and lockdep tells it all the same', async () => {
    const run = steps('run', spin_lock(s), spin_unlock(s))
    const both = kernel({
      threads: { a: { run, on: 'cpu1' } },
      interrupts: { nic: { on: 'cpu0', handler: takes } },
    })
    const { findings, states } = await explore(both)
    expect([states, findings.map(({ title }) => title)]).toEqual([10, [usage]])
    expect(findings.map(({ judged }) => judged?.verdict)).toEqual(['refuted'])
  })
})

test('a lock that a handler takes, under which another is taken that is taken with interrupts on, is told as a chain', async () => {
  const run = steps('run', spin_lock_irq(s), spin_lock(t), spin_unlock(t), spin_unlock_irq(s))
  const other = steps('other', spin_lock(t), spin_unlock(t))
  const { findings } = await explore(
    kernel({
      threads: { a: run, b: { run: other, on: 'cpu0' } },
      interrupts: { nic: { on: 'cpu0', handler: takes } },
    }),
  )
  expect(findings.map(({ title }) => title)).toEqual([
    'HARDIRQ-safe -> HARDIRQ-unsafe lock order s → t',
    'deadlock at cpu0 and s and t',
  ])
})

describe('a handler', () => {
  const flips = steps('flips', write(x, 1), write(x, 2))
  test('is never seen half done by what it interrupts, and by others is', async () => {
    const looks = procedure('looks', { v: 0 }, [READ_ONCE(x, 'v'), ret(({ v }) => v)])
    const { properties } = await explore(
      kernel({
        threads: { a: { run: looks, on: 'cpu0' }, b: looks },
        interrupts: { nic: { on: 'cpu0', handler: flips } },
      }),
      [
        always('whole', (w) => w.thread('a').returned !== 1),
        sometimes('before', (w) => w.thread('a').returned === 0),
        sometimes('after', (w) => w.thread('a').returned === 2),
        sometimes('half', (w) => w.thread('b').returned === 1),
      ],
    )
    expect(properties.map(({ verdict }) => verdict)).toEqual(['holds', 'seen', 'seen', 'seen'])
  })
  test('comes between two steps of a thread, and not between those with interrupts off', async () => {
    const twice = (...between: readonly Step[]) =>
      procedure('twice', { v: 0, w: 0 }, [READ_ONCE(x, 'v'), ...between, READ_ONCE(x, 'w'), ret(({ v, w }) => w - v)])
    const off = procedure('off', { v: 0, w: 0 }, [
      local_irq_disable(),
      READ_ONCE(x, 'v'),
      READ_ONCE(x, 'w'),
      local_irq_enable(),
      ret(({ v, w }) => w - v),
    ])
    const between = async (run: Procedure) =>
      (await explore(world(run, flips), [sometimes('between', (w) => w.thread('a').returned === 2)])).properties[0]!
        .verdict
    expect([await between(twice()), await between(off)]).toEqual(['seen', 'unseen'])
    // Between enabling and disabling again, too.
    const again = procedure('again', { v: 0, w: 0 }, [
      local_irq_disable(),
      READ_ONCE(x, 'v'),
      local_irq_enable(),
      local_irq_disable(),
      READ_ONCE(x, 'w'),
      local_irq_enable(),
      ret(({ v, w }) => w - v),
    ])
    expect(await between(again)).toBe('seen')
  })
  test('may not sleep, nor leave interrupts on or preemption off', async () => {
    const none = steps('none')
    expect(await titles(none, steps('p', mutex_lock(m), mutex_unlock(m)))).toEqual([
      'BUG: sleeping function called from invalid context in p: mutex_lock(m)',
    ])
    expect(await titles(none, steps('p', spin_lock_irq(s), spin_unlock_irq(s)))).toEqual([
      'irq handler p enabled interrupts',
    ])
    expect(await titles(none, steps('p', preempt_disable()))).toEqual(['irq handler p left preempt_count behind'])
    expect(await titles(none, procedure('p', { f: 0 }, [local_irq_save('f'), local_irq_restore('f')]))).toEqual([])
  })
  test('comes as often as is said, and comes when no thread is there to be interrupted', async () => {
    const counts = procedure('counts', { v: 0 }, [read(x, 'v'), write(x, ({ v }) => v + 1)])
    const { properties } = await explore(world(steps('none'), counts, { times: 3 }), [
      sometimes('three', (w) => w.finished && w.field('x') === 3),
      always('no more', (w) => w.field('x') < 4),
    ])
    expect(properties.map(({ verdict }) => verdict)).toEqual(['seen', 'holds'])
  })
  test('comes while a thread sleeps, and may be what it waits for', async () => {
    const done = completion('done')
    expect(await look(steps('run', wait_for_completion(done)), steps('p', complete(done)))).toEqual([17, []])
  })
})

describe('an interrupt that may come when what it uses is gone', () => {
  const dev = struct('dev', { irqs: 0 })
  const it = object('it', dev)
  const handler = procedure('handler', { dev: it, n: 0 }, [
    read('dev->irqs', 'n'),
    write('dev->irqs', ({ n }) => n + 1),
  ])
  const removes = (...before: readonly Step[]) => procedure('remove', { dev: it }, [...before, kfree('dev')])
  test.each<[string, readonly Step[], readonly string[]]>([
    ['does', [], ['use-after-free in handler']],
    ['does not once it is disabled', [disable_irq('nic')], []],
    ['does not once it is freed', [free_irq('nic')], []],
    [
      'does not while its handler is waited for, but comes later',
      [synchronize_irq('nic')],
      ['use-after-free in handler'],
    ],
    [
      'does on another processor, if nobody waits for the handler',
      [disable_irq_nosync('nic')],
      ['use-after-free in handler'],
    ],
    ['does not if somebody does', [disable_irq_nosync('nic'), synchronize_irq('nic')], []],
    ['does when it is enabled again', [disable_irq('nic'), enable_irq('nic')], ['use-after-free in handler']],
  ])('%s', async (_, before, titles) => {
    const { findings } = await explore(
      kernel({ threads: { a: removes(...before) }, interrupts: { nic: { on: 'cpu0', handler } } }),
    )
    expect(findings.map(({ title }) => title)).toEqual(titles)
  })
  test('is not waited for by its own handler', async () => {
    expect(await titles(steps('none'), steps('p', disable_irq('nic')))).toEqual([
      'BUG: sleeping function called from invalid context in p: disable_irq(nic)',
      'deadlock at cpu0',
    ])
    expect(await titles(steps('none'), steps('p', disable_irq_nosync('nic')))).toEqual([])
  })
  test('is waited for under a lock that its handler wants: a deadlock', async () => {
    const run = steps('run', spin_lock_irq(s), synchronize_irq('nic'), spin_unlock_irq(s))
    const { findings } = await explore(
      kernel({ threads: { a: run }, interrupts: { nic: { on: 'cpu0', handler: takes } } }),
    )
    expect(findings.map(({ title }) => title)).toEqual([
      'BUG: sleeping function called from invalid context in run: synchronize_irq(nic)',
      'deadlock at cpu0 and s',
    ])
  })
})

describe('what a handler leaves to a thread', () => {
  const wakes = steps('wakes', ret('IRQ_WAKE_THREAD'))
  const does = steps('does', mutex_lock(m), WRITE_ONCE(x, 1), mutex_unlock(m))
  test('may sleep, and is done if the handler says so', async () => {
    const claim = [sometimes('done', (w) => w.field('x') === 1)]
    const done = await explore(world(steps('none'), wakes, { thread: does }), claim)
    expect([done.findings, done.properties[0]!.verdict]).toEqual([[], 'seen'])
    const not = await explore(world(steps('none'), steps('handles', ret('IRQ_HANDLED')), { thread: does }), claim)
    expect(not.properties[0]!.verdict).toBe('unseen')
  })
  test('is waited for by whoever frees the interrupt, under a lock that it wants: a deadlock', async () => {
    const removes = steps('removes', mutex_lock(m), free_irq('nic'), mutex_unlock(m))
    const { findings } = await explore(
      kernel({ threads: { a: removes }, interrupts: { nic: { on: 'cpu0', handler: wakes, thread: does } } }),
    )
    expect(findings.map(({ title }) => title)).toEqual(['deadlock at cpu0 and m'])
  })
})

test('two threads of one processor: preemption off keeps the other out', async () => {
  const half = (...[off, on]: readonly (readonly Step[])[]) => [...off!, WRITE_ONCE(x, 1), WRITE_ONCE(x, 2), ...on!]
  const looks = procedure('looks', { v: 0 }, [READ_ONCE(x, 'v'), ret(({ v }) => v)])
  const verdict = async (...writes: readonly Step[]) => {
    const { properties } = await explore(
      kernel({ threads: { a: { run: steps('w', ...writes), on: 'cpu0' }, b: { run: looks, on: 'cpu0' } } }),
      [sometimes('half', (w) => w.thread('b').returned === 1), sometimes('whole', (w) => w.thread('b').returned === 2)],
    )
    return properties.map((each) => each.verdict)
  }
  expect(await verdict(...half([], []))).toEqual(['seen', 'seen'])
  expect(await verdict(...half([preempt_disable()], [preempt_enable()]))).toEqual(['unseen', 'seen'])
  expect(await verdict(...half([local_irq_disable()], [local_irq_enable()]))).toEqual(['unseen', 'seen'])
})

test('an interrupt that there is not is an error that says which there are', () => {
  expect(() => world(steps('run', disable_irq('nik')), takes)).toThrow(/no interrupt "nik". Did you mean "nic"\?/)
})
