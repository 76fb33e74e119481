/** RCU and SRCU: readers never wait, and whoever frees does. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../index.ts'
import {
  call_rcu,
  call_srcu,
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
  rcu_assign_pointer,
  rcu_barrier,
  rcu_dereference,
  rcu_dereference_protected,
  rcu_head,
  rcu_read_lock,
  rcu_read_unlock,
  read,
  READ_ONCE,
  srcu_barrier,
  srcu_read_lock,
  srcu_read_unlock,
  srcu_struct,
  struct,
  synchronize_rcu,
  synchronize_srcu,
  when,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'
import { found } from './find.ts'

const domain = srcu_struct('domain')
const m = mutex('m')
const item = struct('item', { rcu: rcu_head(), srcu: rcu_head({ on: domain }), n: 0 })
const first = object('first', item)
const it = pointer(item)
type Item = typeof it
const current = field<Item>('current', first)

const titles = async (threads: Readonly<Record<string, Procedure | readonly Procedure[]>>) => {
  const report = await explore(kernel({ threads }))
  expect(report).toMatchObject({ exhaustive: true, reduction: 'on' })
  return report.findings.map(({ title }) => title).sort()
}

const reader = procedure('reader', { it, n: 0 }, [
  rcu_read_lock(),
  rcu_dereference(current, 'it'),
  when('it', [read('it->n', 'n')]),
  rcu_read_unlock(),
])
const frees = procedure('frees', { it }, [kfree('it')])
const remove = (...free: readonly Step<{ it: Item }>[]) =>
  procedure('remove', { it }, [rcu_dereference_protected(current, 'it'), rcu_assign_pointer(current, null), ...free])

describe('what a reader may have found', () => {
  test('is freed under his hands, if nobody waits for him', async () => {
    expect(await titles({ a: reader, b: remove(kfree('it')) })).toEqual(['use-after-free in reader'])
  })
  test.each([
    ['synchronize_rcu', [synchronize_rcu(), kfree('it')]],
    ['call_rcu', [call_rcu('it->rcu', frees)]],
    ['kfree_rcu', [kfree_rcu('it', 'rcu')]],
  ] as readonly (readonly [string, readonly Step<{ it: Item }>[]])[])('is not after %s', async (_, free) => {
    expect(await titles({ a: reader, b: remove(...free) })).toEqual([])
  })
  test('is after synchronize_rcu, if it can be found still', async () => {
    const late = procedure('late', { it }, [
      rcu_dereference_protected(current, 'it'),
      synchronize_rcu(),
      rcu_assign_pointer(current, null),
      kfree('it'),
    ])
    expect(await titles({ a: reader, b: late })).toEqual(['use-after-free in reader'])
  })
  test('must be looked for by a reader', async () => {
    const looks = procedure('looks', { it }, [rcu_dereference(current, 'it')])
    expect(await titles({ a: looks })).toEqual(['suspicious RCU usage: suspicious rcu_dereference_check() usage'])
  })
  test('costs little to look at in every order', async () => {
    const world = kernel({ threads: { a: reader, b: remove(synchronize_rcu(), kfree('it')) } })
    const [reduced, full] = [await explore(world), await explore(world, [], { reduction: false })]
    expect([reduced.states, full.states]).toEqual([39, 231])
  })
})

describe('a callback', () => {
  test('that is queued twice by one head is told of', async () => {
    expect(await titles({ b: remove(call_rcu('it->rcu', frees), call_rcu('it->rcu', frees)) })).toContain(
      'ODEBUG: activate active (active state 1) object type: rcu_head',
    )
  })
  test('that is queued by an object which is freed otherwise is told of, and comes to nothing', async () => {
    expect(await titles({ b: remove(call_rcu('it->rcu', frees), kfree('it')) })).toEqual([
      'ODEBUG: free active (active state 1) object type: rcu_head',
      'double-free in frees',
      'double-free in remove',
    ])
  })
  test('is over after rcu_barrier, and not after synchronize_rcu', async () => {
    const code = object('code', struct('module', { n: 0 }))
    const uses = procedure('uses', { it, code, n: 0 }, [read('code->n', 'n'), kfree('it')])
    const unload = (wait: Step) =>
      procedure('unload', { it, code }, [
        rcu_dereference_protected(current, 'it'),
        rcu_assign_pointer(current, null),
        call_rcu('it->rcu', uses),
        wait,
        kfree('code'),
      ])
    expect(await titles({ a: unload(rcu_barrier()) })).toEqual([])
    expect(await titles({ a: unload(synchronize_rcu()) })).toEqual(['use-after-free in uses'])
  })
})

describe('who waits for readers', () => {
  test('while he is one waits for himself', async () => {
    expect([...(await found([rcu_read_lock(), synchronize_rcu(), rcu_read_unlock()]))].sort()).toEqual([
      'BUG: sleeping function called from invalid context in p0: synchronize_rcu()',
      'deadlock at rcu',
      'recursive locking of rcu',
      'suspicious RCU usage: Illegal synchronize_rcu() in RCU read-side critical section',
    ])
  })
  test('of SRCU with a lock in his hand that a reader wants: a circle of two', async () => {
    const reads = procedure('reads', [srcu_read_lock(domain), mutex_lock(m), mutex_unlock(m), srcu_read_unlock(domain)])
    const waits = procedure('waits', [mutex_lock(m), synchronize_srcu(domain), mutex_unlock(m)])
    const world = kernel({ threads: { a: reads, b: waits } })
    const { findings } = await explore(world)
    expect(findings.map(({ title, judged }) => [title, judged?.verdict])).toEqual([
      ['lock order domain → m → domain', 'confirmed'],
      ['deadlock at domain and m', undefined],
    ])
    const { waiting } = replay(world, findings[1]!.schedule)
    expect(waiting.map(({ thread, on }) => [thread, on])).toEqual([
      ['a', ['b']],
      ['b', ['a']],
    ])
  })
  test('does not wait for those who come later', async () => {
    const reads = [srcu_read_lock(domain), srcu_read_unlock(domain)]
    expect(await found([...reads, ...reads], [synchronize_srcu(domain)], reads)).toEqual([])
  })
})

test('an SRCU domain has callbacks and a barrier of its own', async () => {
  const reads = procedure('reads', { it, n: 0 }, [
    srcu_read_lock(domain),
    READ_ONCE(current, 'it'),
    when('it', [read('it->n', 'n')]),
    srcu_read_unlock(domain),
  ])
  const removes = remove(call_srcu(domain, 'it->srcu', frees), srcu_barrier(domain))
  expect(await titles({ a: reads, b: removes })).toEqual([])
  // Whoever waits for other readers waits for nobody.
  expect(await titles({ a: reads, b: remove(call_rcu('it->rcu', frees)) })).toEqual(['use-after-free in reads'])
})
