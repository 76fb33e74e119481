/** Seqlocks, and rw_semaphores that are waited for until a signal comes, nested, or downgraded. */
import { describe, expect, test } from 'vitest'
import { always, explore } from '../../index.ts'
import {
  down_read,
  down_read_killable,
  down_write,
  down_write_killable,
  down_write_nested,
  downgrade_write,
  field,
  kernel,
  loop,
  object,
  procedure,
  read_seqbegin,
  read_seqretry,
  READ_ONCE,
  rw_semaphore,
  send_sig,
  seqlock_t,
  spin_lock_nested,
  spin_unlock,
  spinlock,
  struct,
  up_read,
  up_write,
  when,
  write_seqlock,
  write_seqlock_irqsave,
  write_sequnlock,
  write_sequnlock_irqrestore,
  WRITE_ONCE,
  type KernelDescription,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

const found = async (description: KernelDescription) => {
  const { findings, exhaustive } = await explore(kernel(description))
  expect(exhaustive).toBe(true)
  return findings.map(({ title }) => title)
}
const titles = (threads: Readonly<Record<string, Procedure>>) => found({ threads })

describe('a seqlock', () => {
  const sl = seqlock_t('sl')
  const [x, y] = [field('x', 0), field('y', 0)]
  const writes = procedure('writes', [write_seqlock(sl), WRITE_ONCE(x, 1), WRITE_ONCE(y, 1), write_sequnlock(sl)])
  const reads = procedure('reads', { seq: 0, again: true, a: 0, b: 0 }, [
    loop('again', [read_seqbegin(sl, 'seq'), READ_ONCE(x, 'a'), READ_ONCE(y, 'b'), read_seqretry(sl, 'seq', 'again')]),
    WRITE_ONCE(field('same', true), ({ a, b }) => a === b),
  ])
  test('shows readers both or none, and keeps writers apart', async () => {
    const report = await explore(kernel({ threads: { r: reads, w1: writes, w2: writes } }), [
      always('both or none', (w) => w.field('same') === true),
    ])
    expect([report.exhaustive, report.findings, report.properties[0]!.verdict]).toEqual([true, [], 'holds'])
  })
  test('hangs where a handler reads it that has interrupted who writes', async () => {
    const handler = procedure('handler', { seq: 0 }, [read_seqbegin(sl, 'seq')])
    const saves = procedure('saves', { flags: 0 }, [
      write_seqlock_irqsave(sl, 'flags'),
      write_sequnlock_irqrestore(sl, 'flags'),
    ])
    const world = (run: Procedure) => ({
      threads: { a: { run, on: 'cpu0' } },
      interrupts: { nic: { on: 'cpu0', handler } },
    })
    expect(await found(world(writes))).toContain('deadlock at cpu0 and sl.seqcount')
    expect(await found(world(saves))).toEqual([])
  })
  test('may be a member of a struct', async () => {
    const dev = struct('dev', { lock: seqlock_t(), n: 0 })
    const d = { d: object('first', dev) }
    const both = procedure('both', d, [write_seqlock('d->lock'), write_seqlock('d->lock')])
    expect(await titles({ a: both })).toContain('deadlock at first.lock.lock')
  })
})

describe('an rw_semaphore', () => {
  const sem = rw_semaphore('sem')
  const steps = (name: string, ...all: readonly Step[]) => procedure(name, all)
  test.each([
    ['a reader', down_read(sem), 'reads'],
    ['a writer', down_write(sem), 'writes'],
  ])('held for good by %s is waited for until a signal comes', async (_, holds) => {
    const keeps = steps('keeps', holds)
    const writer = procedure('writer', { r: 0 }, [
      down_write_killable(sem, 'r'),
      when(({ r }) => r === 0, [up_write(sem)]),
    ])
    const kills = steps('kills', send_sig('SIGKILL', 'b'))
    expect(await titles({ a: keeps, b: writer })).toEqual(['deadlock at sem'])
    expect(await titles({ a: keeps, b: writer, c: kills })).toEqual([])
  })
  test('lets later readers in again when the writer before them is killed', async () => {
    const keeps = steps('keeps', down_read(sem))
    const writer = procedure('writer', { r: 0 }, [
      down_write_killable(sem, 'r'),
      when(({ r }) => r === 0, [up_write(sem)]),
    ])
    const reader = procedure('reader', { r: 0 }, [down_read_killable(sem, 'r'), up_read(sem)])
    expect(await titles({ a: keeps, b: writer, d: reader })).toEqual(['deadlock at sem'])
    expect(await titles({ a: keeps, b: writer, c: steps('kills', send_sig('SIGKILL', 'b')), d: reader })).toEqual([])
  })
  test('that is downgraded lets readers in, and no writer', async () => {
    const keeps = steps('keeps', down_write(sem), downgrade_write(sem))
    expect(await titles({ a: keeps, b: steps('reads', down_read(sem), up_read(sem)) })).toEqual([])
    expect(await titles({ a: keeps, b: steps('writes', down_write(sem), up_write(sem)) })).toEqual(['deadlock at sem'])
    expect(await titles({ a: steps('strays', downgrade_write(sem)) })).toEqual([
      'unlock of sem by a task that does not hold it',
    ])
  })
  test('of one class is taken under another by who says so', async () => {
    const node = struct('node', { sem: rw_semaphore(), lock: spinlock() })
    const [p, c] = [object('parent', node), object('child', node)]
    const l = { p, c }
    const plain = procedure('plain', l, [
      down_write('p->sem'),
      down_write('c->sem'),
      up_write('c->sem'),
      up_write('p->sem'),
    ])
    const says = procedure('says', l, [
      down_write('p->sem'),
      down_write_nested('c->sem', 1),
      up_write('c->sem'),
      up_write('p->sem'),
      spin_lock_nested('p->lock', 0),
      spin_lock_nested('c->lock', 1),
      spin_unlock('c->lock'),
      spin_unlock('p->lock'),
    ])
    expect(await titles({ a: plain })).toEqual(['recursive locking of node->sem'])
    expect(await titles({ a: says })).toEqual([])
  })
})
