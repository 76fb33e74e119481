/** Lists and tables as data: whoever changes one races with others who do, and a plain reader with them; the words of RCU are for readers. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../index.ts'
import { toSystem } from '../../actors/running/system.ts'
import {
  idr_alloc,
  idr_find,
  idr_remove,
  kernel,
  kfree,
  kzalloc,
  list_add,
  list_add_rcu,
  list_add_tail,
  list_add_tail_rcu,
  list_del,
  list_del_rcu,
  list_empty,
  list_first_entry_or_null,
  list_first_or_null_rcu,
  list_for_each_entry,
  list_for_each_entry_rcu,
  list_head,
  object,
  pointer,
  procedure,
  rcu_read_lock,
  rcu_read_unlock,
  read,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  synchronize_rcu,
  when,
  write,
  xa_alloc,
  xa_erase,
  xa_load,
  xa_store,
  xarray,
  type Step,
} from '../../kernel/index.ts'
import { wrongIn } from '../../report/sides.ts'
import { makePage } from '../../report/style.ts'
import { tellTrace } from '../../report/text.ts'

const item = struct('item', { n: 0 })
const [one, two, three] = ['one', 'two', 'three'].map((name) => object(name, item, { n: 1 }))
const locals = { one: one!, two: two!, three: three!, it: pointer(item), n: 0, is: false }
type Steps = readonly Step<typeof locals>[]

const worldOf = (...threads: readonly Steps[]) =>
  kernel({
    threads: Object.fromEntries(threads.map((steps, n) => [`t${n}`, procedure(`p${n}`, locals, steps)] as const)),
  })

/** What a complete search finds, the same with and without reduction. */
async function found(...threads: readonly Steps[]): Promise<readonly string[]> {
  const titles = [true, false].map(async (reduction) => {
    const { exhaustive, findings } = await explore(worldOf(...threads), [], { reduction })
    expect(exhaustive).toBe(true)
    return findings.map(({ title }) => title).sort()
  })
  const [reduced, full] = await Promise.all(titles)
  expect(reduced).toEqual(full)
  return reduced!
}

const raced = ['data-race in p0 / p1']
const queue = list_head('queue')
const s = spinlock('s')
const under = (...steps: Steps): Steps => [spin_lock(s), ...steps, spin_unlock(s)]
const reading = (...steps: Steps): Steps => [rcu_read_lock(), ...steps, rcu_read_unlock()]

describe('a list', () => {
  const [adds, adds2] = [list_add('one', queue), list_add_tail('two', queue)]
  const [publishes, publishes2] = [list_add_rcu('one', queue), list_add_tail_rcu('two', queue)]
  const walks: Steps = [list_for_each_entry('it', queue, [])]
  const walksRcu = reading(list_for_each_entry_rcu('it', queue, []))
  test.each([
    ['two who add', [adds], [adds2], raced],
    ['two who add under a lock', under(adds), under(adds2), []],
    ['one under a lock, and one who is not', under(adds), [adds2], raced],
    ['one who adds and one who walks', [adds], walks, raced],
    ['two who walk', walks, walks, []],
    ['one who adds and one who looks whether it is empty', [adds], [list_empty(queue, 'is')], []],
    ['one who adds and one who takes the first', [adds], [list_first_entry_or_null(queue, 'it')], []],
    ['one who publishes and one who walks as a reader', [publishes], walksRcu, []],
    [
      'one who publishes and one who takes the first as a reader',
      [publishes],
      reading(list_first_or_null_rcu(queue, 'it')),
      [],
    ],
    ['one who publishes and one who walks plainly', [publishes], walks, raced],
    ['two who publish', [publishes], [publishes2], raced],
    ['two who publish under a lock, beside a reader', under(publishes), under(publishes2), []],
  ] satisfies [string, Steps, Steps, readonly string[]][])('%s', async (_, first, second, titles) => {
    expect(await found(first, second)).toEqual(titles)
  })

  test('one who takes an entry off, while another walks', async () => {
    const off = [adds, list_del('one', queue)]
    expect(await found(off, walks)).toEqual([...raced, 'general protection fault in p1: LIST_POISON1'])
    expect(await found(under(...off), under(...walks))).toEqual([])
  })

  test('who finds an entry that was published finds all that was written to it before; else nothing says so', async () => {
    const fills = write<typeof locals, 'one->n'>('one->n', 7)
    const looks = (...first: Steps): Steps => [...first, when('it', [read('it->n', 'n')])]
    expect(await found([fills, publishes], reading(...looks(list_first_or_null_rcu(queue, 'it'))))).toEqual([])
    expect(await found([fills, adds], reading(...looks(list_first_or_null_rcu(queue, 'it'))))).toEqual(raced)
    expect(await found([fills, publishes], looks(list_first_entry_or_null(queue, 'it')))).toEqual(raced)
  })

  test('is walked by readers of RCU alone, where that is what it says', async () => {
    expect(await found([list_for_each_entry_rcu('it', queue, [])])).toEqual([
      'suspicious RCU usage: suspicious rcu_dereference_check() usage',
    ])
  })

  test('who stands at an entry that list_del_rcu took off goes on to the next one; freed it is when he is through', async () => {
    const fill = (steps: Steps): Steps => [
      kzalloc(item, 'it'),
      list_add_rcu('it', queue),
      list_add_rcu('one', queue),
      ...steps,
    ]
    const walk = reading(list_for_each_entry_rcu('it', queue, [read('it->n', 'n')]))
    const drops = (...waits: Steps): Steps => fill([list_del_rcu('it', queue), ...waits, kfree('it')])
    expect(await found(drops(synchronize_rcu()), walk)).toEqual([])
    expect(await found(drops(), walk)).toContain('use-after-free in p1')
    expect(await found(fill([list_del_rcu('one', queue)]), walk)).toEqual([])
  })

  test('is told in KCSAN’s words, with both sides', async () => {
    const system = toSystem(worldOf([adds], walks))
    const { findings } = await explore(system, [])
    expect(findings[0]!.objects).toEqual(['queue'])
    const trace = replay(system, findings[0]!.schedule)
    const log = tellTrace(trace, makePage({ columns: 80 }), { address: 'lists@0:0', wrong: wrongIn(trace) })
    expect(log).toMatch(/^BUG: KCSAN: data-race in p0 \/ p1$/m)
    expect(log).toMatch(/^read to queue of 8 bytes by task t1/m)
    expect(log).toMatch(/^write to queue of 8 bytes by task t0/m)
  })
})

describe('a table', () => {
  const table = xarray('table')
  test('xa_store and its kind are under a lock of its own', async () => {
    expect(await found([xa_store(table, 1, 'one'), xa_erase(table, 1)], [xa_alloc(table, 'two', 'n')])).toEqual([])
    expect(await found([xa_store(table, 1, 'one')], [xa_load(table, 1, 'it')])).toEqual([])
  })

  test('an idr has none: two who change it race, who looks does not', async () => {
    expect(await found([idr_alloc(table, 'one', 'n')], [idr_alloc(table, 'two', 'n')])).toEqual(raced)
    expect(await found([idr_alloc(table, 'one', 'n')], [idr_remove(table, 3)])).toEqual(raced)
    expect(await found(under(idr_alloc(table, 'one', 'n')), under(idr_alloc(table, 'two', 'n')))).toEqual([])
    expect(await found([idr_alloc(table, 'one', 'n')], [idr_find(table, 0, 'it')])).toEqual([])
  })
})
